import type { ChannelGroups } from "../channels/groups.ts";
import { weightShape } from "../graph.ts";
import { parameterOf, type ParameterRole } from "../parameters.ts";
import type { MethodContext } from "./method.ts";

/**
 * The running mean of a filter that has become zero: zero at once, instead of fading over many steps. Otherwise an
 * evaluation would see a channel of zeros as one that is below its mean.
 */
export function forgetMeans(
  { plan, parameters }: MethodContext,
  groups: ChannelGroups,
  live: Uint8Array,
): void {
  groups.groups.forEach(({ norms }, g) => {
    if (live[g] === 1) return;
    for (const { layer, channel } of norms) {
      const statistics = parameters.statistics.find((s) => s.layer === plan.layers[layer].layer.name);
      if (statistics !== undefined) statistics.mean[channel] = 0;
    }
  });
}

/**
 * Makes all that belongs to dead groups exactly zero: filters, biases, gammas, betas, and the weights that read them. So
 * the count of nonzero weights is the count after physical removal.
 */
export function silence(context: MethodContext, groups: ChannelGroups, live: Uint8Array): void {
  const { plan, parameters, prunable } = context;
  const clear = (layer: number, role: ParameterRole, row: number): void => {
    const value = parameterOf(parameters, plan.layers[layer].layer.name, role)?.value;
    if (value === undefined) return;
    const rowSize = value.length / plan.layers[layer].outputShape[0];
    value.fill(0, row * rowSize, (row + 1) * rowSize);
  };
  groups.groups.forEach(({ producers, norms, consumers }, g) => {
    if (live[g] === 1) return;
    for (const { layer, channel } of producers) {
      clear(layer, "weight", channel);
      clear(layer, "bias", channel);
    }
    for (const { layer, channel } of norms) {
      clear(layer, "gamma", channel);
      clear(layer, "beta", channel);
    }
    for (const { layer, from, to } of consumers) {
      const planned = plan.layers[layer];
      const weight = prunable.find((parameter) => parameter.layer === planned.layer.name);
      const [outs, ins, ...kernel] = weightShape(planned) ?? [];
      if (weight === undefined || outs === undefined) continue;
      const area = kernel.reduce((product, length) => product * length, 1);
      const filtersPerGroup = (outs * ins) / planned.inputShapes[0][0];
      for (let input = from; input < to; input++) {
        const firstOut = Math.floor(input / ins) * filtersPerGroup;
        for (let out = firstOut; out < firstOut + filtersPerGroup; out++) {
          const start = (out * ins + (input % ins)) * area;
          weight.value.fill(0, start, start + area);
        }
      }
    }
  });
}
