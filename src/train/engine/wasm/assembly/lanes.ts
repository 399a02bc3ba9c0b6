// Vectors of which only some lanes exist, at the end of an array.

/** `lanes` (1 to 4) floats; zeros behind. */
@inline
export function loadLanes(from: usize, lanes: i32): v128 {
  return lanes == 4 ? v128.load(from) : loadPart(from, lanes);
}

@inline
export function storeLanes(to: usize, lanes: i32, value: v128): void {
  if (lanes == 4) v128.store(to, value);
  else storePart(to, lanes, value);
}

function loadPart(from: usize, lanes: i32): v128 {
  let part = f32x4.replace_lane(f32x4.splat(0), 0, load<f32>(from));
  if (lanes > 1) part = f32x4.replace_lane(part, 1, load<f32>(from, 4));
  if (lanes > 2) part = f32x4.replace_lane(part, 2, load<f32>(from, 8));
  return part;
}

function storePart(to: usize, lanes: i32, part: v128): void {
  store<f32>(to, f32x4.extract_lane(part, 0));
  if (lanes > 1) store<f32>(to, f32x4.extract_lane(part, 1), 4);
  if (lanes > 2) store<f32>(to, f32x4.extract_lane(part, 2), 8);
}

/** Σ of the lanes of a, b in double precision is added up in a vector of two: a step of a long sum. */
@inline
export function addWide(sum: v128, x: v128): v128 {
  const high = v128.shuffle<i64>(x, x, 1, 1);
  return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(high)));
}

@inline
export function sumWide(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
