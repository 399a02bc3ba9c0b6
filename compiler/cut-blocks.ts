import type { Network } from "#ir/network";
import { coresPerChip, type Profile } from "#targets/target";
import type { OnProgress } from "#util/progress";
import { createRng } from "#util/rng";
import { balanceBlocks } from "./balance-blocks.ts";
import type { Slice } from "#ir/block-graph";
import { buildBlockGraph } from "./block-graph.ts";
import { available } from "./encode/measure.ts";
import { reorderForWords } from "./encode/reorder.ts";
import { createWorkload, type Workload } from "./encode/workload.ts";
import { hypergraph } from "./partition/hypergraph.ts";
import { layerOrder } from "./partition/layer-order.ts";
import { mapBlock, type MappedBlock } from "./partition/mapped-block.ts";
import { Misfits } from "./partition/misfits.ts";
import { slicesOf, isRewritten, type Effort, type Partitioner } from "./partition/partitioner.ts";
import { relayOutputs, type RelayFault } from "./partition/relay-outputs.ts";
import { settleOutputs } from "./partition/settle-outputs.ts";
import { shareCores } from "./partition/share-cores.ts";
import { tiles } from "./partition/tiles.ts";
import { spectral } from "./place/by-traffic.ts";

/** What a mapping should make small, after the number of cores. */
export type Objective = (typeof OBJECTIVES)[number];

/** Spikes x links; the time of a step; the energy of a step. */
export const OBJECTIVES = ["hops", "step-time", "energy"] as const;

/** The partitioner that tries several. */
export const AUTO = "auto";

export interface CutOptions {
  readonly partitioner: Partitioner | typeof AUTO;
  readonly share: "never" | "when-needed" | "always";
  readonly chips: number;
  readonly seed: number;
  readonly effort: Effort;
  readonly objective: Objective;
  /** Needed for the time of a step. */
  readonly profile?: Profile | undefined;
  readonly spikesPerStep?: Readonly<Record<string, Float64Array>> | undefined;
  readonly keepZeros: boolean;
  readonly onProgress?: OnProgress | undefined;
  readonly shouldStop?: (() => boolean) | undefined;
}

/** A network in blocks that fit into a core each, wherever they are placed. */
export interface CutNetwork {
  /** Of what is mapped: the partitioner may have made another network. */
  readonly workload: Workload;
  readonly blocks: readonly MappedBlock[];
  readonly misfits: Misfits;
  /** Splitting for output entries ends where it would take all cores by itself. */
  readonly maxBlocks: number;
  /** Name of the partitioner. */
  readonly partitioner: string;
  /** Set where relays keep to the output entries of cores, or why they cannot. */
  readonly hasRelays?: true;
  readonly relayFault?: RelayFault;
}

/** With the pieces that it was settled from. */
interface SettledCut extends CutNetwork {
  readonly pieces: readonly (readonly Slice[])[];
}

/** Cuts with the partitioner of the options, or with the one of several whose blocks are fewest, then cheapest to place. */
export function cutBlocks(given: Workload, options: CutOptions): CutNetwork {
  const { partitioner, effort, share, shouldStop } = options;
  if (partitioner !== AUTO) return finished(cutWith(given, partitioner, options), options);
  let best = cutWith(given, tiles, options);
  if (effort === "fast" || best.misfits.all.length > 0) return finished(best, options);
  let lowest: number | undefined;
  const candidates = effort === "best" ? [hypergraph, layerOrder] : [hypergraph];
  for (const candidate of candidates) {
    if (shouldStop?.() === true || (best.blocks.length < 2 && share !== "always")) break;
    const cut = cutWith(given, candidate, options);
    if (cut.misfits.all.length > 0 || cut.blocks.length > best.blocks.length) continue;
    lowest ??= placingCost(best, options);
    const cost = placingCost(cut, options);
    if (cut.blocks.length === best.blocks.length && cost >= lowest) continue;
    best = cut;
    lowest = cost;
  }
  return finished(best, options);
}

