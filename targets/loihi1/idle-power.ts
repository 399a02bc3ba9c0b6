import type { Profile } from "../target.ts";

/**
 * Power of a chip that does nothing, as measured on boards. No profile's fit contains it, so it belongs
 * to both and is reported on a line of its own, with its own evidence.
 */
export const IDLE_POWER: Profile["staticPower"] = {
  chip: {
    value: 104.4,
    unit: "mW",
    evidence: "measured",
    scope: "floor",
    src: ["frady2020"],
    note: "3.34 W of 32 idle chips, divided by 32; about 65 mW of it are the three x86 processors",
  },
  core: {
    value: 0.815,
    unit: "mW",
    evidence: "measured",
    bound: "max",
    scope: "floor",
    src: ["frady2020"],
    note: "idle chip power divided by 128 cores: an upper bound, because it still holds the x86 processors' share",
  },
  io: null,
};
