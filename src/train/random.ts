/** A seeded stream whose state can be kept and put back (mulberry32, as in `#util/rng`). */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** 32 bits: all there is to save. */
  state(): number;
  restore(state: number): void;
}

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

/** A seed for one purpose out of several numbers (run seed, epoch, step, …): a hash, so that neighbours are unrelated. */
export function seedFrom(...parts: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part >>> 0), 0x01000193) >>> 0;
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
    hash = (hash ^ (hash >>> 12)) >>> 0;
  }
  return hash;
}
