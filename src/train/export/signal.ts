// What a layer gives, as populations of the network under construction.
import type { SharedKernel } from "#ir/network";
import { invariant } from "#util/diagnostic";
import { sizeOf } from "../graph.ts";
import { isZero, repeated, spread, type Affine } from "./affine.ts";
import type { NetworkBuilder } from "./network-builder.ts";

export interface Signal {
  /** `[features]` or `[channels, height, width]`. */
  readonly shape: readonly number[];
  /** Side by side along the first axis: more than one behind a concatenation. */
  readonly parts: readonly Part[];
  /** True: never anything but 0 and 1. */
  readonly isBinary: boolean;
}

/** A population, with a factor and an offset for each channel that are still to be applied. */
export interface Part {
  readonly population: number;
  /** Along the first axis of the signal. */
  readonly channels: number;
  readonly affine?: Affine;
}

/** A signal of one population as it is. */
export function signalOf(population: number, shape: readonly number[], isBinary: boolean): Signal {
  return { shape, parts: [{ population, channels: shape[0] }], isBinary };
}

/** `[channels, height, width]` to `[features]`: the order of the numbers stays. */
export function flattened(signal: Signal): Signal {
  const pixels = sizeOf(signal.shape.slice(1));
  return {
    ...signal,
    shape: [sizeOf(signal.shape)],
    parts: signal.parts.map(({ population, channels, affine }) => ({
      population,
      channels: channels * pixels,
      ...(affine === undefined ? {} : { affine: repeated(affine, pixels) }),
    })),
  };
}

/** First channel of each part, and the end. */
export function partBounds({ parts }: Signal): number[] {
  const bounds = [0];
  for (const { channels } of parts) bounds.push(bounds[bounds.length - 1] + channels);
  return bounds;
}

/** Makes populations of what is only described. */
export class Materialiser {
  readonly #builder: NetworkBuilder;
  readonly #done = new Map<Part, number>();

  constructor(builder: NetworkBuilder) {
    this.#builder = builder;
  }

  /** The population of a part, a relay with factor and offset in front if there are any. */
  part(part: Part, shape: readonly number[], name: string): number {
    const { population, channels, affine } = part;
    if (affine === undefined) return population;
    const known = this.#done.get(part);
    if (known !== undefined) return known;
    const partShape = [channels, ...shape.slice(1)];
    const bias = isZero(affine.offset) ? undefined : spread(affine.offset, sizeOf(shape.slice(1)));
    const relay = this.#builder.relay(name, partShape, bias);
    this.#builder.join(population, relay, scaling(affine.scale, partShape));
    this.#done.set(part, relay);
    return relay;
  }

  /** One population for the whole signal. */
  whole(signal: Signal, name: string): number {
    const { shape, parts } = signal;
    if (parts.length === 1) return this.part(parts[0], shape, name);
    const sources = parts.map((part, k) => this.part(part, shape, `${name}.${k}`));
    const relay = this.#builder.relay(name, shape);
    const pixels = sizeOf(shape.slice(1));
    const bounds = partBounds(signal);
    sources.forEach((source, k) => {
      const rows = parts[k].channels * pixels;
      this.#builder.join(source, relay, {
        kind: "sparse",
        rows,
        cols: sizeOf(shape),
        rowStart: Uint32Array.from({ length: rows + 1 }, (_, r) => r),
        colIndex: Uint32Array.from({ length: rows }, (_, r) => bounds[k] * pixels + r),
        values: new Float64Array(rows).fill(1),
      });
    });
    return relay;
  }
}

function scaling(
  scale: Float64Array,
  shape: readonly number[],
): SharedKernel | { kind: "diagonal"; rows: number; cols: number; values: Float64Array } {
  const size = sizeOf(shape);
  if (shape.length === 1) return { kind: "diagonal", rows: size, cols: size, values: scale };
  return channelKernel(shape, scale, [1, 1], [1, 1], shape);
}

/** Every channel by itself through a window of equal weights. */
export function channelKernel(
  shape: readonly number[],
  weightOfChannel: Float64Array,
  window: readonly [number, number],
  stride: readonly [number, number],
  outputShape: readonly number[],
): SharedKernel {
  const [channels] = shape;
  return {
    kind: "kernel",
    rows: sizeOf(shape),
    cols: sizeOf(outputShape),
    weights: spread(weightOfChannel, window[0] * window[1]),
    kernelShape: [channels, 1, ...window],
    stride,
    padding: [0, 0, 0, 0],
    dilation: [1, 1],
    groups: channels,
    inputShape: volume(shape),
    outputShape: volume(outputShape),
  };
}

export function volume(shape: readonly number[]): [number, number, number] {
  invariant(shape.length === 3, "windows are on images of channels, height and width");
  return [shape[0], shape[1], shape[2]];
}
