/** Energy of a 64-bit access by the memory's size, 45 nm: M. Horowitz, ISSCC 2014. */
export const SRAM_POINTS: readonly { readonly bytes: number; readonly pj: number }[] = [
  { bytes: 8 * 1024, pj: 10 },
  { bytes: 32 * 1024, pj: 20 },
  { bytes: 1024 * 1024, pj: 100 },
];

/**
 * Energy of a 64-bit access to an SRAM of `bytes`, in pJ. Between the published sizes straight over the logarithms of size
 * and energy (10 to 20 pJ from 8 to 32 KB is the square root of the size); smaller than the smallest as that one, which is
 * an upper bound; larger than the largest along the last line.
 */
export function sramAccessPj(bytes: number): number {
  const last = SRAM_POINTS.length - 1;
  if (bytes <= SRAM_POINTS[0].bytes) return SRAM_POINTS[0].pj;
  const upper = SRAM_POINTS.findIndex((point) => bytes <= point.bytes);
  const b = SRAM_POINTS[upper < 0 ? last : upper];
  const a = SRAM_POINTS[(upper < 0 ? last : upper) - 1];
  if (bytes === b.bytes) return b.pj;
  return a.pj * (b.pj / a.pj) ** (Math.log(bytes / a.bytes) / Math.log(b.bytes / a.bytes));
}
