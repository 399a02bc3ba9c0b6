// How many numbers are left when channels have been taken out, without taking them out.
import { weightShape } from "../graph.ts";
import { type ChannelGroups, isDepthwise } from "./groups.ts";

export interface ParameterCounts {
  /** Of linear and conv2d layers: live outputs · live inputs (of one group) · kernel area. */
  readonly weights: number;
  /** Weights, biases, gammas, betas and leaks. */
  readonly total: number;
}

/** Live channels of every layer, kept up to date while groups go. */
export interface ChannelCounter {
  counts(): ParameterCounts;
  /** Takes a group that is live. */
  remove(group: number): void;
  /** True if every layer that the group is computed in has more than `minChannels` live channels. */
  mayRemove(group: number, minChannels: number): boolean;
}

/** @param live `[groups]`, 1 for those that are there; absent: all */
export function createChannelCounter(groups: ChannelGroups, live?: Uint8Array): ChannelCounter {
  const { plan } = groups;
  const outs = groups.ofOutput.map((own) => own.length);
  const ins = plan.layers.map(({ inputShapes }) => inputShapes[0][0]);
  const layers = plan.layers.map((planned) => ({
    layer: planned.layer,
    perInput: perInputWeights(planned),
    divisor: inputDivisor(planned),
  }));
  const remove = (group: number): void => {
    for (const { layer } of groups.groups[group].producers) outs[layer]--;
    for (const { layer } of groups.groups[group].norms) outs[layer]--;
    for (const { layer, from, to } of groups.groups[group].consumers) ins[layer] -= to - from;
  };
  if (live !== undefined) live.forEach((is, group) => is === 0 && remove(group));
  return {
    remove,
    mayRemove(group, minChannels) {
      const { producers } = groups.groups[group];
      return producers.every(({ layer }) => {
        const own = producers.reduce((sum, other) => sum + (other.layer === layer ? 1 : 0), 0);
        return outs[layer] - own >= minChannels;
      });
    },
    counts() {
      let weights = 0;
      let others = 0;
      layers.forEach(({ layer, perInput, divisor }, l) => {
        if (layer.op === "linear" || layer.op === "conv2d") {
          weights += outs[l] * (divisor === "depthwise" ? 1 : ins[l] / divisor) * perInput;
          if (layer.bias) others += outs[l];
        } else if (layer.op === "batch-norm") others += 2 * outs[l];
        else if (layer.op === "neuron" && layer.neuron.learnableLeak) others += 1;
      });
      return { weights, total: weights + others };
    },
  };
}

/** @param live `[groups]`, 1 for those that are there; absent: all */
export function parameterCounts(groups: ChannelGroups, live?: Uint8Array): ParameterCounts {
  return createChannelCounter(groups, live).counts();
}

type Planned = ChannelGroups["plan"]["layers"][number];

function perInputWeights(planned: Planned): number {
  const shape = weightShape(planned);
  return shape === undefined ? 0 : shape.slice(2).reduce((product, length) => product * length, 1);
}

function inputDivisor({ layer, inputShapes }: Planned): number | "depthwise" {
  if (layer.op !== "conv2d") return 1;
  return isDepthwise(layer.groups, inputShapes[0][0]) ? "depthwise" : layer.groups;
}
