/** A source of numbers in [0, 1). Same seed, same numbers, on every machine. */
export type Rng = () => number;

/** A seeded stream whose state can be kept and put back. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** 32 bits: all there is to save. */
  state(): number;
  restore(state: number): void;
}

/**
 * Seeded generator "mulberry32": 32 bits of state, period 2^32; for sampling, not for secrets.
 *
 * Source: T. Ettinger, public domain (gist "mulberry32", 2017).
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
    state: () => state,
    restore: (saved) => {
      state = saved >>> 0;
    },
  };
}

/** The numbers of `createRandom` alone. */
export function createRng(seed: number): Rng {
  return createRandom(seed).next;
}
