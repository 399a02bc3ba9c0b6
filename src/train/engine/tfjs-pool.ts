// Pooling on tensors.
import type { Tensor4D } from "@tensorflow/tfjs";
import type { Backend, Floats, PoolGeometry } from "./backend.ts";
import type { Tensors } from "./tfjs-tensors.ts";

export function poolFunctions({ tf, tensor, write }: Tensors): Pick<Backend, "pool" | "poolGradient"> {
  function inputOf(x: Floats, g: PoolGeometry): Tensor4D {
    return tensor<Tensor4D>(x, [g.planes, g.inHeight, g.inWidth, 1]);
  }

  return {
    pool(kind, x, y, g) {
      write([y], () => [
        tf.pool(
          inputOf(x, g),
          [g.kernelHeight, g.kernelWidth],
          kind === "max" ? "max" : "avg",
          "valid",
          undefined,
          [g.strideHeight, g.strideWidth],
        ),
      ]);
    },

    // The flavours do not agree on ties, or lack the kernel: a window's entries become channels (by a convolution with
    // unit filters), each takes its share of dy, and the transposed convolution puts them back.
    poolGradient(kind, x, _y, dy, dx, g) {
      write([dx], () => {
        const size = g.kernelHeight * g.kernelWidth;
        const strides: [number, number] = [g.strideHeight, g.strideWidth];
        const unitFilters = tf.eye(size).reshape<Tensor4D>([g.kernelHeight, g.kernelWidth, 1, size]);
        const gradient = tensor<Tensor4D>(dy, [g.planes, g.outHeight, g.outWidth, 1]);
        const shares =
          kind === "max" && size > 1 // of one, there is no oneHot
            ? tf.oneHot(tf.conv2d(inputOf(x, g), unitFilters, strides, "valid").argMax(3), size)
            : tf.fill([1, 1, 1, size], 1 / size);
        return [
          tf.conv2dTranspose(
            gradient.mul<Tensor4D>(shares),
            unitFilters,
            [g.planes, g.inHeight, g.inWidth, 1],
            strides,
            "valid",
          ),
        ];
      });
    },
  };
}
