import type { Slice } from "#ir/block-graph";
import type { Network } from "#ir/network";
import { coresPerChip } from "#targets/target";
import { DiagnosticSink, invariant } from "#util/diagnostic";
import { available } from "../encode/measure.ts";
import type { Workload } from "../encode/workload.ts";
import { countDestinations, pieceOf, populationsInLoops, type Piece } from "../lower/destinations.ts";
import { canRelay } from "../lower/relay-neuron.ts";
import { planSplitters, splitterCores, type Splitters } from "../lower/splitters.ts";
import { buildStandIns } from "../lower/stand-ins.ts";
import { alignDelays } from "../passes/align-delays.ts";
import { cutAfter } from "./slices.ts";
import type { PartitionContext, Partitioner } from "./partitioner.ts";
import { slicesOf } from "./partitioner.ts";
import { tiles } from "./tiles.ts";

/**
 * For chips on which a neuron reaches one input axon of one core. Cuts populations as `tiles` does; then every neuron that
 * has to reach k input axons becomes k neurons, alike in all they receive, on the same core. Where a core cannot hold them,
 * either its neurons are spread over more cores, each of which needs the inputs again, or splitter cores repeat the spikes
 * a step later: whichever takes fewer cores by estimate. Loops cannot wait, so populations in loops only get copies.
 *
 * Later populations go first: their cores say how many places the earlier ones have to reach. That repeats until nothing
 * changes; pieces only get smaller, so it ends. Chips whose neurons reach as many places as they like get the cut of `tiles`.
 */
export const copies: Partitioner = {
  name: "copies",
  summary: "as tiles, with copies of neurons and splitter cores where a neuron reaches one place only",

  partition(workload, context) {
    const cut = slicesOf(tiles.partition(workload, context));
    if (context.misfits.all.length > 0 || available(workload).destinationsOfNeuron !== 1) return cut;
    const plan = settleCopies(
      workload,
      cut.map((slices) => pieceOf(workload, slices)),
      context,
    );
    if (plan === undefined) return cut;
    const { pieces, splitters } = plan;
    const instances = instancesOf(workload, pieces, splitters);
    if (instances.every((counts) => counts.every((count) => count === 1)))
      return pieces.map(({ slices }) => slices);
    const built = buildStandIns(workload, pieces, { instances, splitters });
    return { network: aligned(workload, built.network), slices: built.slices };
  },
};

interface CopyPlan {
  readonly pieces: readonly Piece[];
  readonly splitters: readonly (Splitters | undefined)[];
}

/**
 * Cuts pieces, and decides on splitters, until every core holds its neurons and their copies. Gives up cutting where it has
 * more pieces than all chips have cores.
 *
 * @returns undefined if a neuron has more copies than a core holds, and nothing to repeat it
 */
function settleCopies(workload: Workload, cut: Piece[], { misfits }: PartitionContext): CopyPlan | undefined {
  const { network, target } = workload;
  const perCore = available(workload).neurons;
  const inLoop = populationsInLoops(workload);
  const isRelayed = network.populations.map(() => false);
  const maxPieces = cut.length + target.mesh.maxChips.value * coresPerChip(target);
  let pieces = cut;
  const planOf = (p: number, destinations: Uint32Array): Splitters | undefined =>
    isRelayed[p] ? planSplitters(destinations, perCore) : undefined;
  for (let changed = true; changed && pieces.length <= maxPieces;) {
    changed = false;
    for (const p of fromTheEnd(network)) {
      if (!workload.mapped[p]) continue;
      const destinations = countDestinations(workload, pieces)[p];
      const own = new Set(pieces.filter(({ slices }) => slices.some(({ population }) => population === p)));
      const isOver = (counts: Uint32Array): boolean =>
        [...own].some(({ slices }) => sumOver(slices, counts) > perCore);
      if (!isRelayed[p] && !inLoop[p] && canRelay(network.populations[p]) && isOver(destinations))
        isRelayed[p] = relaysAreCheaper(workload, [...own], destinations, perCore);
      const counts = planOf(p, destinations)?.destinations ?? destinations;
      if (!isOver(counts)) continue;
      const wide = counts.findIndex((count) => count > perCore);
      if (wide >= 0) {
        misfits.add({
          population: p,
          neuron: wide,
          resource: "neurons",
          needed: counts[wide],
          available: perCore,
        });
        return undefined;
      }
      changed = true;
      pieces = pieces.flatMap((piece) =>
        own.has(piece)
          ? cutToFit(piece.slices, counts, perCore).map((slices) => pieceOf(workload, slices))
          : [piece],
      );
    }
  }
  return { pieces, splitters: countDestinations(workload, pieces).map((counts, p) => planOf(p, counts)) };
}

