import type { Slice } from "#ir/block-graph";
import type { Network, WeightQuantization } from "#ir/network";
import { DiagnosticSink } from "#util/diagnostic";
import { available, shortagesOf } from "../encode/measure.ts";
import { createWorkload, type Workload } from "../encode/workload.ts";
import { buildRelays, planRelays, type RelayPlan } from "../lower/relay-fan-out.ts";
import { relayNeuronOf, relayPopulation, type RelayNeuron } from "../lower/relay-neuron.ts";
import { alignDelays } from "../passes/align-delays.ts";
import { cutInOrder } from "./layer-order.ts";
import { blockOfNeuron, mapBlock, type MappedBlock } from "./mapped-block.ts";
import { Misfits } from "./misfits.ts";
import type { PartitionContext } from "./partitioner.ts";
import { cutByEntries, settleOutputs } from "./settle-outputs.ts";

/** A cut within the output entries of all cores, of a network with relays. */
export interface RelayedOutputs {
  readonly workload: Workload;
  readonly blocks: readonly MappedBlock[];
  readonly maxBlocks: number;
}

/** Why relays do not help, and the population that it is about. */
export interface RelayFault {
  readonly why: "loop" | "neuron" | "depth" | "walls" | "cores";
  readonly population: number;
}

/** Who sends through relays: nobody, neurons that need more entries than a core has, or all that reach several cores. */
type Level = 0 | 1 | 2;

/**
 * Keeps to the output entries of cores with relays, where cutting alone does not: neurons that repeat every spike of another one
 * a step later, each to some of the cores that it has to reach. All other delays grow by that step (`align-delays`).
 *
 * First only neurons that need more entries than a core has get relays. Where the cores still do not suffice, whole populations
 * do, from the end: their cores need not be cut for what they send any more, so that fewer are to be reached before them.
 *
 * @param slices cut within all walls but output entries
 */
export function relayOutputs(
  given: Workload,
  slices: readonly (readonly Slice[])[],
  options: { readonly cores: number; readonly chips: number; readonly keepZeros: boolean },
  context: Omit<PartitionContext, "misfits">,
): RelayedOutputs | RelayFault {
  const { network, target } = given;
  const limit = available(given).axonsOut;
  const crossing = options.chips > 1 ? target.mesh.chipCrossingEntries.value : 0;
  const room = { limit, perRelay: Math.floor(limit / (1 + crossing)) };
  const levels = network.populations.map((): Level => 0);
  const start = slices.map((piece) => mapBlock(given, piece));
  const maxBlocks = slices.length + options.cores;
  const relayOf = relayNeurons(given);
  /** Gives a population relays, or says why it cannot have them. */
  const raise = (population: number, level: Level): RelayFault | undefined => {
    const before = levels[population];
    levels[population] = level;
    const why = relayOf(population) === undefined ? "neuron" : delayFault(given, levels, relayOf);
    if (why !== undefined) levels[population] = before;
    return why === undefined ? undefined : { why, population };
  };

  for (;;) {
    const settled = settle(given, start, levels, room, maxBlocks);
    const [wide] = settled.plan.wide;
    if (wide !== undefined) {
      if (levels[wide] > 0) return { why: "depth", population: wide };
      const fault = raise(wide, 1);
      if (fault !== undefined) return fault;
      continue;
    }
    if (settled.blocks.length <= options.cores && levels.some((level) => level > 0)) {
      const built = build(given, settled, { ...options, relayOf }, context);
      if ("why" in built || built.blocks.length <= options.cores) return built;
    }
    // Where only input lines are before a population, nothing is gained by keeping its cores few.
    const parted = network.populations.flatMap((_, p) =>
      levels[p] < 2 &&
      given.incoming[p].some(({ pre }) => given.mapped[pre]) &&
      coresOf(settled.blocks, p) > coresOf(start, p)
        ? [p]
        : [],
    );
    const faults: RelayFault[] = [];
    const isRaised = parted.reverse().some((population) => {
      const fault = raise(population, 2);
      if (fault !== undefined) faults.push(fault);
      return fault === undefined;
    });
    if (!isRaised) return faults.at(0) ?? { why: "cores", population: -1 };
  }
}

