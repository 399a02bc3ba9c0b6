import { ownScratch } from "./scratch";
import { TILE_COLUMNS, TILE_ROWS, multiplyEdge, multiplyTile, storeTransposed } from "./tile";

/**
 * Copies lines of a matrix into panels `[lines / width][k][width]`, the order in which the inner loop reads them. Panels
 * [begin, end). What sticks out of the matrix is zero.
 *
 * @param width 4 (rows of A) or 8 (columns of B)
 * @param lineStride floats from one line to the next
 * @param kStride floats from one entry of a line to the next
 * @param kCount entries of a line
 */
export function pack(
  begin: i32,
  end: i32,
  width: i32,
  from: usize,
  lineStride: i32,
  kStride: i32,
  lines: i32,
  kCount: i32,
  to: usize,
): void {
  const panelBytes = (<usize>width * <usize>kCount) << 2;
  for (let panel = begin; panel < end; panel++) {
    const first = panel * width;
    packPanel(
      width,
      from + ((<usize>first * <usize>lineStride) << 2),
      lineStride,
      kStride,
      min(width, lines - first),
      kCount,
      to + <usize>panel * panelBytes,
    );
  }
}

/** One panel; only `lines` <= width of it exist. */
export function packPanel(
  width: i32,
  from: usize,
  lineStride: i32,
  kStride: i32,
  lines: i32,
  kCount: i32,
  to: usize,
): void {
  const lineBytes = <usize>lineStride << 2;
  const kBytes = <usize>kStride << 2;
  const rowBytes = <usize>width << 2;
  if (lines == width && lineStride == 1) {
    if (width == 4) {
      for (let k = 0; k < kCount; k++) {
        v128.store(to, v128.load(from));
        from += kBytes;
        to += 16;
      }
    } else {
      for (let k = 0; k < kCount; k++) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        from += kBytes;
        to += 32;
      }
    }
    return;
  }
  let k = 0;
  if (lines == width && kStride == 1) {
    for (; k + 4 <= kCount; k += 4) {
      for (let half: usize = 0; half < <usize>width; half += 4) {
        const line = from + half * lineBytes + (<usize>k << 2);
        storeTransposed(
          to + <usize>k * rowBytes + (half << 2),
          rowBytes,
          v128.load(line),
          v128.load(line + lineBytes),
          v128.load(line + 2 * lineBytes),
          v128.load(line + 3 * lineBytes),
        );
      }
    }
  }
  for (; k < kCount; k++) {
    const row = to + <usize>k * rowBytes;
    const column = from + <usize>k * kBytes;
    for (let line: usize = 0; line < <usize>width; line++)
      store<f32>(row + (line << 2), line < <usize>lines ? load<f32>(column + line * lineBytes) : <f32>0);
  }
}

/**
 * c (+)= A · B of packed panels, for blocks [begin, end) of c, counted row by row.
 *
 * @param blockRows    rows of c in a block; a multiple of 4
 * @param blockColumns columns; a multiple of 8
 * @param scratch      128 bytes per thread
 */
export function gemmBlocks(
  begin: i32,
  end: i32,
  packedA: usize,
  packedB: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  add: bool,
  blockRows: i32,
  blockColumns: i32,
  scratch: usize,
): void {
  const temporary = ownScratch(scratch, 128);
  const blocksAcross = (n + blockColumns - 1) / blockColumns;
  for (let block = begin; block < end; block++) {
    const firstRow = (block / blocksAcross) * blockRows;
    const firstColumn = (block % blocksAcross) * blockColumns;
    gemmBlock(
      packedA,
      packedB,
      c,
      k,
      n,
      add,
      firstRow,
      min(m, firstRow + blockRows),
      firstColumn,
      min(n, firstColumn + blockColumns),
      temporary,
    );
  }
}

/** Rows and columns [first, last) of c `[…, cColumns]`; firsts are multiples of the tile. */
@inline
function gemmBlock(
  packedA: usize,
  packedB: usize,
  c: usize,
  k: i32,
  cColumns: i32,
  add: bool,
  firstRow: i32,
  lastRow: i32,
  firstColumn: i32,
  lastColumn: i32,
  temporary: usize,
): void {
  const cStride = <usize>cColumns << 2;
  for (let column = firstColumn; column < lastColumn; column += TILE_COLUMNS) {
    const b = packedB + ((<usize>column * <usize>k) << 2);
    const columns = min(TILE_COLUMNS, lastColumn - column);
    for (let row = firstRow; row < lastRow; row += TILE_ROWS) {
      const a = packedA + ((<usize>row * <usize>k) << 2);
      const rows = min(TILE_ROWS, lastRow - row);
      const to = c + <usize>row * cStride + (<usize>column << 2);
      if (rows == TILE_ROWS && columns == TILE_COLUMNS) multiplyTile(a, b, k, to, cStride, add);
      else multiplyEdge(a, b, k, to, cStride, add, rows, columns, temporary);
    }
  }
}
