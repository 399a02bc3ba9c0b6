// SD-SNN word by word: one object per weight, whole sorts, no typed arrays. To compare the fast one with.
import type { SdSnnOptions } from "#train/methods/sd-snn-options";

interface Evidence {
  count: number;
  sum: number;
  before: boolean;
}

interface Weight {
  w: number;
  masked: boolean;
  upper: number;
  lower: number;
  over: Evidence;
  under: Evidence;
  shrink: Evidence;
  size: number;
}

interface Unit {
  count: number;
  before: boolean;
}

export interface TwinLayer {
  readonly kind: "linear" | "conv";
  readonly weights: Weight[];
  readonly units: Unit[];
  readonly rows: number;
  readonly everPruned: Set<number>;
  rate: number;
  /** Per regrown unit: in how many epochs in a row it was a candidate. */
  regrownAfter: number[];
  /** Rows pruned in the last epoch. */
  prunedRows: number[];
}

const evidence = (): Evidence => ({ count: 0, sum: 0, before: false });

export function twinLayer(shape: readonly number[], options: SdSnnOptions): TwinLayer {
  const kind = shape.length === 2 ? "linear" : "conv";
  const length = shape.reduce((a, b) => a * b, 1);
  const unit = kind === "linear" ? 1 : shape[2] * shape[3];
  const weight = (): Weight => ({
    w: 0,
    masked: false,
    upper: 0,
    lower: 0,
    over: evidence(),
    under: evidence(),
    shrink: evidence(),
    size: 0,
  });
  return {
    kind,
    weights: Array.from({ length }, weight),
    units: Array.from({ length: length / unit }, () => ({ count: 0, before: false })),
    rows: shape[0],
    everPruned: new Set(),
    rate: options[kind].initialRate * options.rateFactor,
    regrownAfter: [],
    prunedRows: [],
  };
}

/** End of epoch e; `values` are the weights as the optimizer left them, per layer. The last layer is never pruned. */
export function twinEndEpoch(
  layers: TwinLayer[],
  e: number,
  values: readonly (readonly number[])[],
  options: SdSnnOptions,
): void {
  const C = options.window;
  layers.forEach((layer, l) => {
    layer.weights.forEach((weight, i) => (weight.w = values[l][i]));
    if (l === layers.length - 1) return;
    if (e === 0) start(layer);
    else for (const weight of layer.weights) updateRange(weight, C, options.shrinkFactor);
    if (e > (options.clipAfter ?? C))
      for (const weight of layer.weights) weight.w = Math.min(weight.upper, Math.max(weight.lower, weight.w));
  });
  if (e <= 2 * C) return;
  const age = e - 2 * C - 1;
  const pruned = layers.slice(0, -1);
  for (const layer of pruned) {
    regenerate(layer, age, options);
    prune(layer);
  }
  const growth = pruned.map((layer, l) => {
    const live = liveRows(layer, options);
    if (layer.kind === "conv")
      return (
        (options.conv.rateScale * Math.exp(-age / options.conv.rateDecay) * live) /
        liveRows(layers[l + 1], options)
      );
    const { lateAfter, lateScale, rateScale, rateDecay, rateDivisor } = options.linear;
    const a = age > lateAfter ? lateScale : rateScale * Math.exp(-age / rateDecay);
    return (a * live) / rateDivisor;
  });
  pruned.forEach((layer, l) => (layer.rate += growth[l]));
}

function start(layer: TwinLayer): void {
  const largest = Math.max(...layer.weights.map(({ w }) => w));
  for (const weight of layer.weights) {
    weight.upper = Math.max(0, largest);
    weight.lower = -weight.upper;
    weight.size = Math.abs(weight.w);
  }
}

function updateRange(weight: Weight, C: number, shrinkFactor: number): void {
  const v = weight.masked ? 0 : weight.w;
  const seen = (what: Evidence, now: boolean, excess: number): boolean => {
    if (now && what.before) {
      what.count += 1;
      what.sum += excess;
    } else {
      what.count = 0;
      what.sum = 0;
    }
    what.before = now;
    return what.count >= C;
  };
  if (seen(weight.over, v >= weight.upper, v - weight.upper)) {
    weight.upper += weight.over.sum / C;
    weight.over = { ...evidence(), before: true };
  }
  if (seen(weight.under, v <= weight.lower, v - weight.lower)) {
    weight.lower += weight.under.sum / C;
    weight.under = { ...evidence(), before: true };
  }
  if (seen(weight.shrink, Math.abs(v) < weight.size, 0)) {
    weight.upper *= shrinkFactor;
    weight.lower *= shrinkFactor;
    weight.shrink = { ...evidence(), before: true };
  }
  weight.size = Math.abs(v);
}

function regenerate(layer: TwinLayer, age: number, options: SdSnnOptions): void {
  layer.regrownAfter = [];
  const own = options[layer.kind];
  if (!own.regrowth) return;
  const block = layer.weights.length / layer.units.length;
  const members = layer.units.map((_, u) => layer.weights.slice(u * block, (u + 1) * block));
  const scores = members.map((weights) => weights.reduce((sum, { w }) => sum + w, 0));
  const sorted = [...scores].sort((a, b) => a - b);
  const q = Math.min(options.quantileLimit, own.quantile + options.quantileGrowth ** age);
  const place = ((sorted.length - 1) * q) / 100;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  const limit = below + (place - Math.floor(place)) * (above - below);
  layer.units.forEach((unit, u) => {
    const now = members[u].every(({ masked }) => masked) && scores[u] > limit;
    unit.count = now && unit.before ? unit.count + 1 : 0;
    unit.before = now;
    if (unit.count <= own.regrowAfter) return;
    layer.regrownAfter.push(unit.count + 1);
    unit.count = 0;
    for (const weight of members[u]) weight.masked = false;
  });
}

function prune(layer: TwinLayer): void {
  const { weights, rows } = layer;
  const widths = weights.map(({ upper, lower }) => upper + Math.abs(lower));
  const [least, most] = [Math.min(...widths), Math.max(...widths)];
  const rowLength = weights.length / rows;
  const importance = Array.from({ length: rows }, () => 0);
  weights.forEach(({ masked }, i) => {
    const scaled = most > least ? (widths[i] - least) / (most - least) : 0.5;
    if (!masked) importance[Math.floor(i / rowLength)] += scaled;
  });
  const k = Math.min(rows, Math.floor((rows * layer.rate) / 100));
  const weakest = importance.map((_, row) => row).sort((a, b) => importance[a] - importance[b] || a - b);
  layer.prunedRows = weakest.slice(0, k).filter((row) => !layer.everPruned.has(row));
  for (const row of layer.prunedRows) {
    layer.everPruned.add(row);
    for (const weight of weights.slice(row * rowLength, (row + 1) * rowLength)) weight.masked = true;
  }
  for (const weight of weights) if (weight.masked) weight.w = 0;
}

function liveRows(layer: TwinLayer, options: SdSnnOptions): number {
  const rowLength = layer.weights.length / layer.rows;
  const limit = Math.min(options[layer.kind].deadLimit, rowLength);
  let live = 0;
  for (let row = 0; row < layer.rows; row++) {
    const own = layer.weights.slice(row * rowLength, (row + 1) * rowLength);
    if (own.filter(({ masked }) => !masked).length >= limit) live++;
  }
  return live;
}
