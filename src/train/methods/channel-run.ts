import { ToolchainError } from "#util/diagnostic";
import { channelShareTooSmall, noChannelGroups } from "../channels/channels-diagnostics.ts";
import { parameterCounts } from "../channels/counts.ts";
import { type ChannelGroups, findChannelGroups } from "../channels/groups.ts";
import { selectGroups } from "../channels/select.ts";
import type { GraphPlan } from "../graph.ts";
import { createOptimizer } from "../optimizer.ts";
import { type Parameter, parameterOf, type ParameterRole } from "../parameters.ts";
import type { StateTree } from "../state.ts";
import type { ChannelOptions } from "./channel.ts";
import { createGroupedArray, type Gating, type GroupedArray, type GroupState } from "./channel-arrays.ts";
import { createScores } from "./channel-scores.ts";
import { forgetMeans, silence } from "./channel-silence.ts";
import { cubicSparsity } from "./gmp.ts";
import type { MethodContext, MethodRun } from "./method.ts";
import { accumulatedRateShare } from "./thresholds.ts";

/** Of the mean score at the start: the final threshold if the user names none. */
const DEFAULT_THRESHOLD_SHARE = 0.3;
/** Of the mean score at the start: what a group keeps that has to live though its score is under the threshold. */
const FLOOR_SHARE = 0.05;

/** See `channel`. @throws ToolchainError `train/channel-share-too-small`, `train/no-channel-groups` */
export function createChannelRun(context: MethodContext, options: ChannelOptions): MethodRun {
  const { plan, prunable, backend, rateOf, totalSteps } = context;
  const { variant, minChannels } = options;
  const groups = findChannelGroups(plan);
  const count = groups.groups.length;
  const held = heldGroups(groups, prunable);
  if (groups.groups.every(({ frozen }, g) => frozen || held[g] === 1))
    throw new ToolchainError([noChannelGroups({ network: plan.graph.name, layers: plan.layers.length })]);
  const allWeights = parameterCounts(groups).weights;
  const share = options.parameters ?? (options.finalThreshold === undefined ? 0.5 : undefined);
  if (share !== undefined) requireShare(share, groups, held, minChannels, allWeights);
  const endStep = Math.max(1, Math.ceil(options.endShare * totalSteps));
  const thresholdShare = accumulatedRateShare({ rateOf, start: 0, total: totalSteps, beta: 1 });

  const state: GroupState = { live: new Uint8Array(count).fill(1), factor: new Float64Array(count).fill(1) };
  const arrays = groupedArrays(context, groups, held, variant);
  const owned = new Set(arrays.map(({ parameter }) => parameter));
  const plain = prunable
    .filter((parameter) => !owned.has(parameter))
    .map((parameter) => ({
      parameter,
      optimizer: createOptimizer(context.optimizer, backend, parameter.value.length),
    }));
  const gammas = arrays.filter(({ parameter }) => parameter.role === "gamma");
  const theta = backend.allocate(count);
  const thetaGradient = backend.allocate(count);
  theta.fill(1);
  const thetaOptimizer = createOptimizer({ ...context.optimizer, weightDecay: 0 }, backend, count);

  const rating = createScores(context, groups, options, arrays, theta);
  const isFree = (group: number): boolean => !groups.groups[group].frozen && held[group] === 0;
  let meanScore = mean(rating.now().filter((_, g) => isFree(g)));
  const finalThreshold = (): number =>
    options.finalThreshold ?? (share === 1 ? 0 : DEFAULT_THRESHOLD_SHARE * meanScore);
  /** Gates that cannot close are left at 1: dense training, bit by bit. */
  const learnsGates = variant === "gate" && (finalThreshold() > 0 || (share ?? 1) < 1);

  let steps = 0;
  let threshold = 0;
  let weights = allWeights;
  let finished = false;
  let asked = state.live.slice();

  const choose = (least: number, maxWeights: number): void => {
    const scores = rating.now();
    const chosen = selectGroups({ groups, scores, held, threshold: least, maxWeights, minChannels });
    state.live.set(chosen.live);
    weights = chosen.weights;
  };
  /** What the threshold leaves of a score. */
  const shrunk = (score: number): number => {
    const isKept = share !== undefined || score <= threshold;
    return Math.max(score - threshold, isKept ? Math.min(score, FLOOR_SHARE * meanScore) : 0);
  };
  const show = (): void => {
    const scores = rating.now();
    for (let g = 0; g < count; g++) {
      if (!isFree(g)) continue;
      let visible = 1;
      if (variant === "gate") visible = Math.sign(theta[g]) * shrunk(scores[g]);
      else if (variant === "group-soft-threshold" && scores[g] > 0) visible = shrunk(scores[g]) / scores[g];
      state.factor[g] = state.live[g] === 0 ? 0 : visible;
    }
    for (const array of arrays) array.show(state);
    if (variant === "group-soft-threshold") forgetMeans(context, groups, state.live);
  };
  show();

  return {
    step(n) {
      const rate = rateOf(n);
      const k = n + 1;
      if (learnsGates) {
        thetaGradient.fill(0);
        for (const array of arrays) array.collectFactorGradient(thetaGradient);
        thetaOptimizer.step(theta, thetaGradient, rate, k);
      }
      for (const { parameter, optimizer } of plain)
        optimizer.step(parameter.value, parameter.gradient, rate, k);
      for (const array of arrays) array.step(state, rate, k);
      if (variant === "slimming")
        for (const { hidden } of gammas) backend.softThreshold(hidden, rate * options.l1, hidden);
      steps = k;
      if (variant !== "slimming") {
        threshold = finalThreshold() * thresholdShare.after(k);
        if (share === undefined) choose(threshold, Infinity);
        else if (k === endStep || (k < endStep && k % options.everySteps === 0))
          choose(-1, allWeights * (1 - cubicSparsity(1 - share, k / endStep)));
      }
      show();
    },
    finish() {
      if (finished) return;
      if (share !== undefined && (variant === "slimming" || steps < endStep)) choose(-1, share * allWeights);
      else if (variant === "slimming") choose(finalThreshold(), Infinity);
      finished = true;
      show();
      silence(context, groups, state.live);
    },
    facts() {
      let pruned = 0;
      let regrown = 0;
      state.live.forEach((is, g) => {
        if (is < asked[g]) pruned++;
        else if (is > asked[g]) regrown++;
      });
      asked = state.live.slice();
      const liveGroups = state.live.reduce((sum, is) => sum + is, 0);
      return { threshold, liveGroups, parameterShare: weights / allWeights, pruned, regrown };
    },
    save: () => ({
      steps,
      meanScore,
      startScores: rating.start.slice(),
      threshold,
      weights,
      finished,
      live: state.live.slice(),
      asked: asked.slice(),
      theta: theta.slice(),
      thetaOptimizer: thetaOptimizer.save(),
      arrays: Object.fromEntries(arrays.map((array) => [array.parameter.name, array.save()])),
      plain: Object.fromEntries(
        plain.map(({ parameter, optimizer }) => [
          parameter.name,
          { value: parameter.value.slice(), optimizer: optimizer.save() },
        ]),
      ),
    }),
    restore(saved) {
      steps = saved.steps as number;
      meanScore = saved.meanScore as number;
      rating.start.set(saved.startScores as Float64Array);
      threshold = saved.threshold as number;
      weights = saved.weights as number;
      finished = saved.finished as boolean;
      state.live.set(saved.live as Uint8Array);
      asked = (saved.asked as Uint8Array).slice();
      theta.set(saved.theta as Float32Array);
      thetaOptimizer.restore(saved.thetaOptimizer as StateTree);
      thresholdShare.restart();
      const ofArray = saved.arrays as StateTree;
      for (const array of arrays) array.restore(ofArray[array.parameter.name] as StateTree);
      const ofPlain = saved.plain as StateTree;
      for (const { parameter, optimizer } of plain) {
        const own = ofPlain[parameter.name] as StateTree;
        parameter.value.set(own.value as Float32Array);
        optimizer.restore(own.optimizer as StateTree);
      }
      show();
      if (finished) silence(context, groups, state.live);
    },
  };
}