function cutWith(given: Workload, partitioner: Partitioner, options: CutOptions): CutNetwork {
  const { share, chips, seed, keepZeros } = options;
  const { target, packer } = given;
  const cores = chips * coresPerChip(target);
  const cut = (together: boolean): SettledCut => {
    const misfits = new Misfits();
    const partition = partitioner.partition(given, {
      misfits,
      rng: createRng(seed),
      together,
      effort: options.effort,
      onProgress: options.onProgress,
      spikesPerStep: options.spikesPerStep,
      shouldStop: options.shouldStop,
    });
    const workload = isRewritten(partition) ? workloadOf(partition.network) : given;
    const slices = slicesOf(partition);
    const maxBlocks = slices.length + cores;
    const blocks = settleOutputs(
      workload,
      slices.map((piece) => mapBlock(workload, piece)),
      misfits,
      { maxBlocks },
    );
    return { workload, blocks, misfits, maxBlocks, partitioner: partitioner.name, pieces: slices };
  };
  const workloadOf = (network: Network): Workload => createWorkload(network, target, packer, keepZeros);

  const shared = (found: CutNetwork): CutNetwork => {
    const { workload, misfits, maxBlocks } = found;
    const blocks = shareCores(workload, found.blocks, share === "always" ? 1 : cores);
    return { ...found, blocks: settleOutputs(workload, blocks, misfits, { maxBlocks }) };
  };
  const apart = cut(false);
  const withoutRelays = (): CutNetwork => {
    if (share === "never" || apart.misfits.all.length > 0) return apart;
    const joined = shared(apart);
    const isTight = share === "always" || apart.blocks.length > cores;
    if (!isTight || partitioner.cutsTogether !== true) return joined;
    const together = shared(cut(true));
    return together.blocks.length < joined.blocks.length ? together : joined;
  };
  const found = withoutRelays();
  const fits = ({ misfits, blocks }: CutNetwork): boolean =>
    misfits.all.length === 0 && blocks.length <= cores;
  if (fits(found) || partitioner.keepsWhole === true || !canUseRelays(given, apart, cores)) return found;
  const within = (chipsUsed: number) =>
    relayOutputs(
      given,
      apart.pieces,
      { chips: chipsUsed, cores: chipsUsed * coresPerChip(target), keepZeros },
      { rng: createRng(seed), shouldStop: options.shouldStop },
    );
  // Ways to other chips take entries that relays have to keep free.
  const onOneChip = within(1);
  const relayed = "why" in onOneChip && chips > 1 ? within(chips) : onOneChip;
  if ("why" in relayed) return { ...found, relayFault: relayed };
  const own: CutNetwork = {
    ...relayed,
    misfits: new Misfits(),
    partitioner: partitioner.name,
    hasRelays: true,
  };
  return share === "never" ? own : shared(own);
}

/** Whether output entries are all that is missing: for each chip's other limits on what neurons reach, relays are no help. */
function canUseRelays(
  given: Workload,
  { workload, misfits, blocks, pieces }: SettledCut,
  cores: number,
): boolean {
  const { axonsOut, destinationsOfNeuron, destinationCores } = available(given);
  return (
    Number.isFinite(axonsOut) &&
    !Number.isFinite(destinationsOfNeuron) &&
    !Number.isFinite(destinationCores) &&
    workload === given &&
    pieces.length <= cores &&
    misfits.all.every(({ resource }) => resource === "axonsOut") &&
    (misfits.all.length > 0 || blocks.length > pieces.length)
  );
}

/** Balanced where that is asked for, and each core's neurons in the order that takes fewest words. */
function finished(cut: CutNetwork, options: CutOptions): CutNetwork {
  const { workload, blocks, ...rest } = balanced(cut, options);
  if (options.effort === "fast" || workload.packer.formula !== "entry-list")
    return { workload, blocks, ...rest };
  const reordered = blocks.map((block): MappedBlock => {
    const better = reorderForWords(workload, block.slices, block.measure);
    if (better === undefined) return block;
    const { demand } = better.measure;
    return {
      ...better,
      demand: { ...block.demand, synapseWords: demand.synapseWords, synapseFormats: demand.synapseFormats },
    };
  });
  return { workload, blocks: reordered, ...rest };
}

/** Where the time of a step is to be short, the busiest cores give neurons away: to others, and to cores that are idle anyway. */
function balanced(cut: CutNetwork, options: CutOptions): CutNetwork {
  const { objective, chips, share, profile } = options;
  if (profile === undefined || objective !== "step-time" || cut.misfits.all.length > 0) return cut;
  const maxCores = chips * coresPerChip(cut.workload.target);
  if (cut.blocks.length > maxCores) return cut;
  const blocks = balanceBlocks(cut.workload, cut.blocks, {
    ...options,
    profile,
    maxCores,
    together: share === "always",
  });
  const misfits = new Misfits();
  const settled = settleOutputs(cut.workload, blocks, misfits, { maxBlocks: cut.maxBlocks });
  return misfits.all.length > 0 || settled.length > maxCores ? cut : { ...cut, blocks: settled };
}

/** Spikes x links after the quick placement. */
function placingCost({ workload, blocks }: CutNetwork, { chips, seed, spikesPerStep }: CutOptions): number {
  const { target } = workload;
  const needed = Math.max(chips, Math.ceil(blocks.length / coresPerChip(target)));
  const graph = buildBlockGraph(workload, blocks, spikesPerStep);
  return spectral.place(graph, target, needed, createRng(seed)).cost;
}
