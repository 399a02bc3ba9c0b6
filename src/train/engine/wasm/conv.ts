// Plans the three directions of a convolution: what is cut into which blocks, and where the scratch is.
import type { ConvGeometry, Floats } from "../backend.ts";
import { type Arena, addressIn } from "./arena.ts";
import type { Team } from "./team.ts";

/** Blocks are chosen so that what the inner loop comes back to stays in the second-level cache (1 MiB or so). */
const SLICE_TAPS = 512;
const BLOCK_COLUMNS = 128;
const BATCH_COLUMNS = 128;
const BLOCK_POSITIONS = 256;
const BLOCK_TAPS = 256;
const COLUMN_GRADIENT_FLOATS = 32_768;
/** The images are summed in so many shards, whatever the number of threads: the sums stay the same. */
const SHARDS = 8;
const MOST_SHARD_FLOATS = 2 ** 22;
/** Multiplications worth a chunk of their own. */
const GRAIN_PRODUCTS = 250_000;

const TILE_BYTES = 192;

interface ConvPlan {
  /** Address of the kernel's `Geometry`. */
  readonly address: number;
  readonly isPadded: boolean;
  readonly frameFloats: number;
  readonly inPerGroup: number;
  readonly outPerGroup: number;
  readonly positions: number;
  readonly taps: number;
}

export interface Convolutions {
  forward(x: Floats, weight: Floats, y: Floats, geometry: ConvGeometry): void;
  inputGradient(dy: Floats, weight: Floats, dx: Floats, geometry: ConvGeometry): void;
  weightGradient(x: Floats, dy: Floats, dWeight: Floats, geometry: ConvGeometry): void;
}

export function createConvolutions(arena: Arena, team: Team, threads: number): Convolutions {
  const plans = new Map<string, ConvPlan>();
  const planOf = (geometry: ConvGeometry): ConvPlan => {
    const key = JSON.stringify({ ...geometry, images: 0 });
    let plan = plans.get(key);
    if (plan === undefined) {
      plan = layOut(arena, geometry);
      plans.set(key, plan);
    }
    return plan;
  };
  /** Shared bytes first, then so many for each thread. */
  const scratch = (shared: number, own: number): { shared: number; own: number; ownBytes: number } => {
    const ownBytes = aligned(own);
    const address = arena.scratch(aligned(shared) + threads * ownBytes);
    return { shared: address, own: address + aligned(shared), ownBytes };
  };

  return {
    forward(x, weight, y, geometry) {
      const plan = planOf(geometry);
      const { groups, images } = geometry;
      const slices = Math.ceil(plan.taps / SLICE_TAPS);
      const sliceTaps = Math.ceil(plan.taps / slices);
      const panels = Math.ceil(plan.outPerGroup / 4);
      const batchImages = Math.max(1, Math.floor(BATCH_COLUMNS / plan.positions));
      const frames = plan.isPadded ? aligned(4 * batchImages * plan.frameFloats) : 0;
      const { shared, own, ownBytes } = scratch(
        16 * groups * panels * plan.taps,
        TILE_BYTES + frames + 4 * BLOCK_COLUMNS * sliceTaps,
      );
      let packed = shared;
      for (let group = 0; group < groups; group++) {
        const from = addressIn(arena, weight) + 4 * group * plan.outPerGroup * plan.taps;
        for (let tap = 0; tap < plan.taps; tap += sliceTaps) {
          const taps = Math.min(sliceTaps, plan.taps - tap);
          const call = [4, from + 4 * tap, plan.taps, 1, plan.outPerGroup, taps, packed] as const;
          team.run("pack", panels, Math.ceil(16_384 / taps), ...call);
          packed += 16 * panels * taps;
        }
      }
      team.run(
        "convForward",
        Math.ceil(images / batchImages),
        Math.ceil(GRAIN_PRODUCTS / (productsPerImage(geometry, plan) * batchImages)),
        plan.address,
        addressIn(arena, x),
        shared,
        addressIn(arena, y),
        images,
        sliceTaps,
        batchImages,
        BLOCK_COLUMNS,
        own,
        ownBytes,
      );
    },

    inputGradient(dy, weight, dx, geometry) {
      const plan = planOf(geometry);
      const { groups, images } = geometry;
      const kernel = geometry.kernelHeight * geometry.kernelWidth;
      // Whole tiles, or nearly.
      const batchImages = plan.positions % 8 === 0 ? 1 : Math.min(8, Math.ceil(192 / plan.positions));
      const panels = Math.ceil((batchImages * plan.positions) / 8);
      const k = plan.outPerGroup;
      const fitting = Math.floor(COLUMN_GRADIENT_FLOATS / (8 * panels * kernel));
      const blockChannels = Math.min(plan.inPerGroup, Math.max(1, fitting));
      const blocks = Math.ceil(plan.inPerGroup / blockChannels);
      const rowPanels = Math.ceil((blockChannels * kernel) / 4);
      const frames = plan.isPadded ? aligned(4 * batchImages * plan.frameFloats) : 0;
      const { shared, own, ownBytes } = scratch(
        16 * groups * blocks * rowPanels * k,
        frames + 32 * panels * k + 128 * panels * rowPanels,
      );
      let packed = shared;
      for (let group = 0; group < groups; group++) {
        const from = addressIn(arena, weight) + 4 * group * plan.outPerGroup * plan.taps;
        for (let channel = 0; channel < plan.inPerGroup; channel += blockChannels) {
          const taps = Math.min(blockChannels, plan.inPerGroup - channel) * kernel;
          const rows = Math.ceil(taps / 4);
          const first = from + 4 * channel * kernel;
          const call = [4, first, 1, plan.taps, taps, k, packed] as const;
          team.run("pack", rows, Math.ceil(16_384 / k), ...call);
          packed += 16 * rows * k;
        }
      }
      team.run(
        "convInputGradient",
        Math.ceil(images / batchImages),
        Math.ceil(GRAIN_PRODUCTS / (productsPerImage(geometry, plan) * batchImages)),
        plan.address,
        addressIn(arena, dy),
        shared,
        addressIn(arena, dx),
        images,
        batchImages,
        blockChannels,
        own,
        ownBytes,
      );
    },

    weightGradient(x, dy, dWeight, geometry) {
      const plan = planOf(geometry);
      const { images, outChannels } = geometry;
      const floats = roundUp(outChannels * plan.taps, 16);
      const wanted = Math.max(2, Math.min(SHARDS, Math.floor(MOST_SHARD_FLOATS / floats)));
      const shardImages = Math.ceil(images / wanted);
      const shards = Math.ceil(images / shardImages);
      const blockPositions = Math.min(BLOCK_POSITIONS, shardImages * plan.positions);
      const touched = Math.floor(blockPositions / plan.positions) + 2;
      const frames = plan.isPadded ? aligned(4 * touched * plan.frameFloats) : 0;
      const panels = Math.ceil(plan.outPerGroup / 4);
      const { shared, own, ownBytes } = scratch(
        4 * shards * floats,
        TILE_BYTES + frames + 16 * panels * blockPositions + 4 * BLOCK_TAPS * blockPositions,
      );
      team.run(
        "convWeightGradient",
        shards,
        Math.ceil(GRAIN_PRODUCTS / (productsPerImage(geometry, plan) * shardImages)),
        plan.address,
        addressIn(arena, x),
        addressIn(arena, dy),
        shared,
        floats,
        images,
        shardImages,
        blockPositions,
        BLOCK_TAPS,
        own,
        ownBytes,
      );
      const sums = outChannels * plan.taps;
      team.run("sumShards", sums, 16_384, shared, shards, floats, addressIn(arena, dWeight));
    },
  };
}