/** `[groups]`, 1: a layer that computes it is not among those that may be pruned. */
function heldGroups(groups: ChannelGroups, prunable: readonly Parameter[]): Uint8Array {
  const names = new Set(prunable.map(({ layer }) => layer));
  return Uint8Array.from(groups.groups, ({ producers }) =>
    producers.every(({ layer }) => names.has(groups.plan.layers[layer].layer.name)) ? 0 : 1,
  );
}

function requireShare(
  share: number,
  groups: ChannelGroups,
  held: Uint8Array,
  minChannels: number,
  allWeights: number,
): void {
  const scores = new Float64Array(groups.groups.length);
  const { weights } = selectGroups({ groups, scores, held, threshold: 0, maxWeights: Infinity, minChannels });
  if (weights > share * allWeights)
    throw new ToolchainError([
      channelShareTooSmall({ parameters: share, smallest: weights / allWeights, minChannels }),
    ]);
}

/** The arrays that groups act on; see `channel`. Layers without a free group are left out. */
function groupedArrays(
  context: MethodContext,
  groups: ChannelGroups,
  held: Uint8Array,
  variant: ChannelOptions["variant"],
): readonly GroupedArray[] {
  const { plan, parameters } = context;
  const arrays: GroupedArray[] = [];
  plan.layers.forEach(({ layer }, index) => {
    const ofRow = groups.ofOutput[index];
    if (ofRow.every((group) => groups.groups[group].frozen || held[group] === 1)) return;
    const group = (role: ParameterRole, gating: Gating): void => {
      const parameter = parameterOf(parameters, layer.name, role);
      if (parameter !== undefined) arrays.push(createGroupedArray(context, parameter, ofRow, gating));
    };
    if (layer.op === "batch-norm") {
      if (variant !== "group-soft-threshold") group("gamma", "scale");
      if (variant !== "slimming") group("beta", "mask");
    } else if (layer.op === "linear" || layer.op === "conv2d") {
      if (variant === "gate" && !isReadByNormOnly(plan, index)) {
        group("weight", "scale");
        group("bias", "scale");
      } else if (variant === "group-soft-threshold") {
        group("weight", "shrink");
        group("bias", "mask");
      }
    }
  });
  return arrays;
}

function isReadByNormOnly(plan: GraphPlan, index: number): boolean {
  const readers = plan.layers.filter(({ inputs }) => inputs.includes(index));
  return readers.length === 1 && readers[0].layer.op === "batch-norm" && plan.output !== index;
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
