import type { Deployment } from "#ir/deployment";
import { attributeRun, type LinkUse } from "#simulator/attribution";
import type { FloorlineTally } from "#simulator/bottleneck";
import { BOUNDS, WORK } from "#simulator/bottleneck-retime";
import { stepsOf, summarizeFloorline } from "#simulator/bottleneck-summary";
import { SYNAPTIC_OPERATIONS } from "#simulator/energy";
import { ACTIONS, COLUMN, type Action, type RunResult } from "#simulator/result";
import { energyPj } from "#targets/quantity";
import { tileOf, type Profile, type Target } from "#targets/target";
import type { FlowOrder } from "./run-report.ts";
import type {
  AttributionSection,
  BottleneckSection,
  LinkCost,
  StateEventSection,
} from "./sections-detail.ts";

export interface DetailSections {
  readonly attribution?: AttributionSection;
  readonly bottleneck?: BottleneckSection;
  readonly stateEvents?: readonly StateEventSection[];
  readonly stoppedAfter?: number;
}

/**
 * What a run on a chip cost and waited for, part by part; what is unknown, or did not happen, is left out.
 *
 * @param floorline   of the same run
 * @param inFlowOrder sorts populations; default the order of the deployment
 */
export function detailSections(
  run: RunResult,
  deployment: Deployment,
  target: Target,
  profile: Profile,
  floorline?: FloorlineTally,
  inFlowOrder: FlowOrder = (things) => [...things],
): DetailSections {
  const attribution = attributionSection(run, deployment, target, profile);
  const bottleneck = floorline === undefined ? undefined : bottleneckSection(floorline, deployment);
  const stateEvents = (run.stateEvents ?? []).map(({ kind, count, first }): StateEventSection => ({
    kind,
    count,
    first: { ...first, population: deployment.populations[first.population].name },
  }));
  return {
    ...(attribution && {
      attribution: {
        ...attribution,
        populations: inFlowOrder(attribution.populations, ({ name }) => name),
      },
    }),
    ...(bottleneck && {
      bottleneck: { ...bottleneck, populations: inFlowOrder(bottleneck.populations, ({ name }) => name) },
    }),
    ...(stateEvents.length > 0 && { stateEvents }),
    ...(run.stoppedAfter !== undefined && { stoppedAfter: run.stoppedAfter }),
  };
}

/** @returns undefined for a run without the spikes of each neuron */
export function attributionSection(
  run: RunResult,
  deployment: Deployment,
  target: Target,
  profile: Profile,
): AttributionSection | undefined {
  const attributed = attributeRun(run, deployment, target);
  if (attributed === undefined) return undefined;
  const { populationCounts, links } = attributed;
  const samples = Math.max(1, run.samples);
  const pricesPj = ACTIONS.map((action) => priceOf(profile, action) ?? 0);
  const costOf = (counts: Float64Array, row: number): number =>
    pricesPj.reduce((sum, pj, column) => sum + pj * counts[row * ACTIONS.length + column], 0) / samples;
  const countOf = (counts: Float64Array, row: number, actions: readonly Action[]): number =>
    actions.reduce((sum, action) => sum + counts[row * ACTIONS.length + COLUMN[action]], 0) / samples;

  let dynamicPj = 0;
  for (let row = 0; row < run.coreIds.length; row++) dynamicPj += costOf(run.counts, row);
  return {
    populations: deployment.populations.map(({ name, shape }, population) => {
      const costPj = costOf(populationCounts, population);
      const count = (...actions: Action[]): number => countOf(populationCounts, population, actions);
      return {
        name,
        neurons: shape.reduce((product, extent) => product * extent, 1),
        dynamicPj: costPj,
        share: dynamicPj === 0 ? 0 : costPj / dynamicPj,
        spikes: count("spikeOut", "inputSpike"),
        updates: count("neuronUpdate", "inputUpdate"),
        messages: count("messageOut", "inputMessage"),
        synapticOperations: count(...SYNAPTIC_OPERATIONS),
      };
    }),
    cores: Array.from(run.coreIds, (core, row) => ({
      core,
      ...tileOf(target, core),
      dynamicPj: costOf(run.counts, row),
      synapticOperations: countOf(run.counts, row, SYNAPTIC_OPERATIONS),
    })),
    links: links.map((link) => linkCost(link, target, profile, samples)),
  };
}

function linkCost(
  { chip, fromTile, toChip, direction, action, messages }: LinkUse,
  target: Target,
  profile: Profile,
  samples: number,
): LinkCost {
  const { x, y } = tileOf(target, fromTile * target.mesh.coresPerTile);
  const pricePj = priceOf(profile, action);
  return {
    chip,
    x,
    y,
    direction,
    leavesChip: toChip !== chip,
    messages: messages / samples,
    dynamicPj: pricePj === null ? null : (pricePj * messages) / samples,
  };
}

function priceOf(profile: Profile, action: Action): number | null {
  const price = profile.energy[action];
  return price === null ? null : energyPj(price);
}

const CORES_NAMED = 5;

/** @returns undefined if there were no steps, or a step that cannot be timed */
export function bottleneckSection(
  tally: FloorlineTally,
  { populations }: Deployment,
): BottleneckSection | undefined {
  const summary = summarizeFloorline(tally);
  const { law, steps, meanStepNs } = summary;
  if (Number.isNaN(meanStepNs)) return undefined;
  const sharesOf = <Name extends string>(
    names: readonly Name[],
    of: Readonly<Record<Name, number>>,
  ): Record<Name, number> =>
    Object.fromEntries(names.map((name) => [name, of[name] / steps])) as Record<Name, number>;
  return {
    law,
    steps,
    idleShare: summary.idleSteps / steps,
    meanStepNs,
    bounds: summary.bounds.map(({ bound, steps: bySteps, liftedStepNs, imbalance, workIn }) => ({
      bound,
      stepShare: bySteps / steps,
      liftedStepNs,
      imbalance: Number.isNaN(imbalance) ? null : imbalance,
      workIn,
    })),
    cores: summary.cores.slice(0, CORES_NAMED).map(({ core, layer, decided }) => ({
      core,
      population: populations[layer].name,
      stepShare: stepsOf(decided) / steps,
      boundShare: sharesOf(BOUNDS, decided),
    })),
    populations: summary.layers.map(({ layer, cores, decided, own }) => ({
      name: populations[layer].name,
      cores,
      stepShare: stepsOf(decided) / steps,
      boundShare: sharesOf(BOUNDS, decided),
      workShare: sharesOf(WORK, own),
    })),
  };
}
