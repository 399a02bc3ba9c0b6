import type { Target } from "../target.ts";
import { frenkel2019, frenkel2019Incremental } from "./frenkel2019.ts";
import { structure } from "./structure.ts";

/** ODIN: 256 neurons and 64 k synapses of three bits on one core. */
export const odin: Target = {
  ...structure,
  profiles: [frenkel2019, frenkel2019Incremental],
  defaultProfile: frenkel2019.name,
};
