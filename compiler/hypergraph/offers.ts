// What a node would save and take on every core that it shares nets with, as `Assignment.offersFor` fills it in.

/** Where words and axons are one number: words - AXON x axons. Exact up to 2^25 words and 2^27 axons. */
export const AXON = 2 ** 26;
/** Of such a number, the axons; what is left of it is words. */
export function sharedAxons(takes: number): number {
  return -Math.round(takes / AXON);
}

/** What the offers say of one core. */
export function offerAt(
  { gain, takes, leaving, allAxons, allWords }: Offers,
  core: number,
): { readonly saves: number; readonly axonsIn: number; readonly words: number } {
  const shared = sharedAxons(takes[core]);
  return {
    saves: gain[core] + leaving,
    axonsIn: allAxons - shared,
    words: allWords + takes[core] + AXON * shared,
  };
}

/** Entries by core, for those listed: gain[c] + leaving is what a move to c saves; `offerAt` says what it takes there. */
export interface Offers {
  listed: number;
  readonly core: Uint16Array;
  readonly gain: Float64Array;
  /** Against a core that has none of the node's axons: what those take less that are there already, as words - AXON x axons. */
  readonly takes: Float64Array;
  readonly isListed: Uint8Array;
  /** Sources that have no output entry left: the node can only go where they all send to already. */
  strict: number;
  /** How many of those send to a core. */
  readonly reached: Uint32Array;
  leaving: number;
  allAxons: number;
  allWords: number;
  /** Output entries of the node, which move with it. */
  outAxons: number;
}

export function createOffers(cores: number): Offers {
  return {
    listed: 0,
    core: new Uint16Array(cores),
    gain: new Float64Array(cores),
    takes: new Float64Array(cores),
    isListed: new Uint8Array(cores),
    strict: 0,
    reached: new Uint32Array(cores),
    leaving: 0,
    allAxons: 0,
    allWords: 0,
    outAxons: 0,
  };
}
