import type { Target } from "../target.ts";
import { structure } from "./structure.ts";
import { yao2024 } from "./yao2024.ts";

/** SynSense's Speck 2: nine convolution cores that differ in memory, around a router. */
export const speck2: Target = { ...structure, profiles: [yao2024], defaultProfile: yao2024.name };
