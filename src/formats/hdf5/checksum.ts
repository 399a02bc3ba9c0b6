/**
 * Checksum of HDF5's metadata blocks.
 *
 * Source: B. Jenkins, "lookup3", `hashlittle` with initial value 0 (public domain, 2006).
 */
export function lookup3(bytes: Uint8Array): number {
  let a = (0xdeadbeef + bytes.length) | 0;
  let b = a;
  let c = a;
  const word = (at: number): number =>
    bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  let at = 0;
  let left = bytes.length;
  for (; left > 12; left -= 12, at += 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = ((a - c) ^ rotate(c, 4)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 6)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 8)) | 0;
    b = (b + a) | 0;
    a = ((a - c) ^ rotate(c, 16)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 19)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 4)) | 0;
    b = (b + a) | 0;
  }
  if (left === 0) return c >>> 0;
  // Bytes beyond the end read as undefined, which `|` and `<<` take for 0.
  a = (a + word(at)) | 0;
  b = (b + (left > 4 ? word(at + 4) : 0)) | 0;
  c = (c + (left > 8 ? word(at + 8) : 0)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/**
 * Checksum that the filter "fletcher32" appends to a chunk: 16-bit words, high byte first.
 *
 * Source: J. Fletcher, IEEE Trans. Commun. 30(1), 1982, modulo 65535.
 */
export function fletcher32(bytes: Uint8Array): number {
  let sum1 = 0;
  let sum2 = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum1 = (sum1 + ((bytes[i] << 8) | bytes[i + 1])) % 65_535;
    sum2 = (sum2 + sum1) % 65_535;
  }
  return ((sum2 << 16) | sum1) >>> 0;
}
