// Takes dead channels out of a trained network: smaller arrays, the same spikes.
import { DiagnosticSink, invariant } from "#util/diagnostic";
import { type Layer, planGraph, type PlannedLayer, weightShape } from "../graph.ts";
import type { ChannelStatistics, TrainedModel } from "../trained-model.ts";
import { channelNotSilent } from "./channels-diagnostics.ts";
import { CONSTANT, constantResponses, ZERO } from "./constant-response.ts";
import { parameterCounts, type ParameterCounts } from "./counts.ts";
import { type ChannelGroups, findChannelGroups, isDepthwise } from "./groups.ts";

export interface ShrinkOptions {
  /** Channel counts are rounded up to a multiple of this, dead channels filling up; 1 unless said. Frozen layers keep theirs. */
  readonly multiple?: number;
  /** What to do with a channel that says the same whatever the data is, but not nothing; `refuse` unless said. */
  readonly constants?: "refuse" | "keep";
}

export interface ShrinkResult {
  readonly model: TrainedModel;
  /** Groups taken out. */
  readonly removedGroups: number;
  readonly before: ParameterCounts;
  readonly after: ParameterCounts;
}

/**
 * Removes every channel that is exactly silent wherever weights read it: its filter is zero, or its batch normalizations have
 * gamma = beta = 0, and the thresholds after it are positive. So the smaller network gives every spike of the larger one.
 * A layer keeps at least one channel.
 *
 * @throws ToolchainError `train/channel-not-silent` for channels without input that still say something
 */
export function shrinkModel(model: TrainedModel, options: ShrinkOptions = {}): ShrinkResult {
  const plan = planGraph(model.graph, model.staticInput);
  const groups = findChannelGroups(plan);
  const live = liveGroups(model, groups, options.constants ?? "refuse");
  fillUp(groups, live, options.multiple ?? 1);
  return {
    model: sliceModel(model, groups, live),
    removedGroups: live.reduce((dead, is) => dead + 1 - is, 0),
    before: parameterCounts(groups),
    after: parameterCounts(groups, live),
  };
}

/** `[groups]`, 1: has something to say. */
function liveGroups(model: TrainedModel, groups: ChannelGroups, constants: "refuse" | "keep"): Uint8Array {
  const { plan } = groups;
  const responses = constantResponses(plan, model);
  const sink = new DiagnosticSink();
  const live = Uint8Array.from(groups.groups, ({ frozen, consumers, producers }) => {
    if (frozen || consumers.length === 0) return 1;
    // What a depthwise convolution hears does not matter: its output is of the same group.
    const heard = consumers
      .filter((at) => !isDepthwiseLayer(plan.layers[at.layer]))
      .flatMap(({ layer, from, to }) => [...responses[plan.layers[layer].inputs[0]].subarray(from, to)]);
    if (heard.every((response) => response === ZERO)) return 0;
    if (constants === "refuse" && heard.every((response) => response >= CONSTANT)) {
      const [{ layer, channel }] = producers;
      sink.report(channelNotSilent({ layer: plan.layers[layer].layer.name, channel }));
    }
    return 1;
  });
  sink.throwIfErrors();
  return live;
}

function isDepthwiseLayer({ layer, inputShapes }: PlannedLayer): boolean {
  return layer.op === "conv2d" && isDepthwise(layer.groups, inputShapes[0][0]);
}

/** Takes dead groups back until every layer has a full multiple, or all it had. */
function fillUp(groups: ChannelGroups, live: Uint8Array, multiple: number): void {
  const producing = groups.plan.layers.flatMap((planned, l) => (weightShape(planned) ? [l] : []));
  const spareIn = (layer: number): number | undefined => {
    const own = groups.ofOutput[layer];
    const liveCount = own.reduce((sum, group) => sum + live[group], 0);
    const wanted = Math.min(own.length, Math.ceil(Math.max(1, liveCount) / multiple) * multiple);
    return liveCount < wanted ? own.find((group) => live[group] === 0) : undefined;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const layer of producing) {
      for (let spare = spareIn(layer); spare !== undefined; spare = spareIn(layer)) {
        live[spare] = 1;
        changed = true;
      }
    }
  }
}

/** The network of the live groups alone. Exact only if the others are silent. */
function sliceModel(model: TrainedModel, groups: ChannelGroups, live: Uint8Array): TrainedModel {
  const { plan } = groups;
  const liveAt = (of: Int32Array): number[] => [...of.keys()].filter((i) => live[of[i]] === 1);
  const values: Record<string, Float32Array> = {};
  const statistics: Record<string, ChannelStatistics> = {};
  const layers = plan.layers.map((planned, l): Layer => {
    const { layer, inputs } = planned;
    const outs = liveAt(groups.ofOutput[l]);
    const read = inputs[0] < 0 ? groups.ofData : groups.ofOutput[inputs[0]];
    const take = (role: string, pick: (values: Float32Array) => Float32Array): void => {
      const name = `${layer.name}.${role}`;
      const value = model.values[name];
      invariant(value !== undefined, `a trained model has "${name}"`);
      values[name] = pick(value);
    };
    const perChannel = (value: Float32Array): Float32Array => Float32Array.from(outs, (c) => value[c]);
    switch (layer.op) {
      case "linear":
        take("weight", (value) => sliceWeights(value, weightShape(planned) ?? [], outs, liveAt(read)));
        if (layer.bias) take("bias", perChannel);
        return { ...layer, features: outs.length };
      case "conv2d": {
        const shape = weightShape(planned) ?? [];
        const isDeep = isDepthwise(layer.groups, read.length);
        const ins = isDeep ? [0] : liveAt(read.subarray(0, shape[1]));
        take("weight", (value) => sliceWeights(value, shape, outs, ins));
        if (layer.bias) take("bias", perChannel);
        return { ...layer, channels: outs.length, groups: isDeep ? liveAt(read).length : layer.groups };
      }
      case "batch-norm": {
        take("gamma", perChannel);
        take("beta", perChannel);
        const { mean, variance } = model.statistics[layer.name];
        statistics[layer.name] = { mean: perChannel(mean), variance: perChannel(variance) };
        return layer;
      }
      case "neuron":
        if (layer.neuron.learnableLeak) take("leak", (value) => value.slice());
        return layer;
      default:
        return layer;
    }
  });
  return { ...model, graph: { ...model.graph, layers }, values, statistics };
}

/** @param shape `[out, in, …kernel]` of `value` */
function sliceWeights(
  value: Float32Array,
  [, ins, ...kernel]: readonly number[],
  keptOuts: readonly number[],
  keptIns: readonly number[],
): Float32Array {
  const area = kernel.reduce((product, length) => product * length, 1);
  const sliced = new Float32Array(keptOuts.length * keptIns.length * area);
  let to = 0;
  for (const out of keptOuts) {
    for (const input of keptIns) {
      const from = (out * ins + input) * area;
      sliced.set(value.subarray(from, from + area), to);
      to += area;
    }
  }
  return sliced;
}
