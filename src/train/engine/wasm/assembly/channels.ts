// Sums over and updates by channel; arrays are `[rows, channels, inner]`.
import { addWide, sumWide } from "./lanes";

/** y[r, c, i] += bias[c]. Rows [begin, end). */
export function addBias(begin: i32, end: i32, y: usize, bias: usize, channels: i32, inner: i32): void {
  const rowBytes = (<usize>channels * <usize>inner) << 2;
  const innerBytes = <usize>inner << 2;
  const channelBytes = <usize>channels << 2;
  for (let r = begin; r < end; r++) {
    let at = y + <usize>r * rowBytes;
    if (inner == 1) {
      let c: usize = 0;
      for (; c + 16 <= channelBytes; c += 16)
        v128.store(at + c, f32x4.add(v128.load(at + c), v128.load(bias + c)));
      for (; c < channelBytes; c += 4) store<f32>(at + c, load<f32>(at + c) + load<f32>(bias + c));
      continue;
    }
    for (let c: usize = 0; c < channelBytes; c += 4) {
      const b = load<f32>(bias + c);
      const bs = f32x4.splat(b);
      const last = at + innerBytes;
      for (; at + 16 <= last; at += 16) v128.store(at, f32x4.add(v128.load(at), bs));
      for (; at < last; at += 4) store<f32>(at, load<f32>(at) + b);
    }
  }
}

/** sums[c] = Σ y[r, c, i], in double precision (`f64` out). Channels [begin, end). */
export function channelSums(
  begin: i32,
  end: i32,
  y: usize,
  sums: usize,
  rows: i32,
  channels: i32,
  inner: i32,
): void {
  channelProducts(begin, end, y, 0, 0, 0, sums, 0, rows, channels, inner);
}

/** products[c] = Σ (x[r, c, i] - mean[c])², `f64` out. Channels [begin, end). */
export function channelMoments(
  begin: i32,
  end: i32,
  x: usize,
  mean: usize,
  products: usize,
  rows: i32,
  channels: i32,
  inner: i32,
): void {
  channelProducts(begin, end, x, x, mean, mean, 0, products, rows, channels, inner);
}

/** sums[c] = Σ dy, products[c] = Σ dy · (x - mean[c]), `f64` out. Channels [begin, end). */
export function channelGradients(
  begin: i32,
  end: i32,
  dy: usize,
  x: usize,
  mean: usize,
  sums: usize,
  products: usize,
  rows: i32,
  channels: i32,
  inner: i32,
): void {
  channelProducts(begin, end, dy, x, 0, mean, sums, products, rows, channels, inner);
}

/** sums[c] = Σ (a - aMean[c]), products[c] = Σ (a - aMean[c]) · (b - bMean[c]); a mean of 0 is none, a 0 among the results is not wanted. */
@inline
function channelProducts(
  begin: i32,
  end: i32,
  a: usize,
  b: usize,
  aMean: usize,
  bMean: usize,
  sums: usize,
  products: usize,
  rows: i32,
  channels: i32,
  inner: i32,
): void {
  const innerBytes = <usize>inner << 2;
  const rowBytes = <usize>channels * innerBytes;
  let c = begin;
  if (inner == 1) {
    for (; c + 4 <= end; c += 4) {
      const offset = <usize>c << 2;
      const aCenter = aMean != 0 ? v128.load(aMean + offset) : f32x4.splat(0);
      const bCenter = bMean != 0 ? v128.load(bMean + offset) : f32x4.splat(0);
      let sumLow = f64x2.splat(0);
      let sumHigh = sumLow;
      let productLow = sumLow;
      let productHigh = sumLow;
      for (let r = 0; r < rows; r++) {
        const at = <usize>r * rowBytes + offset;
        const left = f32x4.sub(v128.load(a + at), aCenter);
        const leftHigh = v128.shuffle<i64>(left, left, 1, 1);
        sumLow = f64x2.add(sumLow, f64x2.promote_low_f32x4(left));
        sumHigh = f64x2.add(sumHigh, f64x2.promote_low_f32x4(leftHigh));
        if (products != 0) {
          const product = f32x4.mul(left, f32x4.sub(v128.load(b + at), bCenter));
          const high = v128.shuffle<i64>(product, product, 1, 1);
          productLow = f64x2.add(productLow, f64x2.promote_low_f32x4(product));
          productHigh = f64x2.add(productHigh, f64x2.promote_low_f32x4(high));
        }
      }
      if (sums != 0) {
        v128.store(sums + (<usize>c << 3), sumLow);
        v128.store(sums + (<usize>c << 3), sumHigh, 16);
      }
      if (products != 0) {
        v128.store(products + (<usize>c << 3), productLow);
        v128.store(products + (<usize>c << 3), productHigh, 16);
      }
    }
  }
  for (; c < end; c++) {
    const offset = <usize>c << 2;
    const aCenter: f32 = aMean != 0 ? load<f32>(aMean + offset) : 0;
    const bCenter: f32 = bMean != 0 ? load<f32>(bMean + offset) : 0;
    const aCenters = f32x4.splat(aCenter);
    const bCenters = f32x4.splat(bCenter);
    let sums4 = f64x2.splat(0);
    let products4 = f64x2.splat(0);
    let sum: f64 = 0;
    let product: f64 = 0;
    for (let r = 0; r < rows; r++) {
      let i = <usize>r * rowBytes + <usize>c * innerBytes;
      const last = i + innerBytes;
      for (; i + 16 <= last; i += 16) {
        const left = f32x4.sub(v128.load(a + i), aCenters);
        sums4 = addWide(sums4, left);
        if (products != 0)
          products4 = addWide(products4, f32x4.mul(left, f32x4.sub(v128.load(b + i), bCenters)));
      }
      for (; i < last; i += 4) {
        const left = load<f32>(a + i) - aCenter;
        sum += <f64>left;
        if (products != 0) product += <f64>(left * (load<f32>(b + i) - bCenter));
      }
    }
    if (sums != 0) store<f64>(sums + (<usize>c << 3), sum + sumWide(sums4));
    if (products != 0) store<f64>(products + (<usize>c << 3), product + sumWide(products4));
  }
}

