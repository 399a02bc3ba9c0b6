import type { Target } from "../target.ts";
import { hoppner2021 } from "./hoppner2021.ts";
import { structure } from "./structure.ts";

/** SpiNNaker 2: 152 ARM cores with 128 KB of SRAM each. */
export const spinnaker2: Target = {
  ...structure,
  profiles: [hoppner2021],
  defaultProfile: hoppner2021.name,
};
