import type * as tensorflow from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { Floats } from "./backend.ts";

export type Tensorflow = typeof tensorflow;

/** Arrays to tensors and back. */
export interface Tensors {
  readonly tf: Tensorflow;
  /** The first entries of an array, as many as the shape holds. */
  tensor<T extends Tensor>(values: Floats, shape: readonly number[]): T;
  /** Runs `work` on this TensorFlow backend, copies each of its tensors into the output of the same place, frees everything. */
  write(outputs: readonly Floats[], work: () => readonly Tensor[]): void;
}

export function createTensors(tf: Tensorflow, backend: string): Tensors {
  return {
    tf,
    tensor: <T extends Tensor>(values: Floats, shape: readonly number[]): T => {
      const size = shape.reduce((product, length) => product * length, 1);
      return tf.tensor(values.subarray(0, size) as Float32Array, [...shape], "float32") as Tensor as T;
    },
    write: (outputs, work) => {
      // One switch for the whole program: another instance may have used it in between. Synchronous once started.
      if (tf.getBackend() !== backend) void tf.setBackend(backend);
      tf.tidy(() => {
        work().forEach((tensor, i) => outputs[i].set(tensor.dataSync()));
      });
    },
  };
}
