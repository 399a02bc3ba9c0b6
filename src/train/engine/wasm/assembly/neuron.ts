// Neurons through time.
import { addWide, loadLanes, storeLanes, sumWide } from "./lanes";

/** Numbers of the surrogates, in the order of `SURROGATE_NUMBERS` outside. */
const ATAN: i32 = 0;
const RECTANGLE: i32 = 1;
const TRIANGULAR: i32 = 2;

/** 1 where the neuron fires. `strict`: above the threshold only, else also on it. */
@inline
function fires(h: v128, threshold: v128, strict: bool): v128 {
  return strict ? f32x4.gt(h, threshold) : f32x4.ge(h, threshold);
}

/** What is left of the membrane after the spike test. */
@inline
function rest(h: v128, threshold: v128, strict: bool): v128 {
  return v128.andnot(h, fires(h, threshold, strict));
}

/** Derivative of the surrogate at x = h - threshold. */
@inline
function slopeOf(surrogate: i32, x: v128): v128 {
  const one = f32x4.splat(1);
  if (surrogate == ATAN) {
    const scaled = f32x4.mul(x, f32x4.splat(3.1415927410125732));
    return f32x4.div(one, f32x4.add(one, f32x4.mul(scaled, scaled)));
  }
  const size = f32x4.abs(x);
  if (surrogate == RECTANGLE) return v128.and(one, f32x4.lt(size, f32x4.splat(0.5)));
  const zero = f32x4.splat(0);
  if (surrogate == TRIANGULAR)
    return f32x4.max(zero, f32x4.sub(f32x4.splat(2), f32x4.mul(f32x4.splat(4), size)));
  return f32x4.max(zero, f32x4.sub(one, size));
}

/**
 * Neurons [begin, end) of `[steps, neurons]` arrays; begin is a multiple of 16. A cache line of neurons goes through all
 * steps at once: part of a line would have to be fetched again, as all steps fall on the same few places of the cache
 * where the number of neurons is a multiple of 1024.
 */
export function neuronForward(
  begin: i32,
  end: i32,
  current: usize,
  isStatic: bool,
  membrane: usize,
  spikes: usize,
  steps: i32,
  neurons: i32,
  keep: f32,
  gain: f32,
  threshold: f32,
  strict: bool,
): void {
  const keeps = f32x4.splat(keep);
  const gains = f32x4.splat(gain);
  const thresholds = f32x4.splat(threshold);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const stepBytes = <usize>neurons << 2;
  const currentStep: usize = isStatic ? 0 : stepBytes;
  let n = begin;
  for (; n + 16 <= end; n += 16) {
    let at = <usize>n << 2;
    let from = current + at;
    let v0 = zero;
    let v1 = zero;
    let v2 = zero;
    let v3 = zero;
    for (let t = 0; t < steps; t++) {
      let h: v128;
      let fired: v128;
      h = f32x4.add(f32x4.mul(keeps, v0), f32x4.mul(gains, v128.load(from)));
      fired = fires(h, thresholds, strict);
      v128.store(membrane + at, h);
      v128.store(spikes + at, v128.and(one, fired));
      v0 = v128.andnot(h, fired);
      h = f32x4.add(f32x4.mul(keeps, v1), f32x4.mul(gains, v128.load(from, 16)));
      fired = fires(h, thresholds, strict);
      v128.store(membrane + at, h, 16);
      v128.store(spikes + at, v128.and(one, fired), 16);
      v1 = v128.andnot(h, fired);
      h = f32x4.add(f32x4.mul(keeps, v2), f32x4.mul(gains, v128.load(from, 32)));
      fired = fires(h, thresholds, strict);
      v128.store(membrane + at, h, 32);
      v128.store(spikes + at, v128.and(one, fired), 32);
      v2 = v128.andnot(h, fired);
      h = f32x4.add(f32x4.mul(keeps, v3), f32x4.mul(gains, v128.load(from, 48)));
      fired = fires(h, thresholds, strict);
      v128.store(membrane + at, h, 48);
      v128.store(spikes + at, v128.and(one, fired), 48);
      v3 = v128.andnot(h, fired);
      at += stepBytes;
      from += currentStep;
    }
  }
  for (; n < end; n += 4) {
    const lanes = min(4, end - n);
    let at = <usize>n << 2;
    let from = current + at;
    let v = zero;
    for (let t = 0; t < steps; t++) {
      const h = f32x4.add(f32x4.mul(keeps, v), f32x4.mul(gains, loadLanes(from, lanes)));
      const fired = fires(h, thresholds, strict);
      storeLanes(membrane + at, lanes, h);
      storeLanes(spikes + at, lanes, v128.and(one, fired));
      v = v128.andnot(h, fired);
      at += stepBytes;
      from += currentStep;
    }
  }
}

