import type { Target } from "../target.ts";
import { davies2018 } from "./davies2018.ts";
import { nahukuFit } from "./nahuku-fit.ts";
import { structure } from "./structure.ts";

/** Intel's first Loihi: 128 neurocores of 1,024 compartments and 128 KiB of synapse memory each. */
export const loihi1: Target = {
  ...structure,
  profiles: [nahukuFit, davies2018],
  defaultProfile: nahukuFit.name,
};
