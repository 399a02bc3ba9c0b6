// Convolution on tensors, which want the channels last.
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { Backend, ConvGeometry, Floats } from "./backend.ts";
import type { Tensors } from "./tfjs-tensors.ts";

type Convolution = "conv2d" | "conv2dInputGradient" | "conv2dWeightGradient";

/** @param hasFilterGradient false: TensorFlow lacks the kernel in this flavour, so it is put together from patches */
export function convolutionFunctions(
  { tf, tensor, write }: Tensors,
  { hasFilterGradient }: { readonly hasFilterGradient: boolean },
): Pick<Backend, Convolution> {
  function inputOf(x: Floats, g: ConvGeometry): Tensor4D {
    return tensor<Tensor4D>(x, [g.images, g.inChannels, g.inHeight, g.inWidth]);
  }
  function weightOf(weight: Floats, g: ConvGeometry): Tensor4D {
    return tensor<Tensor4D>(weight, [g.outChannels, g.inChannels / g.groups, g.kernelHeight, g.kernelWidth]);
  }
  function outputOf(y: Floats, g: ConvGeometry): Tensor4D {
    return tensor<Tensor4D>(y, [g.images, g.outChannels, g.outHeight, g.outWidth]);
  }

  /** TensorFlow cannot differentiate a split into one. */
  function split(x: Tensor4D, parts: number, axis: number): Tensor4D[] {
    return parts === 1 ? [x] : tf.split(x, parts, axis);
  }

  /** Channels last, padded, one tensor for each group. */
  function groupsOf(x: Tensor, g: ConvGeometry): Tensor4D[] {
    const padded = tf.pad(x.transpose<Tensor4D>([0, 2, 3, 1]), [
      [0, 0],
      [g.paddingHeight, g.paddingHeight],
      [g.paddingWidth, g.paddingWidth],
      [0, 0],
    ]);
    return split(padded, g.groups, 3);
  }

  function convolve(x: Tensor, weight: Tensor, g: ConvGeometry): Tensor {
    const filters = split(weight.transpose<Tensor4D>([2, 3, 1, 0]), g.groups, 3);
    const outputs = groupsOf(x, g).map((input, i) =>
      tf.conv2d(input, filters[i], [g.strideHeight, g.strideWidth], "valid"),
    );
    return tf.concat(outputs, 3).transpose([0, 3, 1, 2]);
  }

  /** dWeight of one group, `[out, in, kernel…]`: dy, a column for each output pixel, times the inputs under every kernel entry. */
  function weightGradientOfGroup(x: Tensor4D, dy: Tensor4D, g: ConvGeometry): Tensor {
    const [images, , , channels] = x.shape;
    const [, outputs] = dy.shape;
    const patches: Tensor4D[] = [];
    for (let row = 0; row < g.kernelHeight; row++) {
      for (let column = 0; column < g.kernelWidth; column++) {
        const end = [row + (g.outHeight - 1) * g.strideHeight, column + (g.outWidth - 1) * g.strideWidth];
        patches.push(
          tf.stridedSlice(
            x,
            [0, row, column, 0],
            [images, end[0] + 1, end[1] + 1, channels],
            [1, g.strideHeight, g.strideWidth, 1],
          ) as Tensor4D,
        );
      }
    }
    const pixels = images * g.outHeight * g.outWidth;
    return tf
      .matMul(
        dy.transpose([1, 0, 2, 3]).reshape([outputs, pixels]),
        tf.concat(patches, 3).reshape([pixels, -1]),
      )
      .reshape([outputs, g.kernelHeight, g.kernelWidth, channels])
      .transpose([0, 3, 1, 2]);
  }

  return {
    conv2d(x, weight, y, g) {
      write([y], () => [convolve(inputOf(x, g), weightOf(weight, g), g)]);
    },
    conv2dInputGradient(dy, weight, dx, g) {
      write([dx], () => {
        const filter = weightOf(weight, g);
        const zeros = tf.zeros([g.images, g.inChannels, g.inHeight, g.inWidth]); // the function is linear
        return [tf.grad((input) => convolve(input, filter, g))(zeros, outputOf(dy, g))];
      });
    },
    conv2dWeightGradient(x, dy, dWeight, g) {
      write([dWeight], () => {
        const input = inputOf(x, g);
        const outputGradient = outputOf(dy, g);
        if (!hasFilterGradient) {
          const gradients = split(outputGradient, g.groups, 1);
          return [
            tf.concat(
              groupsOf(input, g).map((group, i) => weightGradientOfGroup(group, gradients[i], g)),
              0,
            ),
          ];
        }
        const zeros = tf.zeros([g.outChannels, g.inChannels / g.groups, g.kernelHeight, g.kernelWidth]);
        return [tf.grad((filter) => convolve(input, filter, g))(zeros, outputGradient)];
      });
    },
  };
}