/** y = (x - mean[c]) · factor[c] + beta[c]. Rows [begin, end). */
export function normalize(
  begin: i32,
  end: i32,
  x: usize,
  y: usize,
  mean: usize,
  factor: usize,
  beta: usize,
  channels: i32,
  inner: i32,
): void {
  const innerBytes = <usize>inner << 2;
  const channelBytes = <usize>channels << 2;
  for (let r = begin; r < end; r++) {
    let at = (<usize>r * <usize>channels * <usize>inner) << 2;
    let c: usize = 0;
    if (inner == 1) {
      for (; c + 16 <= channelBytes; c += 16, at += 16) {
        const centered = f32x4.sub(v128.load(x + at), v128.load(mean + c));
        v128.store(y + at, f32x4.add(f32x4.mul(centered, v128.load(factor + c)), v128.load(beta + c)));
      }
    }
    for (; c < channelBytes; c += 4) {
      const last = at + innerBytes;
      const m = load<f32>(mean + c);
      const f = load<f32>(factor + c);
      const b = load<f32>(beta + c);
      for (; at + 16 <= last; at += 16) {
        const centered = f32x4.sub(v128.load(x + at), f32x4.splat(m));
        v128.store(y + at, f32x4.add(f32x4.mul(centered, f32x4.splat(f)), f32x4.splat(b)));
      }
      for (; at < last; at += 4) store<f32>(y + at, (load<f32>(x + at) - m) * f + b);
    }
  }
}

/** dx = factor[c] · (dy - shift[c] - (x - mean[c]) · slope[c]). Rows [begin, end). */
export function normalizeGradient(
  begin: i32,
  end: i32,
  x: usize,
  dy: usize,
  dx: usize,
  mean: usize,
  factor: usize,
  shift: usize,
  slope: usize,
  channels: i32,
  inner: i32,
): void {
  const innerBytes = <usize>inner << 2;
  const channelBytes = <usize>channels << 2;
  for (let r = begin; r < end; r++) {
    let at = (<usize>r * <usize>channels * <usize>inner) << 2;
    let c: usize = 0;
    if (inner == 1) {
      for (; c + 16 <= channelBytes; c += 16, at += 16) {
        const centered = f32x4.sub(v128.load(x + at), v128.load(mean + c));
        const rest = f32x4.sub(v128.load(dy + at), v128.load(shift + c));
        const inside = f32x4.sub(rest, f32x4.mul(centered, v128.load(slope + c)));
        v128.store(dx + at, f32x4.mul(v128.load(factor + c), inside));
      }
    }
    for (; c < channelBytes; c += 4) {
      const last = at + innerBytes;
      const m = load<f32>(mean + c);
      const f = load<f32>(factor + c);
      const s = load<f32>(shift + c);
      const l = load<f32>(slope + c);
      for (; at + 16 <= last; at += 16) {
        const centered = f32x4.sub(v128.load(x + at), f32x4.splat(m));
        const rest = f32x4.sub(v128.load(dy + at), f32x4.splat(s));
        const inside = f32x4.sub(rest, f32x4.mul(centered, f32x4.splat(l)));
        v128.store(dx + at, f32x4.mul(f32x4.splat(f), inside));
      }
      for (; at < last; at += 4)
        store<f32>(dx + at, f * (load<f32>(dy + at) - s - (load<f32>(x + at) - m) * l));
    }
  }
}
