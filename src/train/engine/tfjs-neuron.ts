// The neurons on tensors. The backward pass is TensorFlow's, through the forward update written down once more; only the
// derivative of a spike is ours to give.
import type { Tensor, Tensor2D } from "@tensorflow/tfjs";
import type { SurrogateName } from "../neurons.ts";
import type { Backend } from "./backend.ts";
import type { Tensors } from "./tfjs-tensors.ts";

export function tfjsNeuronFunctions({
  tf,
  tensor,
  write,
}: Tensors): Pick<Backend, "neuronForward" | "neuronBackward"> {
  const slopes: Readonly<Record<SurrogateName, (x: Tensor) => Tensor>> = {
    atan: (x) => x.mul(Math.PI).square().add(1).reciprocal(),
    rectangle: (x) => x.abs().less(0.5).cast("float32"),
    triangular: (x) => x.abs().mul(-4).add(2).relu(),
    triangle: (x) => x.abs().mul(-1).add(1).relu(),
  };

  /** The rows of `[steps, neurons]`; TensorFlow cannot differentiate taking one apart into one. */
  function rowsOf(x: Tensor): Tensor[] {
    return x.shape[0] === 1 ? [x.squeeze([0])] : tf.unstack(x);
  }

  /** A spike that was: the recorded value forwards, the surrogate at the recorded membrane backwards. */
  function recordedSpike(h: Tensor, spike: Tensor, slope: Tensor): Tensor {
    return tf.customGrad(() => ({
      value: spike.clone(),
      gradFunc: (dy: Tensor) => dy.mul(slope),
    }))(h);
  }

  return {
    neuronForward({ current, staticCurrent, membrane, spikes, steps, neurons, neuron }) {
      write([membrane, spikes], () => {
        const inputs = staticCurrent
          ? Array<Tensor>(steps).fill(tensor(current, [neurons]))
          : rowsOf(tensor(current, [steps, neurons]));
        const membranes: Tensor[] = [];
        const fired: Tensor[] = [];
        let v: Tensor = tf.zeros([neurons]);
        for (const input of inputs) {
          const h = v.mul(neuron.keep).add(input.mul(neuron.gain));
          const fires =
            neuron.compare === ">" ? h.greater(neuron.threshold) : h.greaterEqual(neuron.threshold);
          v = tf.where(fires, tf.zerosLike(h), h);
          membranes.push(h);
          fired.push(fires.cast("float32"));
        }
        return [tf.stack(membranes), tf.stack(fired)];
      });
    },

    neuronBackward(call) {
      const { current, staticCurrent, membrane, spikes, dSpikes, dCurrent, steps, neurons, neuron } = call;
      const dGain = new Float32Array(1);
      write([dCurrent, dGain], () => {
        const recorded = rowsOf(tensor(spikes, [steps, neurons]));
        const slope = slopes[neuron.surrogate](
          tensor<Tensor2D>(membrane, [steps, neurons]).sub(neuron.threshold),
        );
        const slopeOf = rowsOf(slope);

        const replay = (input: Tensor, gain: Tensor): Tensor => {
          const inputs = staticCurrent ? undefined : rowsOf(input);
          const fired: Tensor[] = [];
          let v: Tensor = tf.zeros([neurons]);
          for (let t = 0; t < steps; t++) {
            const now = inputs?.[t] ?? input;
            const h = call.wantsGainGradient
              ? v.add(now.sub(v).mul(gain))
              : v.mul(neuron.keep).add(now.mul(neuron.gain));
            const s = recordedSpike(h, recorded[t], slopeOf[t]);
            v = h.mul(tf.sub(1, neuron.detachReset ? recorded[t] : s));
            fired.push(s);
          }
          return tf.stack(fired);
        };

        const input = tensor(current, staticCurrent ? [neurons] : [steps, neurons]);
        const output = tensor<Tensor2D>(dSpikes, [steps, neurons]);
        if (call.wantsGainGradient) return tf.grads(replay)([input, tf.scalar(neuron.gain)], output);
        return [tf.grad((x) => replay(x, tf.scalar(neuron.gain)))(input, output)];
      });
      return dGain[0];
    },
  };
}