function productsPerImage(geometry: ConvGeometry, plan: ConvPlan): number {
  return geometry.outChannels * plan.positions * plan.taps;
}

function layOut(arena: Arena, geometry: ConvGeometry): ConvPlan {
  const { groups, inHeight, inWidth, outHeight, outWidth, kernelHeight, kernelWidth } = geometry;
  const { strideHeight, strideWidth, paddingHeight, paddingWidth } = geometry;
  const inPerGroup = geometry.inChannels / groups;
  const outPerGroup = geometry.outChannels / groups;
  const frameHeight = inHeight + 2 * paddingHeight;
  const frameWidth = inWidth + 2 * paddingWidth;
  const positions = outHeight * outWidth;
  const taps = inPerGroup * kernelHeight * kernelWidth;
  const isPadded = paddingHeight > 0 || paddingWidth > 0;

  const kOffsets: number[] = [];
  for (let c = 0; c < inPerGroup; c++)
    for (let r = 0; r < kernelHeight; r++)
      for (let i = 0; i < kernelWidth; i++) kOffsets.push(4 * ((c * frameHeight + r) * frameWidth + i));
  const pOffsets: number[] = [];
  for (let r = 0; r < outHeight; r++)
    for (let i = 0; i < outWidth; i++) pOffsets.push(4 * (r * strideHeight * frameWidth + i * strideWidth));
  const write = (numbers: readonly number[]): number => {
    const address = arena.reserve(4 * numbers.length);
    new Int32Array(arena.memory.buffer, address, numbers.length).set(numbers);
    return address;
  };
  const address = write([
    ...[groups, inPerGroup, outPerGroup, inHeight, inWidth, paddingHeight, paddingWidth],
    ...[frameHeight, frameWidth, outHeight, outWidth, kernelHeight, kernelWidth, strideHeight, strideWidth],
    ...[positions, taps, write(kOffsets), write(pOffsets), Number(isPadded)],
  ]);
  const frameFloats = inPerGroup * frameHeight * frameWidth;
  return { address, isPadded, frameFloats, inPerGroup, outPerGroup, positions, taps };
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

function aligned(bytes: number): number {
  return roundUp(bytes, 64);
}
