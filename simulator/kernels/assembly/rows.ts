// Synapse lists that are rows of values for successive slots: no addresses to read, sums side by side. Four rows over the
// same slots are added up before they reach the sums.
import * as m from "./memory";

@inline
function rowOf(q: usize): usize {
  return m.listAt(load<u32>(q)) + m.HEAD_BYTES;
}

/** Adds twice the values (8 of 16 bits, doubled) and the sign of arrival. */
@inline
function addEight(doubled: v128, s: usize): void {
  const one = i32x4.splat(1);
  v128.store(s, v128.or(i32x4.add(v128.load(s), i32x4.extend_low_i16x8_s(doubled)), one));
  v128.store(s, v128.or(i32x4.add(v128.load(s, 16), i32x4.extend_high_i16x8_s(doubled)), one), 16);
}

/** The same where only some values exist: `came` is 1 for those. */
@inline
function addSome(doubled: v128, came: v128, s: usize): void {
  v128.store(
    s,
    v128.or(
      i32x4.add(v128.load(s), i32x4.extend_low_i16x8_s(doubled)),
      i32x4.extend_low_i16x8_u(came),
    ),
  );
  v128.store(
    s,
    v128.or(
      i32x4.add(v128.load(s, 16), i32x4.extend_high_i16x8_s(doubled)),
      i32x4.extend_high_i16x8_u(came),
    ),
    16,
  );
}

@inline
function addOne(value: i32, s: usize): void {
  store<i32>(s, (load<i32>(s) + (value << 1)) | 1);
}

/** @param rows 1 or 4: so many messages from q on; `p` is the row of the first */
export function rows8(q: usize, rows: u32, p: usize, length: u32, s: usize): void {
  const end = p + length;
  const most = p + (length & ~7);
  if (rows == 1) {
    for (; p < most; p += 8, s += 32) addEight(i16x8.shl(v128.load8x8_s(p), 1), s);
    for (; p < end; p++, s += 4) addOne(load<i8>(p), s);
    return;
  }
  let b = rowOf(q + 4);
  let c = rowOf(q + 8);
  let d = rowOf(q + 12);
  for (; p < most; p += 8, b += 8, c += 8, d += 8, s += 32) {
    const ab = i16x8.add(v128.load8x8_s(p), v128.load8x8_s(b));
    const cd = i16x8.add(v128.load8x8_s(c), v128.load8x8_s(d));
    addEight(i16x8.shl(i16x8.add(ab, cd), 1), s);
  }
  for (; p < end; p++, b++, c++, d++, s += 4)
    addOne(<i32>load<i8>(p) + load<i8>(b) + load<i8>(c) + load<i8>(d), s);
}

/** Values are 2 x value + 1, or 0 where there is none; the length is a multiple of 8. */
export function sparseRows8(q: usize, rows: u32, p: usize, length: u32, s: usize): void {
  const end = p + length;
  const one = i16x8.splat(1);
  if (rows == 1) {
    for (; p < end; p += 8, s += 32) {
      const coded = v128.load8x8_s(p);
      const came = v128.and(coded, one);
      addSome(v128.xor(coded, came), came, s);
    }
    return;
  }
  let b = rowOf(q + 4);
  let c = rowOf(q + 8);
  let d = rowOf(q + 12);
  for (; p < end; p += 8, b += 8, c += 8, d += 8, s += 32) {
    const w = v128.load8x8_s(p);
    const x = v128.load8x8_s(b);
    const y = v128.load8x8_s(c);
    const z = v128.load8x8_s(d);
    const came = v128.and(v128.or(v128.or(w, x), v128.or(y, z)), one);
    const wx = i16x8.add(v128.andnot(w, one), v128.andnot(x, one));
    const yz = i16x8.add(v128.andnot(y, one), v128.andnot(z, one));
    addSome(i16x8.add(wx, yz), came, s);
  }
}

export function row16(p: usize, length: u32, s: usize): void {
  const end = p + (<usize>length << 1);
  const most = p + (<usize>(length & ~7) << 1);
  const one = i32x4.splat(1);
  for (; p < most; p += 16, s += 32) {
    const values = v128.load(p);
    const low = i32x4.shl(i32x4.extend_low_i16x8_s(values), 1);
    const high = i32x4.shl(i32x4.extend_high_i16x8_s(values), 1);
    v128.store(s, v128.or(i32x4.add(v128.load(s), low), one));
    v128.store(s, v128.or(i32x4.add(v128.load(s, 16), high), one), 16);
  }
  for (; p < end; p += 2, s += 4) addOne(load<i16>(p), s);
}

export function sparseRow16(p: usize, length: u32, s: usize): void {
  const one = i16x8.splat(1);
  for (const end = p + (<usize>length << 1); p < end; p += 16, s += 32) {
    const coded = v128.load(p);
    const came = v128.and(coded, one);
    addSome(v128.xor(coded, came), came, s);
  }
}
