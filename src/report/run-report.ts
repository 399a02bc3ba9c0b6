import { nonzeroSynapseCount, nonzeroWeightCount, weightCount } from "#ir/connectivity";
import { storedWords, type Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { Resource } from "#ir/block-graph";
import type { EnergyBreakdown } from "#simulator/energy";
import { ACTIONS, type Action, type RunResult } from "#simulator/result";
import { instantOrder } from "#simulator/reference-order";
import type { FloorlineTally } from "#simulator/bottleneck";
import type { EnergyBand } from "#simulator/energy-bands";
import { PHASES } from "#simulator/timing/timing";
import { DiagnosticSink } from "#util/diagnostic";
import { powerMw, timeNs } from "#targets/quantity";
import { contentHash } from "#targets/content-hash";
import { tileOf, type Profile, type Target } from "#targets/target";
import { resourcesOf } from "#targets/walls";
import { detailSections } from "./detail-sections.ts";
import { recordedSection } from "./recorded.ts";
import type {
  AccuracySection,
  BandSection,
  DenseSection,
  EnergySection,
  LayerSection,
  MapSection,
  ModelSection,
  NeurobenchSection,
  QuantizationSection,
  RunReport,
  RunSection,
  TimeSection,
} from "./sections.ts";

export type * from "./sections.ts";
export type * from "./sections-detail.ts";

/** What `buildRunReport` needs to know of the map; the compiler's utilization fits. */
export interface MapFacts {
  readonly cores: number;
  readonly tiles: number;
  readonly chips: number;
  readonly synapses: number;
  readonly synapseWords: number;
  readonly byResource: Readonly<
    Record<
      Resource,
      {
        readonly mean: number;
        readonly worst: number;
        readonly worstCore: number;
        readonly available: number | null;
        readonly meanShare: number | null;
        readonly worstShare: number | null;
      }
    >
  >;
  readonly byPopulation: readonly {
    readonly population: string;
    readonly neurons: number;
    readonly cores: number;
  }[];
}

/** One mapped and simulated network. */
export interface Measured {
  readonly deployment: Deployment;
  readonly map: MapFacts;
  readonly run: RunResult;
  readonly energy: EnergyBreakdown;
}

export interface ReportParts extends Measured {
  readonly generator: string;
  readonly deploymentHash: string;
  /** As imported: one population per node. */
  readonly model: Network;
  /** As mapped before quantization: neurons joined directly. */
  readonly folded: Network;
  readonly target: Target;
  readonly timing: string;
  readonly modelSteps: number;
  readonly quantization?: QuantizationSection;
  readonly neurobench?: NeurobenchSection;
  readonly accuracy?: AccuracySection;
  readonly dense?: Measured;
  /** Of the run: without it, nothing is said of single populations, cores and links. */
  readonly profile?: Profile;
  /** Of the run: without it, nothing is said of what the steps waited for. */
  readonly floorline?: FloorlineTally;
}

/** Puts everything that was measured into one report; counts become counts per inference here and nowhere else. */
export function buildRunReport(parts: ReportParts): RunReport {
  const { deployment, run, energy, map, target, profile, floorline } = parts;
  const inFlowOrder = flowOrder(parts.model);
  const section = runSection(run, parts.modelSteps);
  return {
    schema: "spinec/run/1",
    generator: parts.generator,
    deploymentHash: parts.deploymentHash,
    targetHash: contentHash(target),
    ...(profile && { profileHash: contentHash(profile) }),
    model: modelSection(parts.model, parts.folded),
    ...(parts.quantization && { quantization: sortQuantization(parts.quantization, inFlowOrder) }),
    map: mapSection(deployment, map, target, inFlowOrder),
    run: {
      ...section,
      populations: inFlowOrder(section.populations, ({ name }) => name),
      ...(parts.neurobench && { neurobench: parts.neurobench }),
    },
    energy: energySection(energy),
    time: timeSection(run, parts.timing, { profile, timestepNs: deployment.timestepNs }),
    ...(profile && detailSections(run, deployment, target, profile, floorline, inFlowOrder)),
    ...(parts.accuracy && { accuracy: parts.accuracy }),
    ...(parts.dense && { dense: denseSection(parts.dense) }),
  };
}

/** Sorts things that belong to populations as spikes flow through the model; files list nodes by name. */
export type FlowOrder = <T>(things: readonly T[], populationOf: (thing: T) => string) => T[];

export function flowOrder(model: Network): FlowOrder {
  const order = instantOrder(model, new DiagnosticSink());
  const rank = new Map(order.map((population, r) => [model.populations[population].name, r]));
  const rankOf = (name: string): number => rank.get(name) ?? rank.size;
  return (things, populationOf) =>
    things.toSorted((a, b) => rankOf(populationOf(a)) - rankOf(populationOf(b)));
}

/** Projections are called after the node whose weights they carry, with "#2" where there are several. */
export function sortQuantization(
  { projections, changedSpikes }: QuantizationSection,
  inFlowOrder: FlowOrder,
): QuantizationSection {
  return {
    projections: inFlowOrder(projections, ({ name }) => name.replace(/#\d+$/, "")),
    ...(changedSpikes && { changedSpikes: inFlowOrder(changedSpikes, ({ population }) => population) }),
  };
}

/** What a run did, per inference. */
export function runSection(run: RunResult, modelSteps: number): RunSection {
  const perInference = countsPerInference(run);
  return {
    samples: run.samples,
    modelSteps,
    stepsPerInference: run.steps,
    populations: Object.entries(run.spikes).map(([name, data]) => ({
      name,
      neurons: data.shape.reduce((product, extent) => product * extent, 1),
      // The machine gives values to what it reads the membrane of, and to nothing else.
      ...recordedSection(data, data.samples.some(({ value }) => value !== undefined) ? "values" : "spikes"),
    })),
    synapticOperationsPerInference: synapticOperations(perInference),
    perInference,
  };
}

/** Layers, weights and synapses of a model. */
export function modelSection(model: Network, folded: Network): ModelSection {
  const inFlowOrder = flowOrder(model);
  const trained = inFlowOrder(model.projections, ({ post }) => model.populations[post].name);
  const layers = trained.flatMap(({ layer, connectivity }): LayerSection[] => {
    if (layer === undefined) return [];
    const weights = weightCount(connectivity);
    const nonzeroWeights = nonzeroWeightCount(connectivity);
    const densityShare = weights === 0 ? 0 : nonzeroWeights / weights;
    return [{ ...layer, weights, nonzeroWeights, densityShare, synapses: nonzeroSynapseCount(connectivity) }];
  });
  const weights = sum(layers.map((layer) => layer.weights));
  const nonzeroWeights = sum(layers.map((layer) => layer.nonzeroWeights));
  const neurons = folded.populations.filter((population) => population.model !== "input");
  return {
    name: model.name,
    timestepNs: model.timestepNs ?? null,
    inputs: sum(model.inputs.map((port) => model.populations[port.population].size)),
    neurons: sum(neurons.map((population) => population.size)),
    weights,
    nonzeroWeights,
    densityShare: weights === 0 ? 0 : nonzeroWeights / weights,
    synapses: sum(folded.projections.map((projection) => nonzeroSynapseCount(projection.connectivity))),
    populations: inFlowOrder(neurons, ({ name }) => name).map(({ name, model: kind, size }) => ({
      name,
      model: kind,
      neurons: size,
    })),
    layers,
  };
}

/** Where a network sits, and how full that is. */
export function mapSection(
  deployment: Deployment,
  map: MapFacts,
  target: Target,
  inFlowOrder: FlowOrder,
): MapSection {
  const { columns, rows, coresPerTile } = target.mesh;
  return {
    target: target.name,
    packer: deployment.packer,
    rules: deployment.rules,
    chips: map.chips,
    tiles: map.tiles,
    cores: map.cores,
    synapses: map.synapses,
    synapseWords: map.synapseWords,
    resources: resourcesOf(target).map((resource) => {
      const { available, mean, worst, worstCore, meanShare, worstShare } = map.byResource[resource];
      return { resource, wall: available, mean, worst, worstCore, meanShare, worstShare };
    }),
    populations: inFlowOrder(map.byPopulation, ({ population }) => population).map(
      ({ population, neurons, cores }) => ({
        name: population,
        neurons,
        cores,
      }),
    ),
    mesh: { columns, rows, coresPerTile },
    coreLoads: deployment.cores.map((program) => ({
      core: program.core,
      ...tileOf(target, program.core),
      neurons: program.neurons,
      axonsIn: program.axonWords.length,
      synapseWords: storedWords(program),
    })),
  };
}

function countsPerInference(run: RunResult): Record<Action, number> {
  const totals = {} as Record<Action, number>;
  ACTIONS.forEach((action, column) => {
    let total = 0;
    for (let i = column; i < run.counts.length; i += ACTIONS.length) total += run.counts[i];
    totals[action] = total / Math.max(1, run.samples);
  });
  return totals;
}

function synapticOperations(perInference: Readonly<Record<Action, number>>): number {
  const { synapseDense, synapseSparse, synapseRunLength, synapseConv } = perInference;
  return synapseDense + synapseSparse + synapseRunLength + synapseConv;
}

/** What a run cost, per inference. */
export function energySection(energy: EnergyBreakdown): EnergySection {
  const { samples, static: idle } = energy;
  const each = (value: number): number => value / Math.max(1, samples);
  const { band, publishedError, withoutBand } = energy.dynamicBand;
  const bandOf = ({ lowPj, highPj }: EnergyBand): BandSection => ({
    lowPj: lowPj === null ? null : each(lowPj),
    highPj: highPj === null ? null : each(highPj),
  });
  return {
    profile: energy.profile,
    bound: energy.bound,
    dynamicPj: energy.dynamicPjPerSample,
    dynamicPjPerSynapticOperation: orNull(energy.dynamicPjPerSynapticOperation),
    dynamicBand: bandOf(band),
    totalBand: bandOf(energy.totalBand),
    ...(publishedError && { publishedError }),
    withoutBand,
    staticPj: orNull(each(idle.chipPj)),
    totalPj: orNull(energy.totalPjPerSample),
    terms: energy.terms.map(({ action, count, price, energyPj, band: own }) => ({
      action,
      count: each(count),
      pricePj: count === 0 ? 0 : energyPj / count,
      evidence: price.evidence,
      source: price.src,
      bound: price.bound ?? null,
      energyPj: each(energyPj),
      band: bandOf(own),
    })),
    staticPower:
      idle.chip === null
        ? null
        : { mw: powerMw(idle.chip) * idle.chips, evidence: idle.chip.evidence, source: idle.chip.src },
    evidenceShare: energy.evidenceShare,
    weakestEvidence: energy.weakestEvidence ?? null,
    unpriced: energy.unpriced.map(({ action, count }) => ({ action, count: each(count) })),
    inside: energy.inside.map(({ action, count, where }) => ({ action, count: each(count), where })),
  };
}

const MOST_BINDING = 5;

/** What says which clock a chip needs: the profile's, and the length of a step of the model. */
interface Clock {
  readonly profile: Profile | undefined;
  readonly timestepNs: number | undefined;
}

/** In MHz: the profile's clock, times the longest step over the time that there is for it. */
function requiredClock(timing: string, worstNs: number, { profile, timestepNs }: Clock): number | undefined {
  const cycle = profile?.laws?.cycles?.cycleNs;
  if (timing !== "cycles" || cycle === undefined || timestepNs === undefined) return undefined;
  return (NS_PER_MHZ / timeNs(cycle)) * (worstNs / timestepNs);
}

/** A clock of 1 MHz has cycles of so many ns. */
const NS_PER_MHZ = 1000;

/** How long a run took on the chip, and what decided it. */
export function timeSection(run: RunResult, timing: string, clock?: Clock): TimeSection {
  const steps = run.stepNs.length;
  const totalNs = sum(run.stepNs);
  let worst = 0;
  const bound = new Map<string, number>();
  const waited = PHASES.map(() => 0);
  for (let i = 0; i < steps; i++) {
    if (run.stepNs[i] > worst) worst = run.stepNs[i];
    if (!Number.isNaN(run.stepNs[i])) waited[run.bindingPhase[i]]++;
    const row = run.bindingCore[i];
    if (row < 0) continue;
    const key = `${run.coreIds[row]}/${run.bindingPhase[i]}`;
    bound.set(key, (bound.get(key) ?? 0) + 1);
  }
  const binding = [...bound]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_BINDING)
    .map(([key, count]) => {
      const [core, phase] = key.split("/");
      return {
        core: Number(core),
        phase: PHASES[Number(phase)],
        stepShare: count / steps,
      };
    });
  const clockMhz = clock && !Number.isNaN(totalNs) ? requiredClock(timing, worst, clock) : undefined;
  return {
    model: timing,
    meanStepNs: orNull(totalNs / steps),
    worstStepNs: orNull(Number.isNaN(totalNs) ? NaN : worst),
    perInferenceNs: orNull(totalNs / Math.max(1, run.samples)),
    ...(clockMhz !== undefined && { requiredClockMhz: clockMhz }),
    binding,
    phases: PHASES.flatMap((phase, p) => (waited[p] === 0 ? [] : [{ phase, stepShare: waited[p] / steps }])),
    stepNs: Number.isNaN(totalNs) ? [] : Array.from(run.stepNs.subarray(0, run.steps)),
  };
}

function denseSection({ map, run, energy }: Measured): DenseSection {
  return {
    cores: map.cores,
    chips: map.chips,
    synapses: map.synapses,
    synapseWords: map.synapseWords,
    synapticOperationsPerInference: synapticOperations(countsPerInference(run)),
    dynamicPj: energy.dynamicPjPerSample,
    totalPj: orNull(energy.totalPjPerSample),
    perInferenceNs: orNull(sum(run.stepNs) / Math.max(1, run.samples)),
  };
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
