import type { CompileOptions } from "../compile.ts";
import type { NetworkEdits } from "../edit/index.ts";
import type { QuantizeOptions } from "../passes/quantize.ts";

/** Everything that can be set otherwise to make a network fit, all of it options of the command line. */
export interface Settings
  extends
    Pick<CompileOptions, "packer" | "partitioner" | "effort" | "share" | "chips">,
    Pick<QuantizeOptions, "weightBits" | "decayLevels"> {
  /** Another chip, by name. */
  readonly target?: string;
  readonly edits?: NetworkEdits;
}

/**
 * What a change costs, smallest first: nothing but another way to map; more of the chip; some of the network's weights, or the way
 * its neurons reset; another chip.
 */
export const CHANGE_KINDS = ["mapping", "chips", "network", "target"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What a compilation with some settings gave. */
export type Trial = FittingTrial | { readonly fits: false; readonly findings: readonly Finding[] };

export interface FittingTrial {
  readonly fits: true;
  readonly cores: number;
  readonly chips: number;
  /** Root of the squared error of all weights over their squares, after rounding: 0 if nothing is lost. */
  readonly weightErrorShare: number;
}

/** The part of a diagnostic that a search goes by. */
export interface Finding {
  readonly code: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A change that was tried and makes the network fit. */
export interface FoundChange extends FittingTrial {
  readonly kind: ChangeKind;
  /** In words. */
  readonly text: string;
  /** All that has to be set, beside what was set already. */
  readonly settings: Settings;
}

/** Both together; lists of edits are joined. */
export function withSettings(base: Settings, more: Settings): Settings {
  if (base.edits === undefined || more.edits === undefined) return { ...base, ...more };
  const edits: NetworkEdits = {
    ...base.edits,
    ...more.edits,
    ...joined("prune", base.edits, more.edits),
    ...joined("channels", base.edits, more.edits),
    ...joined("split", base.edits, more.edits),
  };
  return { ...base, ...more, edits };
}

function joined<K extends "prune" | "channels" | "split">(
  key: K,
  first: NetworkEdits,
  second: NetworkEdits,
): Partial<Pick<NetworkEdits, K>> {
  const list = [...(first[key] ?? []), ...(second[key] ?? [])];
  return list.length === 0 ? {} : ({ [key]: list } as unknown as Pick<NetworkEdits, K>);
}
