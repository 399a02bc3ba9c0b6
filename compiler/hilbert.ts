/** Place of a square on the Hilbert curve through `side` x `side` of them; `side` is a power of two. */
export function hilbertIndex(side: number, x: number, y: number): number {
  let index = 0;
  for (let half = side / 2; half >= 1; half /= 2) {
    const right = x >= half ? 1 : 0;
    const lower = y >= half ? 1 : 0;
    index += half * half * ((3 * right) ^ lower);
    if (lower === 0) {
      if (right === 1) {
        x = half - 1 - (x % half);
        y = half - 1 - (y % half);
      }
      [x, y] = [y, x];
    }
    x %= half;
    y %= half;
  }
  return index;
}
