export { createRandom, type Random } from "#util/rng";

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
