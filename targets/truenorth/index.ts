import type { Target } from "../target.ts";
import { merolla2014 } from "./merolla2014.ts";
import { structure } from "./structure.ts";

/** IBM's TrueNorth: 4,096 cores of 256 neurons and 256 axons, one bit where they cross. */
export const truenorth: Target = {
  ...structure,
  profiles: [merolla2014],
  defaultProfile: merolla2014.name,
};