function instancesOf(
  workload: Workload,
  pieces: readonly Piece[],
  splitters: readonly (Splitters | undefined)[],
): Uint32Array[] {
  return countDestinations(workload, pieces).map((destinations, p) =>
    workload.mapped[p]
      ? (splitters[p]?.destinations ?? destinations).map((count) => Math.max(1, count))
      : new Uint32Array(destinations.length).fill(1),
  );
}

/** Neurons with their copies: a neuron that reaches nothing still takes a place. */
function sumOver(slices: readonly Slice[], counts: Uint32Array): number {
  let sum = 0;
  for (const { begin, end } of slices) for (let n = begin; n < end; n++) sum += Math.max(1, counts[n]);
  return sum;
}

/** Slices cut into runs that each fit with their copies, about equally full. */
function cutToFit(slices: readonly Slice[], counts: Uint32Array, perCore: number): Slice[][] {
  const total = sumOver(slices, counts);
  if (total <= perCore) return [[...slices]];
  const share = total / Math.ceil(total / perCore);
  const pieces: Slice[][] = [];
  let rest: Slice[] = [...slices];
  while (rest.length > 0) {
    let neurons = 0;
    let filled = 0;
    for (const { begin, end } of rest)
      for (let n = begin; n < end; n++) {
        const needed = Math.max(1, counts[n]);
        if (filled >= share || filled + needed > perCore) break;
        filled += needed;
        neurons++;
      }
    const [head, tail] = cutAfter(rest, neurons);
    pieces.push(head);
    rest = tail;
  }
  return pieces;
}

/**
 * Estimated cores with splitters against those with copies. More pieces take their inputs again, each from a copy of a neuron
 * upstream; splitters leave the pieces as they are.
 */
function relaysAreCheaper(
  workload: Workload,
  own: readonly Piece[],
  destinations: Uint32Array,
  perCore: number,
): boolean {
  if (destinations.some((count) => count > perCore)) return true;
  const instances = own.reduce((sum, { slices }) => sum + sumOver(slices, destinations), 0);
  const copied = Math.ceil(instances / perCore);
  const upstream = own.reduce(
    (sum, { lists }) =>
      sum + lists.sourcePopulation.filter((population) => workload.mapped[population]).length,
    0,
  );
  const moreUpstream = ((copied - own.length) * (upstream / own.length)) / perCore;
  const splitters = splitterCores(planSplitters(destinations, perCore));
  return own.length + splitters < copied + moreUpstream;
}

/** Populations with those first that others wait for longest. */
function fromTheEnd({ populations }: Network): number[] {
  const start = (p: number): number => populations[p].startStep ?? 0;
  return populations.map((_, p) => p).sort((a, b) => start(b) - start(a) || b - a);
}

/** Start steps and delays after relays came in between. */
function aligned(workload: Workload, network: Network): Network {
  const sink = new DiagnosticSink();
  const done = alignDelays.run(network, { target: workload.target, sink });
  sink.throwIfErrors();
  invariant(sink.diagnostics.length === 0, "relays make no loop slower: they are in none");
  return done;
}
