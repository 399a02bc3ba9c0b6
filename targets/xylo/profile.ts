import { PRICED_ACTIONS, type PricedAction, type Profile, type Quantity } from "../target.ts";

const none = Object.fromEntries(PRICED_ACTIONS.map((action) => [action, null])) as Record<PricedAction, null>;

/**
 * A Xylo profile: measured power while nothing happens, no energy per event (nobody published any), and the maker's law of cycles
 * at the clock of the development kit. The clock that a network needs is the one given times step time over the step of the
 * model: a step has to be done before the next begins.
 */
export function xyloProfile(
  facts: Pick<Profile, "name" | "target" | "title" | "staticPower"> & {
    readonly unpriced: readonly string[];
  },
): Profile {
  return {
    ...facts,
    kind: "documented",
    energy: none,
    time: none,
    barrier: [
      {
        tiles: 1,
        time: {
          value: 0,
          unit: "ns",
          evidence: "assumed",
          src: [],
          note: "one processor: nobody to wait for",
        },
      },
    ],
    law: "cycles",
    laws: {
      cycles: {
        cycleNs: {
          value: 20,
          unit: "ns",
          evidence: "documented",
          src: ["rockpool"],
          note: "50 MHz, the default; 6.25 to 250 MHz can be chosen",
        },
        inputs: { value: 16, unit: "count", evidence: "documented", src: ["rockpool"] },
      },
    },
    unpriced: ["energy per event: only whole-chip powers are published", ...facts.unpriced],
  };
}

/** A rail's or the chip's power, as measured by the maker. */
export function measuredPower(
  microwatts: number,
  note: string,
  src: readonly string[] = ["rockpool"],
): Quantity {
  return { value: microwatts, unit: "uW", evidence: "measured", scope: "floor", src, note };
}
