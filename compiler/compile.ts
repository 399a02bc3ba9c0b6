import type { BlockGraph, Placement } from "#ir/block-graph";
import type { Deployment, IntegerRules } from "#ir/deployment";
import type { Network } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { findPacker } from "#targets/index";
import { coresPerChip, type Target } from "#targets/target";
import { DiagnosticSink, invariant } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { createRng } from "#util/rng";
import { buildBlockGraph } from "./block-graph.ts";
import { checkQuantized } from "./check-quantized.ts";
import { chipsOutOfRange, unknownChoice } from "./diagnostics.ts";
import { emit } from "./emit.ts";
import { createWorkload } from "./encode/workload.ts";
import { explainMisfit, explainNoRoom } from "./explain.ts";
import { PARTITIONERS } from "./partition/index.ts";
import { mapBlock } from "./partition/mapped-block.ts";
import { Misfits } from "./partition/misfits.ts";
import { isRewritten } from "./partition/partitioner.ts";
import { settleOutputs } from "./partition/settle-outputs.ts";
import { shareCores } from "./partition/share-cores.ts";
import { PLACERS } from "./place/index.ts";
import { ROUTERS } from "./route/index.ts";
import { utilizationOf, type Utilization } from "./utilization.ts";

export interface CompileOptions {
  /** Names in the target's packers, and in PARTITIONERS, PLACERS, ROUTERS; the first of each by default. */
  readonly packer?: string;
  readonly partitioner?: string;
  readonly placer?: string;
  readonly router?: string;
  /** Chips that may be used; 1 by default. */
  readonly chips?: number;
  /** For algorithms that draw random numbers; 1 by default. */
  readonly seed?: number;
  /** Stored zeros take up memory, as in an unpruned network. */
  readonly keepZeros?: boolean;
  /** Whether populations may share a core: `when-needed` (the default) only if the chips have too few cores. */
  readonly share?: "never" | "when-needed" | "always";
  readonly rules?: IntegerRules;
  /** Expected spikes per step of each neuron, by population name, `[size]`: what the placer weighs by. 1 by default. */
  readonly spikesPerStep?: Readonly<Record<string, Float64Array>>;
}

export interface CompileResult {
  readonly deployment: Deployment;
  readonly blockGraph: BlockGraph;
  readonly placement: Placement;
  readonly utilization: Utilization;
  /** What is on the chip: the network that came in, or the one that the partitioner made of it. */
  readonly network: Network;
}

/**
 * Maps a quantized network onto the cores of a target: partition, place, route, emit. Same arguments, same result.
 *
 * @param network populations of models that the target runs, and `input`; integer weights with `quantization`;
 *                delays of at least 1 step (see `quantize` and the pass `align-delays`)
 * @throws ToolchainError with everything in the sink, if any of it is an error: options that do not exist, a network
 *         that is not quantized, every neuron that fits into no core, too many blocks for the chips
 */
export function compile(
  network: Network,
  target: Target,
  options: CompileOptions = {},
  sink: DiagnosticSink = new DiagnosticSink(),
  onProgress?: OnProgress,
): CompileResult {
  const chips = options.chips ?? 1;
  const maxChips = target.mesh.maxChips.value;
  if (!(Number.isInteger(chips) && chips >= 1 && chips <= maxChips))
    sink.report(chipsOutOfRange({ chips, maxChips, target: target.name }));
  const packer = findPacker(target, options.packer, sink);
  const { defaults = {} } = target;
  const partitioner = choose("partitioner", PARTITIONERS, options.partitioner ?? defaults.partitioner, sink);
  const placer = choose("placer", PLACERS, options.placer ?? defaults.placer, sink);
  const router = choose("router", ROUTERS, options.router ?? defaults.router, sink);
  if (isValid(network, sink)) checkQuantized(network, target, sink);
  sink.throwIfErrors();
  invariant(packer && partitioner && placer && router, "a choice that was not found has been reported");

  const given = createWorkload(network, target, packer, options.keepZeros ?? false);
  const rng = createRng(options.seed ?? 1);
  const misfits = new Misfits();
  const partition = partitioner.partition(given, { misfits, rng, onProgress });
  const { workload, slices } = isRewritten(partition)
    ? {
        workload: createWorkload(partition.network, target, packer, options.keepZeros ?? false),
        slices: partition.slices,
      }
    : { workload: given, slices: partition };
  const cores = chips * coresPerChip(target);
  // Splitting for output entries ends where it would take all cores by itself.
  const maxBlocks = slices.length + cores;
  let blocks = settleOutputs(
    workload,
    slices.map((piece) => mapBlock(workload, piece)),
    misfits,
    { maxBlocks },
  );
  const share = options.share ?? "when-needed";
  if (share !== "never" && misfits.all.length === 0) {
    blocks = shareCores(workload, blocks, share === "always" ? 1 : cores);
    blocks = settleOutputs(workload, blocks, misfits, { maxBlocks });
  }

  for (;;) {
    for (const misfit of misfits.all) sink.report(explainMisfit(workload, misfit));
    if (blocks.length > cores) sink.report(explainNoRoom(workload, blocks, chips));
    sink.throwIfErrors();
    onProgress?.("place", 0, blocks.length);
    const blockGraph = buildBlockGraph(workload, blocks, options.spikesPerStep);
    const placement = placer.place(blockGraph, target, chips, rng);
    const chipOfBlock = placement.coreOfBlock.map((core) => Math.floor(core / coresPerChip(target)));
    const settled = settleOutputs(workload, blocks, misfits, { maxBlocks, chipOfBlock });
    const placed = settled.length === blocks.length && misfits.all.length === 0;
    blocks = settled;
    if (!placed) continue;
    onProgress?.("emit", 0, blocks.length);
    const deployment = emit(workload, blocks, placement, options.rules ?? "lava");
    const graph = { ...blockGraph, blocks: blocks.map(({ slices, demand }) => ({ slices, demand })) };
    return {
      deployment,
      blockGraph: graph,
      placement,
      utilization: utilizationOf(workload, graph, placement, deployment, router),
      network: workload.network,
    };
  }
}

/** Passes errors on; warnings were for whoever made the network. */
function isValid(network: Network, sink: DiagnosticSink): boolean {
  const own = new DiagnosticSink();
  validateNetwork(network, own, { models: NEURON_MODELS });
  for (const diagnostic of own.diagnostics) if (diagnostic.severity === "error") sink.report(diagnostic);
  return !own.hasErrors;
}

function choose<T extends { readonly name: string }>(
  stage: "partitioner" | "placer" | "router",
  registry: readonly T[],
  name: string | undefined,
  sink: DiagnosticSink,
): T | undefined {
  if (name === undefined) return registry[0];
  const found = registry.find((entry) => entry.name === name);
  if (found === undefined)
    sink.report(unknownChoice({ stage, name, known: registry.map((entry) => entry.name) }));
  return found;
}
