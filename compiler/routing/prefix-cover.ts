/** Keys that agree above their `bits` lowest bits, and what a router does with them. Key and size in 32 bits. */
export interface KeyBlock {
  /** Its `bits` lowest bits are 0. */
  readonly key: number;
  readonly bits: number;
  readonly action: number;
  /** Whether the router does the same without an entry. */
  readonly free: boolean;
}

/** A block of keys as a table holds it; of several that hold a key, the one of fewest bits counts. */
export interface TableEntry {
  readonly key: number;
  readonly bits: number;
  readonly action: number;
}

/** A block or two halves of blocks, with the numbers of entries that it takes. */
interface Node {
  readonly key: number;
  readonly bits: number;
  /** Entries inside, if one of the `best` actions is what an entry around says. */
  readonly entries: number;
  /** Ascending. With any other action around, it takes one entry more. */
  readonly best: readonly number[];
  /** Entries inside, if there is no entry around. */
  readonly bare: number;
  readonly halves: readonly [Node, Node] | undefined;
}

/**
 * The fewest entries that tell given blocks apart, where an entry is a block of keys itself. Keys that are in none of the
 * blocks never come: an entry may say of them whatever it likes.
 *
 * After Draves, King, Venkatachary and Zill, "Constructing optimal IP routing tables" (1999), with keys that never come
 * and with actions that need no entry.
 *
 * @param blocks apart from each other, ascending
 * @returns those of fewest bits first, as a table that takes the first match wants them
 */
export function coverByPrefixes(blocks: readonly KeyBlock[]): TableEntry[] {
  const entries: TableEntry[] = [];
  if (blocks.length > 0) emit(build(blocks, 0, blocks.length), undefined, entries);
  return entries.sort((a, b) => a.bits - b.bits || a.key - b.key);
}

function build(blocks: readonly KeyBlock[], from: number, to: number): Node {
  const { key, bits, action, free } = blocks[from];
  if (to - from === 1)
    return { key, bits, entries: 0, best: [action], bare: free ? 0 : 1, halves: undefined };
  // Where the first and the last part company, the others do as well.
  const split = 31 - Math.clz32(key ^ blocks[to - 1].key);
  let middle = from + 1;
  for (let above = to; middle < above;) {
    const probe = (middle + above) >> 1;
    if ((blocks[probe].key >>> split) & 1) above = probe;
    else middle = probe + 1;
  }
  const low = build(blocks, from, middle);
  const high = build(blocks, middle, to);
  const common = low.best.filter((choice) => high.best.includes(choice));
  const agree = common.length > 0;
  const entries = low.entries + high.entries + (agree ? 0 : 1);
  const best = agree ? common : [...new Set([...low.best, ...high.best])].sort((a, b) => a - b);
  return {
    key: clearLow(key, split + 1),
    bits: split + 1,
    entries,
    best,
    bare: Math.min(low.bare + high.bare, 1 + entries),
    halves: [low, high],
  };
}

/** @param around action of the entry around; undefined if there is none */
function emit(node: Node, around: number | undefined, into: TableEntry[]): void {
  const { key, bits, best, halves } = node;
  let action = around;
  const needed =
    around === undefined
      ? halves === undefined
        ? node.bare > 0
        : halves[0].bare + halves[1].bare > node.entries + 1
      : !best.includes(around);
  if (needed) {
    action = best[0];
    into.push({ key, bits, action });
  }
  halves?.forEach((half) => emit(half, action, into));
}

function clearLow(key: number, bits: number): number {
  return bits >= 32 ? 0 : ((key >>> bits) << bits) >>> 0;
}
