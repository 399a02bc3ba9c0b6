// What goes entry by entry, on tensors: activation, dropout, optimizer steps.
import type { Tensor1D } from "@tensorflow/tfjs";
import { dropoutKeeps } from "./backend.ts";
import type { Backend, Floats } from "./backend.ts";
import type { Tensors } from "./tfjs-tensors.ts";

type Pointwise = "relu" | "reluGradient" | "dropout" | "add" | "scale" | "adam" | "sgd" | "softThreshold";

export function pointwiseFunctions({ tf, tensor, write }: Tensors): Pick<Backend, Pointwise> {
  const vector = (values: Floats): Tensor1D => tensor<Tensor1D>(values, [values.length]);
  return {
    relu(x, y) {
      write([y], () => [vector(x).relu()]);
    },
    reluGradient(x, dy, dx) {
      write([dx], () => [tf.grad((input) => input.relu())(vector(x), tensor<Tensor1D>(dy, [x.length]))]);
    },
    dropout(x, y, rate, seed, period) {
      const kept = Uint8Array.from(x, (_, i) => Number(dropoutKeeps(seed, i % period, rate)));
      write([y], () => [
        tf.where(tf.tensor1d(kept, "bool"), vector(x).mul(1 / (1 - rate)), tf.zeros([x.length])),
      ]);
    },
    add(x, y) {
      write([y], () => [tensor<Tensor1D>(y, [x.length]).add(vector(x))]);
    },
    scale(x, a, y) {
      write([y], () => [vector(x).mul(a)]);
    },

    adam({ weight, gradient, firstMoment, secondMoment, rate, beta1, beta2, epsilon, weightDecay, k }) {
      write([weight, firstMoment, secondMoment], () => {
        const g = vector(gradient);
        const first = vector(firstMoment)
          .mul(beta1)
          .add(g.mul(1 - beta1));
        const second = vector(secondMoment)
          .mul(beta2)
          .add(g.square().mul(1 - beta2));
        const divisor = second
          .sqrt()
          .div(Math.sqrt(1 - beta2 ** k))
          .add(epsilon);
        const step = first.mul(rate / (1 - beta1 ** k)).div(divisor);
        return [
          vector(weight)
            .mul(1 - rate * weightDecay)
            .sub(step),
          first,
          second,
        ];
      });
    },
    sgd({ weight, gradient, momentumBuffer, rate, momentum, weightDecay }) {
      write([weight, momentumBuffer], () => {
        const w = vector(weight);
        const buffer = vector(momentumBuffer).mul(momentum).add(vector(gradient)).add(w.mul(weightDecay));
        return [w.sub(buffer.mul(rate)), buffer];
      });
    },
    softThreshold(theta, d, w) {
      write([w], () => {
        const value = vector(theta);
        return [value.sign().mul(value.abs().sub(d).relu())];
      });
    },
  };
}
