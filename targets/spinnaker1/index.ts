import type { Target } from "../target.ts";
import { machinePower } from "./machine-power.ts";
import { structure } from "./structure.ts";

/** SpiNNaker: 18 ARM cores on a chip, synapses in a shared SDRAM, deadlines instead of walls. */
export const spinnaker1: Target = {
  ...structure,
  profiles: [machinePower],
  defaultProfile: machinePower.name,
};
