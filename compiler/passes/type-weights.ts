// Weights as sums of a few numbers: what chips need whose neurons have one weight for each type of axon.

/** The numbers, one for each type, and which of them add up to each weight. */
export interface TypeWeights {
  readonly numbers: readonly number[];
  /** Bit t of an entry is set if number t is part of the sum. */
  readonly sumOf: ReadonlyMap<number, number>;
}

/**
 * The fewest numbers such that every weight is a sum of some of them: the weights themselves, some of them, or the bits of
 * their common unit (two's complement where the signs are mixed). Of equally many, those that make the shortest sums.
 *
 * Exact for all weights of `most` bits. The search over sums of weights is complete for up to three numbers; more of them
 * may exist that it does not see.
 *
 * @param weights other than 0, each once
 * @returns undefined if it would take more than `most`
 */
export function typeWeights(weights: readonly number[], most: number): TypeWeights | undefined {
  if (weights.length === 0) return { numbers: [], sumOf: new Map() };
  const candidates = [
    ...subsetsOf(weights, most),
    bitsOf(weights),
    bitsOf(weights.map((w) => -w)).map((n) => -n),
  ];
  let best: TypeWeights | undefined;
  let bestTerms = Infinity;
  for (const numbers of candidates) {
    if (numbers.length > most || numbers.length > (best?.numbers.length ?? Infinity)) continue;
    const sumOf = sums(numbers, weights);
    if (sumOf === undefined) continue;
    let terms = 0;
    for (const mask of sumOf.values()) terms += countBits(mask);
    if (best !== undefined && numbers.length === best.numbers.length && terms >= bestTerms) continue;
    best = { numbers, sumOf };
    bestTerms = terms;
  }
  return best;
}

/** Longest list of weights whose subsets are tried; longer ones go by their bits. */
const MOST_TRIED = 24;

/** Subsets of one to three weights, and all weights if they are few enough. */
function subsetsOf(weights: readonly number[], most: number): number[][] {
  const subsets: number[][] = [];
  if (weights.length <= most) subsets.push([...weights]);
  if (weights.length > MOST_TRIED) return subsets;
  weights.forEach((a, i) => {
    subsets.push([a]);
    weights.slice(i + 1).forEach((b, j) => {
      subsets.push([a, b]);
      for (const c of weights.slice(i + 1 + j + 1)) subsets.push([a, b, c]);
    });
  });
  return subsets;
}

/** Places of the binary numbers that the weights are in their common unit; the highest is negative if any weight is. */
function bitsOf(weights: readonly number[]): number[] {
  const unit = weights.reduce(commonDivisor);
  const highest = Math.max(0, ...weights) / unit;
  const lowest = Math.max(0, ...weights.map((w) => -w)) / unit;
  const above = highest === 0 ? 0 : Math.floor(Math.log2(highest)) + 1;
  const below = lowest === 0 ? 0 : Math.ceil(Math.log2(lowest));
  const places = Math.max(above, below);
  const positive = Array.from({ length: places }, (_, k) => unit * 2 ** k);
  return lowest === 0 ? positive : [-unit * 2 ** places, ...positive.reverse()];
}

function commonDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y > 0) [x, y] = [y, x % y];
  return x;
}

/** The shortest sum for each weight, or undefined if one of them has none. */
function sums(numbers: readonly number[], weights: readonly number[]): Map<number, number> | undefined {
  const shortest = new Map<number, number>();
  for (let mask = 1; mask < 2 ** numbers.length; mask++) {
    const sum = numbers.reduce((total, number, t) => total + (((mask >> t) & 1) === 1 ? number : 0), 0);
    const known = shortest.get(sum);
    if (known === undefined || countBits(mask) < countBits(known)) shortest.set(sum, mask);
  }
  const sumOf = new Map<number, number>();
  for (const weight of weights) {
    const mask = shortest.get(weight);
    if (mask === undefined) return undefined;
    sumOf.set(weight, mask);
  }
  return sumOf;
}

function countBits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
