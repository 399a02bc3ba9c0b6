// Batch normalization on tensors.
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs";
import type { Backend } from "./backend.ts";
import type { Tensors } from "./tfjs-tensors.ts";

export function normalizationFunctions({
  tf,
  tensor,
  write,
}: Tensors): Pick<Backend, "channelMoments" | "normalize" | "normalizeGradient"> {
  return {
    channelMoments(x, mean, variance, rows, channels, inner) {
      write([mean, variance], () => {
        const moments = tf.moments(tensor<Tensor3D>(x, [rows, channels, inner]), [0, 2]);
        return [moments.mean, moments.variance];
      });
    },
    normalize({ x, y, mean, variance, gamma, beta, epsilon, rows, channels, inner }) {
      write([y], () => {
        const [center, spread, factor, offset] = [mean, variance, gamma, beta].map((values) =>
          tensor<Tensor2D>(values, [channels, 1]),
        );
        const centered = tensor<Tensor3D>(x, [rows, channels, inner]).sub(center);
        return [centered.div(spread.add(epsilon).sqrt()).mul(factor).add(offset)];
      });
    },
    normalizeGradient({ x, gamma, epsilon, rows, channels, inner, dy, dx, dGamma, dBeta }) {
      write([dx, dGamma, dBeta], () => {
        const normalized = (input: Tensor, factor: Tensor, offset: Tensor): Tensor => {
          const { mean, variance } = tf.moments(input, [0, 2], true);
          return input.sub(mean).div(variance.add(epsilon).sqrt()).mul(factor).add(offset);
        };
        return tf.grads(normalized)(
          [
            tensor<Tensor3D>(x, [rows, channels, inner]),
            tensor<Tensor2D>(gamma, [channels, 1]),
            tf.zeros([channels, 1]),
          ],
          tensor<Tensor3D>(dy, [rows, channels, inner]),
        );
      });
    },
  };
}
