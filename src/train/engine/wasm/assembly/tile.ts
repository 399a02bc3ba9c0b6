// The inner loop of everything that is a matrix product: a tile of 4 rows times 8 columns in registers.

/** Rows of a panel of A, columns of a panel of B. */
export const TILE_ROWS: i32 = 4;
export const TILE_COLUMNS: i32 = 8;

/**
 * c[4, 8] = (add ? c : 0) + Σ over k of a[k, 4] ⊗ b[k, 8].
 *
 * @param a panel `[k, 4]`
 * @param b panel `[k, 8]`
 * @param cStride bytes from one row of c to the next
 *
 * Not unrolled on purpose: V8 issues all loads of a loop body first, so two steps at once would not fit the registers
 * (35 GFLOP/s instead of 45, where 4 x 8 is the best of the shapes); it unrolls the short loop itself.
 */
export function multiplyTile(
  a: usize,
  b: usize,
  k: i32,
  c: usize,
  cStride: usize,
  add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const end = a + (<usize>k << 4);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load_splat<f32>(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load_splat<f32>(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load_splat<f32>(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load_splat<f32>(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    a += 16;
    b += 32;
  }
  if (add) {
    let row = c;
    c00 = f32x4.add(v128.load(row), c00);
    c01 = f32x4.add(v128.load(row, 16), c01);
    row += cStride;
    c10 = f32x4.add(v128.load(row), c10);
    c11 = f32x4.add(v128.load(row, 16), c11);
    row += cStride;
    c20 = f32x4.add(v128.load(row), c20);
    c21 = f32x4.add(v128.load(row, 16), c21);
    row += cStride;
    c30 = f32x4.add(v128.load(row), c30);
    c31 = f32x4.add(v128.load(row, 16), c31);
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cStride;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cStride;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cStride;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}

/** The same for a tile at the edge of c, of which only `rows` x `columns` exist. `temporary`: 128 bytes. */
export function multiplyEdge(
  a: usize,
  b: usize,
  k: i32,
  c: usize,
  cStride: usize,
  add: bool,
  rows: i32,
  columns: i32,
  temporary: usize,
): void {
  multiplyTile(a, b, k, temporary, 32, false);
  for (let r = 0; r < rows; r++) {
    const from = temporary + (<usize>r << 5);
    const to = c + <usize>r * cStride;
    for (let j: usize = 0; j < <usize>columns; j++) {
      const at = j << 2;
      const value = load<f32>(from + at);
      store<f32>(to + at, add ? load<f32>(to + at) + value : value);
    }
  }
}

/** From four vectors of 4 to the four columns across them, written 0, `stride`, 2·`stride` and 3·`stride` bytes from `to`. */
@inline
export function storeTransposed(to: usize, stride: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const lo01 = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5);
  const hi01 = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7);
  const lo23 = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5);
  const hi23 = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(lo01, lo23, 0, 2));
  v128.store(to + stride, v128.shuffle<i64>(lo01, lo23, 1, 3));
  v128.store(to + 2 * stride, v128.shuffle<i64>(hi01, hi23, 0, 2));
  v128.store(to + 3 * stride, v128.shuffle<i64>(hi01, hi23, 1, 3));
}
