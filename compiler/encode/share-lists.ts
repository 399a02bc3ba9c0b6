import type { CoreLists } from "./core-lists.ts";

/** Which input axons of a core point to one stored list. */
export interface SharedLists {
  /** `[axons]`: number of the list in memory; numbers ascend with the first axon of each list. */
  readonly listOf: Uint32Array;
  /** `[lists]`: the first axon of each. */
  readonly firstAxon: readonly number[];
}

/**
 * Stores equal lists once: axons whose entries agree in projection and weight, and whose targets all differ by one and the
 * same shift. An axon reaches its targets by a base that is added to the stored ones, so lists that are shifted by more than
 * `maxBase` against one another need another copy. The fewest copies: windows from the least shift on. O(entries).
 *
 * @param hash equal for equal lists; any other pair may only cost time
 */
export function shareLists(
  lists: CoreLists,
  maxBase: number,
  hash: (lists: CoreLists, axon: number) => number = hashOf,
): SharedLists {
  const axons = lists.sourceNeuron.length;
  /** Axons of equal lists, the first of each class by hash. */
  const byHash = new Map<number, number[][]>();
  const classes: number[][] = [];
  for (let axon = 0; axon < axons; axon++) {
    const key = hash(lists, axon);
    let candidates = byHash.get(key);
    if (candidates === undefined) byHash.set(key, (candidates = []));
    const own = candidates.find(([first]) => areEqual(lists, first, axon));
    if (own !== undefined) own.push(axon);
    else {
      const begun = [axon];
      candidates.push(begun);
      classes.push(begun);
    }
  }
  const leaderOf = new Uint32Array(axons);
  for (const members of classes) {
    const byShift = members.map((axon) => ({ axon, first: firstTarget(lists, axon) }));
    byShift.sort((a, b) => a.first - b.first || a.axon - b.axon);
    for (let i = 0, start = 0; i < byShift.length; i++) {
      if (byShift[i].first - byShift[start].first > maxBase) start = i;
      leaderOf[byShift[i].axon] = byShift[start].axon;
    }
  }
  return numbered(leaderOf);
}

function numbered(leaderOf: Uint32Array): SharedLists {
  const listOf = new Uint32Array(leaderOf.length);
  const firstAxon: number[] = [];
  const numberOf = new Map<number, number>();
  leaderOf.forEach((leader, axon) => {
    let list = numberOf.get(leader);
    if (list === undefined) {
      numberOf.set(leader, (list = firstAxon.length));
      firstAxon.push(axon);
    }
    listOf[axon] = list;
  });
  return { listOf, firstAxon };
}

function firstTarget({ partStart, entryStart, target }: CoreLists, axon: number): number {
  return target[entryStart[partStart[axon]]];
}

const FNV_PRIME = 0x01000193;

function hashOf(lists: CoreLists, axon: number): number {
  const { partStart, partProjection, entryStart, target, weight } = lists;
  const shift = firstTarget(lists, axon);
  let hash = 0x811c9dc5;
  for (let part = partStart[axon]; part < partStart[axon + 1]; part++) {
    hash = Math.imul(hash ^ partProjection[part], FNV_PRIME);
    for (let i = entryStart[part]; i < entryStart[part + 1]; i++)
      hash = Math.imul(hash ^ ((target[i] - shift) * 512 + weight[i]), FNV_PRIME);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function areEqual(lists: CoreLists, a: number, b: number): boolean {
  const { partStart, partProjection, entryStart, target, weight } = lists;
  const parts = partStart[a + 1] - partStart[a];
  if (partStart[b + 1] - partStart[b] !== parts) return false;
  const shift = firstTarget(lists, b) - firstTarget(lists, a);
  for (let k = 0; k < parts; k++) {
    const [partA, partB] = [partStart[a] + k, partStart[b] + k];
    if (partProjection[partA] !== partProjection[partB]) return false;
    const [beginA, beginB] = [entryStart[partA], entryStart[partB]];
    const length = entryStart[partA + 1] - beginA;
    if (entryStart[partB + 1] - beginB !== length) return false;
    for (let i = 0; i < length; i++)
      if (weight[beginA + i] !== weight[beginB + i] || target[beginB + i] - target[beginA + i] !== shift)
        return false;
  }
  return true;
}
