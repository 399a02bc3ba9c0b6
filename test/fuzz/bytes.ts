// Damage that knows no format: what disks, networks and careless programs do to a file.
import type { Rng } from "#util/rng";

/** Bytes in, other bytes out; the input is left as it was. */
export type Mutator = (bytes: Uint8Array, rng: Rng) => Uint8Array | Promise<Uint8Array>;

/** Numbers at which arithmetic turns over. */
const EDGES = [
  0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
];

export const below = (rng: Rng, limit: number): number => Math.floor(rng() * limit);

export function pick<T>(rng: Rng, choices: readonly T[]): T {
  return choices[below(rng, choices.length)];
}

/** Writes an edge number of 1, 2, 4 or 8 bytes, or changes a byte a little, somewhere in [from, to). */
export function disturb(bytes: Uint8Array, rng: Rng, from = 0, to: number = bytes.length): void {
  if (to <= from) return;
  const at = from + below(rng, to - from);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = below(rng, 6);
  const edge = pick(rng, EDGES);
  if (kind === 0) bytes[at] ^= 1 << below(rng, 8);
  else if (kind === 1) bytes[at] += below(rng, 9) - 4;
  else if (kind === 2 && at + 2 <= to) view.setUint16(at, edge, true);
  else if (kind === 3 && at + 4 <= to) view.setUint32(at, edge, true);
  else if (kind === 4 && at + 8 <= to)
    view.setBigUint64(at, pick(rng, [BigInt(edge), 2n ** 63n, 2n ** 64n - 1n]), true);
  else bytes[at] = edge;
}

/** One to a few disturbances anywhere. */
export const flipBytes: Mutator = (bytes, rng) => {
  const copy = Uint8Array.from(bytes);
  for (let n = 1 + below(rng, 5); n > 0; n--) disturb(copy, rng);
  return copy;
};

/** Cut off, a piece cut out, a piece doubled, or a piece put in another's place. */
export const moveBlocks: Mutator = (bytes, rng) => {
  const [a, b] = [below(rng, bytes.length + 1), below(rng, bytes.length + 1)].toSorted((x, y) => x - y);
  const kind = below(rng, 4);
  if (kind === 0) return bytes.slice(0, a);
  if (kind === 1) return concat([bytes.subarray(0, a), bytes.subarray(b)]);
  if (kind === 2) return concat([bytes.subarray(0, b), bytes.subarray(Math.max(a, b - 4096))]);
  const copy = Uint8Array.from(bytes);
  copy.copyWithin(below(rng, bytes.length), a, Math.min(b, a + 512));
  return copy;
};

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
