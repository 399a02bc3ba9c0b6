// Which groups stay, given how much each of them matters.
import { createChannelCounter } from "./counts.ts";
import type { ChannelGroups } from "./groups.ts";

export interface SelectionCall {
  readonly groups: ChannelGroups;
  /** `[groups]`, not negative; of frozen groups not read. */
  readonly scores: ArrayLike<number>;
  /** `[groups]`, 1: not to be touched, besides the frozen ones. */
  readonly held: Uint8Array;
  /** Groups of this score or less go. */
  readonly threshold: number;
  /** More go, by rising score, until no more than so many weights are left. */
  readonly maxWeights: number;
  /** Fewest live channels of a layer. */
  readonly minChannels: number;
}

export interface Selection {
  /** `[groups]`, 1: stays. */
  readonly live: Uint8Array;
  /** Weights after physical removal of the others. */
  readonly weights: number;
}

/** Walks up the scores (equal ones in order of number). A group without which a layer would have too few channels stays. */
export function selectGroups(call: SelectionCall): Selection {
  const { groups, scores, held, threshold, maxWeights, minChannels } = call;
  const counter = createChannelCounter(groups);
  const live = new Uint8Array(groups.groups.length).fill(1);
  let { weights } = counter.counts();
  const candidates = [...live.keys()]
    .filter((g) => !groups.groups[g].frozen && held[g] === 0)
    .toSorted((a, b) => scores[a] - scores[b] || a - b);
  for (const group of candidates) {
    if (scores[group] > threshold && weights <= maxWeights) break;
    if (!counter.mayRemove(group, minChannels)) continue;
    counter.remove(group);
    live[group] = 0;
    ({ weights } = counter.counts());
  }
  return { live, weights };
}
