import type { Target } from "../target.ts";
import { profilesOf } from "./profiles.ts";
import { loihi2NetxStructure, loihi2Structure } from "./structure.ts";

/** Intel's second Loihi by the limits that Intel has published: no wall of axons or routes. */
export const loihi2: Target = {
  ...loihi2Structure,
  profiles: profilesOf(loihi2Structure.name),
  defaultProfile: "candidate",
};

/** The same chip by the smaller capacities that the partitioner of netx counts with. */
export const loihi2Netx: Target = {
  ...loihi2NetxStructure,
  profiles: profilesOf(loihi2NetxStructure.name),
  defaultProfile: "candidate",
};
