// What a channel says when nothing reaches it: found by walking the graph with the trained values.
import type { GraphPlan } from "../graph.ts";
import type { TrainedModel } from "../trained-model.ts";

// Of one channel of a layer's output, at every place and step, when the network is evaluated.

/** Depends on the data, as far as can be seen. */
export const VARIES = 0;
/** Does not depend on the data, but may be other than zero. */
export const CONSTANT = 1;
/** Exactly zero. */
export const ZERO = 2;

/**
 * `[layers][channels]`. Careful: what is called constant or zero is; a channel called varying may happen not to vary.
 * A neuron without input is silent if its threshold is positive: its membrane never leaves 0.
 */
export function constantResponses(plan: GraphPlan, model: TrainedModel): readonly Uint8Array[] {
  const data = new Uint8Array(plan.graph.inputShape[0]).fill(VARIES);
  const responses: Uint8Array[] = [];
  const of = (index: number): Uint8Array => (index < 0 ? data : responses[index]);
  plan.layers.forEach(({ layer, inputs, outputShape }, index) => {
    const [first] = inputs.map(of);
    const value = (role: string): Float32Array | undefined => model.values[`${layer.name}.${role}`];
    const channels = outputShape[0];
    switch (layer.op) {
      case "linear":
      case "conv2d":
        responses[index] = rowResponses(value("weight"), value("bias"), channels);
        break;
      case "batch-norm":
        responses[index] = first.map((input, c) => {
          const [gamma, beta] = [value("gamma")?.[c] ?? NaN, value("beta")?.[c] ?? NaN];
          if (gamma === 0) return beta === 0 ? ZERO : CONSTANT;
          const silent = beta === 0 && model.statistics[layer.name]?.mean[c] === 0;
          return input === ZERO && silent ? ZERO : Math.min(input, CONSTANT);
        });
        break;
      case "neuron":
        responses[index] = first.map((input) =>
          input === ZERO && !(layer.neuron.threshold > 0) ? CONSTANT : input,
        );
        break;
      case "add":
        responses[index] = first.map((_, c) => Math.min(...inputs.map((input) => of(input)[c])));
        break;
      case "concat":
        responses[index] = Uint8Array.from(inputs.flatMap((input) => [...of(input)]));
        break;
      case "flatten": {
        const block = channels / first.length;
        responses[index] = Uint8Array.from({ length: channels }, (_, i) => first[Math.floor(i / block)]);
        break;
      }
      case "voting":
        responses[index] = new Uint8Array(channels).fill(VARIES);
        break;
      default:
        responses[index] = first;
    }
  });
  return responses;
}

function rowResponses(
  weight: Float32Array | undefined,
  bias: Float32Array | undefined,
  rows: number,
): Uint8Array {
  return Uint8Array.from({ length: rows }, (_, r) => {
    const size = (weight?.length ?? 0) / rows;
    const isZero = weight !== undefined && weight.subarray(r * size, (r + 1) * size).every((w) => w === 0);
    if (!isZero) return VARIES;
    return bias === undefined || bias[r] === 0 ? ZERO : CONSTANT;
  });
}