/** dLoss/dh of one step. */
@inline
function back(
  h: v128,
  gs: v128,
  gv: v128,
  threshold: v128,
  strict: bool,
  detachReset: bool,
  surrogate: i32,
): v128 {
  const slope = slopeOf(surrogate, f32x4.sub(h, threshold));
  const gh = f32x4.add(f32x4.mul(gs, slope), v128.andnot(gv, fires(h, threshold, strict)));
  return detachReset ? gh : f32x4.sub(gh, f32x4.mul(f32x4.mul(gv, h), slope));
}

/**
 * Backpropagation through time for parts [begin, end) of the neurons.
 *
 * @param partNeurons neurons in a part; a multiple of 16
 * @param dGain `f64[parts]` out, if `wantsGain`: dLoss/dgain of each part
 */
export function neuronBackward(
  begin: i32,
  end: i32,
  partNeurons: i32,
  current: usize,
  isStatic: bool,
  membrane: usize,
  dSpikes: usize,
  dCurrent: usize,
  steps: i32,
  neurons: i32,
  keep: f32,
  gain: f32,
  threshold: f32,
  strict: bool,
  detachReset: bool,
  surrogate: i32,
  wantsGain: bool,
  dGain: usize,
): void {
  for (let part = begin; part < end; part++) {
    const first = part * partNeurons;
    const last = min(neurons, first + partNeurons);
    const to = dGain + (<usize>part << 3);
    // The flag as a constant: the loops without the gain gradient are a third faster for it.
    if (wantsGain) backPart(first, last, current, isStatic, membrane, dSpikes, dCurrent, steps, neurons, keep, gain, threshold, strict, detachReset, surrogate, true, to);
    else backPart(first, last, current, isStatic, membrane, dSpikes, dCurrent, steps, neurons, keep, gain, threshold, strict, detachReset, surrogate, false, to);
  }
}

