// The numbers that are learnt, by layer and role.
import type { Backend, Floats } from "./engine/backend.ts";
import { type GraphPlan, sizeOf, weightShape } from "./graph.ts";
import type { Random } from "./random.ts";

export type ParameterRole = "weight" | "bias" | "gamma" | "beta" | "leak";

export interface Parameter {
  /** `layer.role`. */
  readonly name: string;
  readonly layer: string;
  readonly role: ParameterRole;
  readonly shape: readonly number[];
  /** What the forward pass uses. Methods write it, never replace it. */
  readonly value: Floats;
  /** dLoss/dvalue, dense: also where the value is zero because it was pruned. */
  readonly gradient: Floats;
}

/** Running statistics of a batch normalisation: not learnt by gradient, but part of the model. */
export interface Statistics {
  readonly layer: string;
  /** `[channels]` */
  readonly mean: Floats;
  /** `[channels]`, unbiased. */
  readonly variance: Floats;
}

export interface Parameters {
  readonly list: readonly Parameter[];
  readonly statistics: readonly Statistics[];
}

/**
 * Parameters of all layers with their initial values: weights and biases uniform in ±1/√fan-in (the default of PyTorch's
 * Linear and Conv2d), gamma `gammaInit`, beta 0, leak such that sigmoid(leak) = gain. Exact zeros are drawn again:
 * a weight whose sign is fixed at the start must have one.
 */
export function createParameters(plan: GraphPlan, backend: Backend, random: Random): Parameters {
  const list: Parameter[] = [];
  const statistics: Statistics[] = [];
  for (const planned of plan.layers) {
    const { layer } = planned;
    const add = (role: ParameterRole, shape: readonly number[], init: () => number): void => {
      const value = backend.allocate(sizeOf(shape));
      const gradient = backend.allocate(sizeOf(shape));
      for (let i = 0; i < value.length; i++) value[i] = init();
      list.push({ name: `${layer.name}.${role}`, layer: layer.name, role, shape, value, gradient });
    };
    const shape = weightShape(planned);
    if (shape !== undefined && (layer.op === "linear" || layer.op === "conv2d")) {
      const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
      const uniform = (): number => {
        for (;;) {
          const drawn = Math.fround((2 * random.next() - 1) * bound);
          if (drawn !== 0) return drawn;
        }
      };
      add("weight", shape, uniform);
      if (layer.bias) add("bias", [shape[0]], uniform);
    } else if (layer.op === "batch-norm") {
      const channels = planned.outputShape[0];
      add("gamma", [channels], () => layer.gammaInit);
      add("beta", [channels], () => 0);
      const variance = backend.allocate(channels);
      variance.fill(1);
      statistics.push({ layer: layer.name, mean: backend.allocate(channels), variance });
    } else if (layer.op === "neuron" && layer.neuron.learnableLeak) {
      const { gain } = layer.neuron;
      add("leak", [1], () => Math.log(gain / (1 - gain)));
    }
  }
  return { list, statistics };
}

/** Finds a parameter; undefined if the layer has none of that role. */
export function parameterOf(
  parameters: Parameters,
  layer: string,
  role: ParameterRole,
): Parameter | undefined {
  return parameters.list.find((p) => p.layer === layer && p.role === role);
}
