import type { LayerArgs } from "./layer.ts";

/** How a window moves over an image; every list has one entry for each axis of the image. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Padding before and after. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * The window that the attributes of a convolution or pooling describe. Throws `Refusal` for lists of the wrong
 * length and numbers out of range.
 *
 * @param kernel extents of the weights; for poolings, of `kernel_shape`
 */
export function windowOf(
  { attributes }: LayerArgs,
  image: readonly number[],
  kernel: readonly number[] | undefined,
): Window {
  const axes = image.length;
  const list = (name: string, length: number, least: number): number[] | undefined => {
    const values = attributes.ints(name);
    if (values === undefined) return undefined;
    if (values.length !== length || values.some((value) => value < least))
      attributes.refuse(name, values.join(" "), `${length} numbers of at least ${least}`);
    return values;
  };
  const ones = image.map(() => 1);
  const shape = list("kernel_shape", axes, 1);
  if (kernel !== undefined && shape !== undefined && shape.some((extent, i) => extent !== kernel[i]))
    attributes.refuse("kernel_shape", shape.join(" "), `that of the weights, ${kernel.join(" ")}`);
  const taps = kernel ?? shape ?? attributes.refuse("kernel_shape", "missing", `${axes} numbers`);
  const stride = list("strides", axes, 1) ?? ones;
  const dilation = list("dilations", axes, 1) ?? ones;
  const pads = list("pads", 2 * axes, 0) ?? [...ones, ...ones].map(() => 0);
  const auto = attributes.text("auto_pad", "NOTSET");
  const window = { kernel: taps, stride, dilation };
  switch (auto) {
    case "NOTSET":
    case "":
      return { ...window, before: pads.slice(0, axes), after: pads.slice(axes) };
    case "VALID":
      return { ...window, before: image.map(() => 0), after: image.map(() => 0) };
    case "SAME_UPPER":
    case "SAME_LOWER": {
      const total = image.map((extent, i) => {
        const out = Math.ceil(extent / stride[i]);
        return Math.max(0, (out - 1) * stride[i] + (taps[i] - 1) * dilation[i] + 1 - extent);
      });
      const low = total.map((sum) => Math.floor(sum / 2));
      const high = total.map((sum, i) => sum - low[i]);
      return auto === "SAME_UPPER"
        ? { ...window, before: low, after: high }
        : { ...window, before: high, after: low };
    }
    default:
      return attributes.refuse("auto_pad", auto, "NOTSET, VALID, SAME_UPPER or SAME_LOWER");
  }
}

/** Extent of the output along one axis; a last window may hang over the edge (`ceil`) if it begins before the end. */
export function outputExtent(extent: number, window: Window, axis: number, ceil: boolean): number {
  const { kernel, stride, dilation, before, after } = window;
  const room = extent + before[axis] + after[axis] - ((kernel[axis] - 1) * dilation[axis] + 1);
  const steps = room / stride[axis];
  const count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return ceil && (count - 1) * stride[axis] >= extent + before[axis] ? count - 1 : count;
}