/** Cuts blocks by their entries, as `settleOutputs` does, until nothing changes or there are too many. */
function settle(
  workload: Workload,
  start: readonly MappedBlock[],
  levels: readonly Level[],
  room: { readonly limit: number; readonly perRelay: number },
  maxBlocks: number,
): { blocks: readonly MappedBlock[]; plan: RelayPlan } {
  const mostSelf = levels.map((level) => [Infinity, room.limit, 1][level]);
  let blocks = start;
  for (;;) {
    const lists = blocks.map(({ measure }) => measure.lists);
    const plan = planRelays(workload.network, lists, mostSelf, room);
    if (plan.wide.length > 0 || blocks.length > maxBlocks) return { blocks, plan };
    const next = blocks.flatMap((block) => {
      let total = 0;
      for (const { population, begin, end } of block.slices)
        for (let n = begin; n < end; n++) total += plan.entries[population][n];
      if (total <= room.limit) return [block];
      return cutByEntries(block.slices, plan.entries, total, room.limit).map((slices) =>
        mapBlock(workload, slices),
      );
    });
    if (next.length === blocks.length) return { blocks, plan };
    blocks = next;
  }
}

/** The rewritten network in blocks: those of the plan, and the relays on cores of their own. */
function build(
  given: Workload,
  { blocks, plan }: { readonly blocks: readonly MappedBlock[]; readonly plan: RelayPlan },
  options: { readonly cores: number; readonly keepZeros: boolean; readonly relayOf: RelayOf },
  context: Omit<PartitionContext, "misfits">,
): RelayedOutputs | RelayFault {
  const { target, packer, network } = given;
  const built = buildRelays(network, plan, [...blockOfNeuron(given, blocks)], options.relayOf);
  const sink = new DiagnosticSink();
  const workload = createWorkload(
    alignDelays.run(built, { target, sink }),
    target,
    packer,
    options.keepZeros,
  );
  const misfits = new Misfits();
  const relays = workload.network.populations.flatMap(({ size }, p) =>
    p < network.populations.length ? [] : cutInOrder(workload, p, size, { ...context, misfits }),
  );
  const mapped = [...blocks.map(({ slices }) => slices), ...relays.map((slice) => [slice])].map((slices) =>
    mapBlock(workload, slices),
  );
  const maxBlocks = mapped.length + options.cores;
  const limits = available(workload);
  const over = mapped.find(({ measure }) => shortagesOf(measure, limits).length > 0);
  if (over !== undefined) return { why: "walls", population: over.slices[0].population };
  const settled = settleOutputs(workload, mapped, misfits, { maxBlocks });
  if (misfits.all.length > 0) return { why: "walls", population: misfits.all[0].population };
  return { workload, blocks: settled, maxBlocks };
}

type RelayOf = (population: number) => RelayNeuron | undefined;

function relayNeurons({ network, target }: Workload): RelayOf {
  const { populations, projections } = network;
  const like = populations.map((_, p) => projections.find(({ pre }) => pre === p)?.quantization);
  const made = new Map<number, RelayNeuron | undefined>();
  return (p) => {
    const quantization: WeightQuantization | undefined = like[p];
    if (!made.has(p) && quantization !== undefined)
      made.set(p, relayNeuronOf(populations[p], target, quantization));
    return made.get(p);
  };
}

/** Whether delays leave every relay its step: a loop may have none to spare, and a delay has a longest. */
function delayFault(
  { network, target }: Workload,
  levels: readonly Level[],
  relayOf: RelayOf,
): "loop" | undefined {
  const populations = [...network.populations];
  const projections = [...network.projections];
  levels.forEach((level, p) => {
    const relay = relayOf(p);
    if (level === 0 || relay === undefined) return;
    const index = populations.length;
    populations.push(relayPopulation(populations[p], p, new Uint32Array(1), relay.params));
    for (const projection of network.projections)
      if (projection.pre === p)
        projections.push({ ...projection, pre: index, delaySteps: projection.delaySteps - 1 });
    const [any] = network.projections;
    projections.push({ ...any, pre: p, post: index, delaySteps: 1 });
  });
  const skeleton: Network = { ...network, populations, projections };
  const sink = new DiagnosticSink();
  alignDelays.run(skeleton, { target, sink });
  return sink.diagnostics.length > 0 ? "loop" : undefined;
}

function coresOf(blocks: readonly MappedBlock[], population: number): number {
  return blocks.filter(({ slices }) => slices.some((slice) => slice.population === population)).length;
}
