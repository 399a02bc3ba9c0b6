/**
 * Widens half-precision numbers (IEEE 754 binary16) exactly.
 *
 * @param bits `[n]`, the 16 bits of each number
 * @returns `[n]`; NaN stays NaN, its payload is not kept
 */
export function widenFloat16(bits: Uint16Array): Float32Array {
  const wide = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = float16Value(bits[i]);
  return wide;
}

/** Sign: 1 bit, exponent: 5 bits with bias 15, fraction: 10 bits. */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
