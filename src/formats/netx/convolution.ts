import type { SharedKernel } from "#ir/network";
import * as messages from "./diagnostics.ts";
import { MAX_ELEMENTS, type Fields } from "./fields.ts";
import { plural } from "#util/units";

/**
 * A convolution as the file stores it: weights `[out, in / groups, height, width]`, in some files with a fifth axis
 * of length 1; windows as (height, width). Lava turns the kernel round and convolves, which is the same as the
 * cross-correlation with the stored one.
 *
 * @param inputShape of the layer before, `[channels, height, width]`; undefined if that could not be read
 * @returns undefined if anything is wrong; the sink has it
 */
export function readConvolution(
  fields: Fields,
  inputShape: readonly number[] | undefined,
): SharedKernel | undefined {
  const out = fields.count("outChannels", "the number of output channels");
  const inChannels = fields.count("inChannels", "the number of input channels");
  const groups = fields.has("groups") ? fields.count("groups", "the number of groups") : 1;
  const weight = fields.weights("weight");
  const kernelSize = fields.pair("kernelSize", "the kernel size", 0, 1);
  if (!out || !inChannels || !groups || !weight || !kernelSize) return undefined;
  if (out % groups !== 0 || inChannels % groups !== 0) {
    fields.mismatch(
      "groups",
      `a number that divides ${inChannels} and ${plural(out, "channel")}`,
      String(groups),
    );
    return undefined;
  }
  const kernelShape = [out, inChannels / groups, ...kernelSize] as const;
  const needed = kernelShape.join(" x ");
  const shape = weight.shape.length === 5 && weight.shape[4] === 1 ? weight.shape.slice(0, 4) : weight.shape;
  if (shape.join() !== kernelShape.join()) {
    fields.mismatch(
      "the weight",
      `${needed} (out x in / groups x height x width) numbers`,
      shape.join(" x "),
    );
    return undefined;
  }
  return slide(fields, inputShape, { kernelShape, groups, weights: Float32Array.from(weight.data) });
}

/** Sums over windows of each channel by itself: the weights `[1, 1, height, width]` are the same for all channels. */
export function readPool(
  fields: Fields,
  inputShape: readonly number[] | undefined,
): SharedKernel | undefined {
  fields.sink.report(messages.poolWeights({ path: fields.layer.path }));
  const weight = fields.weights("weight");
  const kernelSize = fields.pair("kernelSize", "the kernel size", 0, 1);
  if (!weight || !kernelSize) return undefined;
  const taps = kernelSize[0] * kernelSize[1];
  if (weight.data.length !== taps && weight.data.length !== 1) {
    fields.mismatch("the weight", `${kernelSize.join(" x ")} numbers, or 1`, String(weight.data.length));
    return undefined;
  }
  if (inputShape?.length !== 3) return slide(fields, inputShape, undefined);
  const [channels] = inputShape;
  const weights = Float32Array.from(
    { length: channels * taps },
    (_, i) => weight.data[i % weight.data.length],
  );
  return slide(fields, inputShape, { kernelShape: [channels, 1, ...kernelSize], groups: channels, weights });
}

function slide(
  fields: Fields,
  inputShape: readonly number[] | undefined,
  kernel: Pick<SharedKernel, "kernelShape" | "groups" | "weights"> | undefined,
): SharedKernel | undefined {
  const stride = fields.pair("stride", "the stride", 1, 1);
  const padding = fields.pair("padding", "the padding", 0, 0);
  const dilation = fields.pair("dilation", "the dilation", 1, 1);
  const stored = fields.has("shape") ? fields.shape() : undefined;
  if (!stride || !padding || !dilation || inputShape === undefined) return undefined;
  if (inputShape.length !== 3 || kernel === undefined) {
    fields.mismatch(
      "the layer",
      "an input of channels x height x width",
      plural(inputShape.length, "axis", "axes"),
    );
    return undefined;
  }
  const [channels, height, width] = inputShape;
  const { kernelShape, groups } = kernel;
  const [out, inPerGroup, ...taps] = kernelShape;
  if (channels !== inPerGroup * groups) {
    const found = `${channels} in the layer before`;
    fields.mismatch("inChannels", plural(inPerGroup * groups, "channel"), found);
    return undefined;
  }
  const extent = (input: number, d: 0 | 1): number =>
    Math.floor((input + 2 * padding[d] - dilation[d] * (taps[d] - 1) - 1) / stride[d]) + 1;
  const outputShape = [out, extent(height, 0), extent(width, 1)] as const;
  const cols = outputShape[0] * outputShape[1] * outputShape[2];
  if (outputShape[1] < 1 || outputShape[2] < 1 || cols > MAX_ELEMENTS) {
    const found = `${outputShape.join(" x ")} for an input of ${inputShape.join(" x ")}`;
    fields.mismatch("the window", `an output of 1 to ${MAX_ELEMENTS} elements`, found);
    return undefined;
  }
  if (stored !== undefined && stored.join() !== outputShape.join()) {
    fields.mismatch("the stored shape", outputShape.join(" x "), stored.join(" x "));
    return undefined;
  }
  return {
    kind: "kernel",
    rows: channels * height * width,
    cols,
    ...kernel,
    stride,
    padding: [padding[0], padding[0], padding[1], padding[1]],
    dilation,
    inputShape: [channels, height, width],
    outputShape,
  };
}
