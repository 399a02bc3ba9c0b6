import type { Rng } from "#util/rng";

/** Puts a list into random order. */
export function shuffle(list: Uint32Array, rng: Rng): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(rng() * (i + 1));
    const other = list[i];
    list[i] = list[j];
    list[j] = other;
  }
}
