// Entry by entry: [begin, end) counts floats.

export function relu(begin: i32, end: i32, x: usize, y: usize): void {
  const zero = f32x4.splat(0);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) v128.store(y + i, f32x4.max(zero, v128.load(x + i)));
  for (; i < last; i += 4) store<f32>(y + i, max<f32>(0, load<f32>(x + i)));
}

export function reluGradient(begin: i32, end: i32, x: usize, dy: usize, dx: usize): void {
  const zero = f32x4.splat(0);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16)
    v128.store(dx + i, v128.and(v128.load(dy + i), f32x4.gt(v128.load(x + i), zero)));
  for (; i < last; i += 4) store<f32>(dx + i, load<f32>(x + i) > 0 ? load<f32>(dy + i) : <f32>0);
}

export function add(begin: i32, end: i32, x: usize, y: usize): void {
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) v128.store(y + i, f32x4.add(v128.load(y + i), v128.load(x + i)));
  for (; i < last; i += 4) store<f32>(y + i, load<f32>(y + i) + load<f32>(x + i));
}

export function scale(begin: i32, end: i32, x: usize, a: f32, y: usize): void {
  const factor = f32x4.splat(a);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) v128.store(y + i, f32x4.mul(factor, v128.load(x + i)));
  for (; i < last; i += 4) store<f32>(y + i, a * load<f32>(x + i));
}

export function softThreshold(begin: i32, end: i32, theta: usize, d: f32, w: usize): void {
  const zero = f32x4.splat(0);
  const margin = f32x4.splat(d);
  const sign = i32x4.splat(0x80000000);
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) {
    const value = v128.load(theta + i);
    const size = f32x4.sub(f32x4.abs(value), margin);
    const kept = v128.or(size, v128.and(value, sign));
    v128.store(w + i, v128.and(kept, f32x4.gt(size, zero)));
  }
  for (; i < last; i += 4) {
    const value = load<f32>(theta + i);
    const size = abs(value) - d;
    store<f32>(w + i, size > 0 ? copysign(size, value) : <f32>0);
  }
}

/** Whether entry i survives; `dropoutKeeps` of the backend interface, bit for bit. */
@inline
function keepsAll(i: v128, seed: v128, bound: v128): v128 {
  let x = v128.xor(i32x4.mul(i, i32x4.splat(0x9e3779b1)), seed);
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 16)), i32x4.splat(0x85ebca6b));
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(0xc2b2ae35));
  x = v128.xor(x, i32x4.shr_u(x, 16));
  return i32x4.ge_u(x, bound);
}

/** @param bound kept if hash >= bound; @param factor of those that are kept */
export function dropout(
  begin: i32,
  end: i32,
  x: usize,
  y: usize,
  bound: i32,
  factor: f32,
  seed: i32,
  period: i32,
): void {
  const seeds = i32x4.splat(seed);
  const bounds = i32x4.splat(bound);
  const factors = f32x4.splat(factor);
  let at = begin % period;
  for (let i = begin; i < end; ) {
    const run = min(period - at, end - i);
    let j = 0;
    let index = i32x4.add(i32x4.splat(at), i32x4(0, 1, 2, 3));
    for (; j + 4 <= run; j += 4) {
      const offset = <usize>(i + j) << 2;
      const kept = keepsAll(index, seeds, bounds);
      v128.store(y + offset, v128.and(f32x4.mul(v128.load(x + offset), factors), kept));
      index = i32x4.add(index, i32x4.splat(4));
    }
    for (; j < run; j++) {
      const offset = <usize>(i + j) << 2;
      const kept = i32x4.extract_lane(keepsAll(i32x4.splat(at + j), seeds, bounds), 0) != 0;
      store<f32>(y + offset, kept ? load<f32>(x + offset) * factor : <f32>0);
    }
    i += run;
    at = 0;
  }
}

/** Rows [begin, end); strides and offsets in floats. */
export function copyBlocks(
  begin: i32,
  end: i32,
  from: usize,
  to: usize,
  width: i32,
  fromStride: i32,
  fromOffset: i32,
  toStride: i32,
  toOffset: i32,
  accumulate: bool,
): void {
  for (let r = begin; r < end; r++) {
    const source = from + ((<usize>r * <usize>fromStride + <usize>fromOffset) << 2);
    const target = to + ((<usize>r * <usize>toStride + <usize>toOffset) << 2);
    if (accumulate) add(0, width, source, target);
    else if (width >= 32) memory.copy(target, source, <usize>width << 2);
    else {
      const bytes = <usize>width << 2;
      for (let i: usize = 0; i < bytes; i += 4) store<f32>(target + i, load<f32>(source + i));
    }
  }
}

/** y[i] = Σ over shards of parts[shard, i], in the order of the shards. `stride`: floats from shard to shard. */
export function sumShards(begin: i32, end: i32, parts: usize, shards: i32, stride: i32, y: usize): void {
  const step = <usize>stride << 2;
  let i = <usize>begin << 2;
  const last = <usize>end << 2;
  for (; i + 16 <= last; i += 16) {
    let sum = v128.load(parts + i);
    for (let s = 1; s < shards; s++) sum = f32x4.add(sum, v128.load(parts + <usize>s * step + i));
    v128.store(y + i, sum);
  }
  for (; i < last; i += 4) {
    let sum = load<f32>(parts + i);
    for (let s = 1; s < shards; s++) sum += load<f32>(parts + <usize>s * step + i);
    store<f32>(y + i, sum);
  }
}
