import { loadLanes, storeLanes } from "./lanes";

/** Adam: `stepSize` = rate / (1 - beta1^k), `correction` = √(1 - beta2^k), `decay` = 1 - rate · weightDecay. */
export function adam(
  begin: i32,
  end: i32,
  weight: usize,
  gradient: usize,
  firstMoment: usize,
  secondMoment: usize,
  beta1: f32,
  oneMinusBeta1: f32,
  beta2: f32,
  oneMinusBeta2: f32,
  stepSize: f32,
  correction: f32,
  epsilon: f32,
  decay: f32,
): void {
  const beta1s = f32x4.splat(beta1);
  const others1 = f32x4.splat(oneMinusBeta1);
  const beta2s = f32x4.splat(beta2);
  const others2 = f32x4.splat(oneMinusBeta2);
  const stepSizes = f32x4.splat(stepSize);
  const corrections = f32x4.splat(<f32>1 / correction);
  const epsilons = f32x4.splat(epsilon);
  const decays = f32x4.splat(decay);
  let i = (<usize>begin) << 2;
  const last = (<usize>end) << 2;
  for (; i < last; i += 16) {
    const lanes = <i32>min<usize>(4, (last - i) >> 2);
    const g = loadLanes(gradient + i, lanes);
    let m = loadLanes(firstMoment + i, lanes);
    let v = loadLanes(secondMoment + i, lanes);
    let w = loadLanes(weight + i, lanes);
    m = f32x4.add(f32x4.mul(beta1s, m), f32x4.mul(others1, g));
    v = f32x4.add(f32x4.mul(beta2s, v), f32x4.mul(others2, f32x4.mul(g, g)));
    const divisor = f32x4.add(f32x4.mul(f32x4.sqrt(v), corrections), epsilons);
    w = f32x4.sub(f32x4.mul(w, decays), f32x4.div(f32x4.mul(stepSizes, m), divisor));
    storeLanes(firstMoment + i, lanes, m);
    storeLanes(secondMoment + i, lanes, v);
    storeLanes(weight + i, lanes, w);
  }
}

/** SGD with momentum: b = momentum · b + (g + weightDecay · w); w -= rate · b. */
export function sgd(
  begin: i32,
  end: i32,
  weight: usize,
  gradient: usize,
  momentumBuffer: usize,
  rate: f32,
  momentum: f32,
  weightDecay: f32,
): void {
  const rates = f32x4.splat(rate);
  const momenta = f32x4.splat(momentum);
  const decays = f32x4.splat(weightDecay);
  let i = (<usize>begin) << 2;
  const last = (<usize>end) << 2;
  for (; i + 16 <= last; i += 16) {
    const w = v128.load(weight + i);
    const step = f32x4.add(v128.load(gradient + i), f32x4.mul(decays, w));
    const b = f32x4.add(f32x4.mul(momenta, v128.load(momentumBuffer + i)), step);
    v128.store(momentumBuffer + i, b);
    v128.store(weight + i, f32x4.sub(w, f32x4.mul(rates, b)));
  }
  for (; i < last; i += 4) {
    const w = load<f32>(weight + i);
    const b = momentum * load<f32>(momentumBuffer + i) + (load<f32>(gradient + i) + weightDecay * w);
    store<f32>(momentumBuffer + i, b);
    store<f32>(weight + i, w - rate * b);
  }
}