/** Neurons [n, last); without `wantsGain` writes no `dGain`. */
@inline
function backPart(
  n: i32,
  last: i32,
  current: usize,
  isStatic: bool,
  membrane: usize,
  dSpikes: usize,
  dCurrent: usize,
  steps: i32,
  neurons: i32,
  keep: f32,
  gain: f32,
  threshold: f32,
  strict: bool,
  detachReset: bool,
  surrogate: i32,
  wantsGain: bool,
  dGain: usize,
): void {
  const keeps = f32x4.splat(keep);
  const gains = f32x4.splat(gain);
  const thresholds = f32x4.splat(threshold);
  const zero = f32x4.splat(0);
  const stepBytes = <usize>neurons << 2;
  let gainSum = f64x2.splat(0);
  for (; n + 16 <= last; n += 16) {
    let at = ((<usize>(steps - 1) * <usize>neurons + <usize>n) << 2);
    let g0 = zero;
    let g1 = zero;
    let g2 = zero;
    let g3 = zero;
    let sum0 = zero;
    let sum1 = zero;
    let sum2 = zero;
    let sum3 = zero;
    let gained = zero;
    for (let t = steps - 1; t >= 0; t--) {
      let gh: v128;
      const before = membrane + at - stepBytes;
      const from = current + (isStatic ? <usize>n << 2 : at);
      gh = back(v128.load(membrane + at), v128.load(dSpikes + at), g0, thresholds, strict, detachReset, surrogate);
      g0 = f32x4.mul(gh, keeps);
      if (isStatic) sum0 = f32x4.add(sum0, f32x4.mul(gh, gains));
      else v128.store(dCurrent + at, f32x4.mul(gh, gains));
      if (wantsGain) gained = f32x4.add(gained, f32x4.mul(gh, v128.load(from)));
      if (wantsGain && t > 0)
        gained = f32x4.sub(gained, f32x4.mul(gh, rest(v128.load(before), thresholds, strict)));
      gh = back(v128.load(membrane + at, 16), v128.load(dSpikes + at, 16), g1, thresholds, strict, detachReset, surrogate);
      g1 = f32x4.mul(gh, keeps);
      if (isStatic) sum1 = f32x4.add(sum1, f32x4.mul(gh, gains));
      else v128.store(dCurrent + at, f32x4.mul(gh, gains), 16);
      if (wantsGain) gained = f32x4.add(gained, f32x4.mul(gh, v128.load(from, 16)));
      if (wantsGain && t > 0)
        gained = f32x4.sub(gained, f32x4.mul(gh, rest(v128.load(before, 16), thresholds, strict)));
      gh = back(v128.load(membrane + at, 32), v128.load(dSpikes + at, 32), g2, thresholds, strict, detachReset, surrogate);
      g2 = f32x4.mul(gh, keeps);
      if (isStatic) sum2 = f32x4.add(sum2, f32x4.mul(gh, gains));
      else v128.store(dCurrent + at, f32x4.mul(gh, gains), 32);
      if (wantsGain) gained = f32x4.add(gained, f32x4.mul(gh, v128.load(from, 32)));
      if (wantsGain && t > 0)
        gained = f32x4.sub(gained, f32x4.mul(gh, rest(v128.load(before, 32), thresholds, strict)));
      gh = back(v128.load(membrane + at, 48), v128.load(dSpikes + at, 48), g3, thresholds, strict, detachReset, surrogate);
      g3 = f32x4.mul(gh, keeps);
      if (isStatic) sum3 = f32x4.add(sum3, f32x4.mul(gh, gains));
      else v128.store(dCurrent + at, f32x4.mul(gh, gains), 48);
      if (wantsGain) gained = f32x4.add(gained, f32x4.mul(gh, v128.load(from, 48)));
      if (wantsGain && t > 0)
        gained = f32x4.sub(gained, f32x4.mul(gh, rest(v128.load(before, 48), thresholds, strict)));
      at -= stepBytes;
    }
    if (isStatic) {
      const still = dCurrent + (<usize>n << 2);
      v128.store(still, sum0);
      v128.store(still, sum1, 16);
      v128.store(still, sum2, 32);
      v128.store(still, sum3, 48);
    }
    if (wantsGain) gainSum = addWide(gainSum, gained);
  }
  for (; n < last; n += 4) {
    const lanes = min(4, last - n);
    const still = <usize>n << 2;
    let at = ((<usize>(steps - 1) * <usize>neurons + <usize>n) << 2);
    let gv = zero;
    let sum = zero;
    for (let t = steps - 1; t >= 0; t--) {
      const h = loadLanes(membrane + at, lanes);
      const gs = loadLanes(dSpikes + at, lanes);
      const gh = back(h, gs, gv, thresholds, strict, detachReset, surrogate);
      gv = f32x4.mul(gh, keeps);
      const gCurrent = f32x4.mul(gh, gains);
      if (isStatic) sum = f32x4.add(sum, gCurrent);
      else storeLanes(dCurrent + at, lanes, gCurrent);
      if (wantsGain) {
        const input = loadLanes(current + (isStatic ? still : at), lanes);
        let difference = input;
        if (t > 0) {
          const before = loadLanes(membrane + at - stepBytes, lanes);
          difference = f32x4.sub(input, rest(before, thresholds, strict));
        }
        gainSum = addWide(gainSum, f32x4.mul(gh, difference));
      }
      at -= stepBytes;
    }
    if (isStatic) storeLanes(dCurrent + still, lanes, sum);
  }
  if (wantsGain) store<f64>(dGain, sumWide(gainSum));
}
