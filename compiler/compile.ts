import type { BlockGraph, Placement } from "#ir/block-graph";
import type { Deployment, IntegerRules } from "#ir/deployment";
import type { Network } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { reportOnly } from "#targets/diagnostics";
import { findPacker, findProfile } from "#targets/index";
import { coresPerChip, type Profile, type Target } from "#targets/target";
import { DiagnosticSink, invariant } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { createRng } from "#util/rng";
import { buildBlockGraph } from "./block-graph.ts";
import { checkQuantized } from "./check-quantized.ts";
import { AUTO, cutBlocks, OBJECTIVES, type Objective } from "./cut-blocks.ts";
import {
  chipsOutOfRange,
  linksNotPriced,
  relaysAdded,
  unknownChoice,
  type ChoiceStage,
} from "./diagnostics.ts";
import { emit } from "./emit.ts";
import { createWorkload } from "./encode/workload.ts";
import { explainMisfit, explainNoRoom } from "./explain/index.ts";
import { mapBounds, type MapBounds } from "./map-bounds.ts";
import { PARTITIONERS } from "./partition/index.ts";
import { EFFORTS, type Effort } from "./partition/partitioner.ts";
import { settleOutputs } from "./partition/settle-outputs.ts";
import { linkPrices } from "./place/by-traffic.ts";
import { PLACERS } from "./place/index.ts";
import { ROUTERS } from "./route/index.ts";
import { utilizationOf, type Utilization } from "./utilization.ts";

export interface CompileOptions {
  /** Names in the target's packers, and in PARTITIONERS, PLACERS, ROUTERS; see `effort` for the defaults. */
  readonly packer?: string;
  /** `auto`: the best of several. */
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
  /** How long partitioner and placer search, and which they are where none is named; `DEFAULT_EFFORT` if absent. */
  readonly effort?: Effort;
  /** `hops` if absent. */
  readonly objective?: Objective;
  /** Whose times and energies the objectives go by; the target's default if absent. */
  readonly profile?: Profile;
  /** Asked often; once it says yes, the best legal mapping so far is what comes back. */
  readonly shouldStop?: () => boolean;
}

/** At `fast`, the target's or the first partitioner and placer; else the best of several partitioners, and the placer by traffic. */
export const DEFAULT_EFFORT: Effort = "fast";

const PLACER_OF: Readonly<Record<Effort, string | undefined>> = {
  fast: undefined,
  default: "spectral",
  best: "anneal",
};

export interface CompileResult {
  readonly deployment: Deployment;
  readonly blockGraph: BlockGraph;
  readonly placement: Placement;
  readonly utilization: Utilization;
  /** What is on the chip: the network that came in, or the one that the partitioner made of it. */
  readonly network: Network;
  /** How far it is from what is possible. */
  readonly bounds: MapBounds;
  /** What cut it and placed it. */
  readonly partitioner: string;
  readonly placer: string;
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
  if (target.status === "report-only")
    sink.report(reportOnly({ target: target.name, reasons: target.caveats ?? [] }));
  const packer = findPacker(target, options.packer, sink);
  const { defaults = {} } = target;
  const effort = choose("effort", EFFORTS.map(named), options.effort ?? DEFAULT_EFFORT, sink)?.name;
  const objective = choose("objective", OBJECTIVES.map(named), options.objective ?? "hops", sink)?.name;
  const cutting = options.partitioner ?? defaults.partitioner ?? (effort === "fast" ? undefined : AUTO);
  // Chips with a partitioner of their own have no other.
  const partitioner =
    cutting === AUTO && defaults.partitioner === undefined
      ? AUTO
      : choose("partitioner", PARTITIONERS, cutting === AUTO ? defaults.partitioner : cutting, sink, [AUTO]);
  const placing = options.placer ?? defaults.placer ?? (effort && PLACER_OF[effort]);
  const placer = choose("placer", PLACERS, placing, sink);
  // Hops need no prices and no times.
  const profile =
    options.profile ?? (objective === "hops" ? undefined : findProfile(target, undefined, sink));
  if (objective === "energy" && profile !== undefined && linkPrices(target, profile) === undefined)
    sink.report(linksNotPriced({ target: target.name, profile: profile.name }));
  const router = choose("router", ROUTERS, options.router ?? defaults.router, sink);
  if (isValid(network, sink)) checkQuantized(network, target, sink);
  sink.throwIfErrors();
  invariant(
    packer && partitioner && placer && router && effort && objective,
    "a choice that was not found has been reported",
  );

  const cut = cutBlocks(createWorkload(network, target, packer, options.keepZeros ?? false), {
    partitioner,
    share: options.share ?? "when-needed",
    chips,
    seed: options.seed ?? 1,
    effort,
    objective,
    profile,
    spikesPerStep: options.spikesPerStep,
    keepZeros: options.keepZeros ?? false,
    onProgress,
    shouldStop: options.shouldStop,
  });
  const { workload, misfits, maxBlocks } = cut;
  let { blocks } = cut;
  const cores = chips * coresPerChip(target);
  const rng = createRng(options.seed ?? 1);
  const placeContext = {
    effort,
    objective,
    shouldStop: options.shouldStop,
    ...(profile !== undefined && { profile }),
  };

  for (;;) {
    for (const misfit of misfits.all) sink.report(explainMisfit(workload, misfit, cut.relayFault));
    if (blocks.length > cores) sink.report(explainNoRoom(workload, blocks, chips, cut.relayFault));
    sink.throwIfErrors();
    onProgress?.("place", 0, blocks.length);
    const blockGraph = buildBlockGraph(workload, blocks, options.spikesPerStep);
    const placement = placer.place(blockGraph, target, chips, rng, placeContext);
    const chipOfBlock = placement.coreOfBlock.map((core) => Math.floor(core / coresPerChip(target)));
    const settled = settleOutputs(workload, blocks, misfits, { maxBlocks, chipOfBlock });
    const placed = settled.length === blocks.length && misfits.all.length === 0;
    blocks = settled;
    if (!placed) continue;
    onProgress?.("emit", 0, blocks.length);
    const deployment = emit(workload, blocks, placement, options.rules ?? "lava");
    if (cut.hasRelays === true) reportRelays(workload.network, sink);
    const graph = { ...blockGraph, blocks: blocks.map(({ slices, demand }) => ({ slices, demand })) };
    return {
      deployment,
      blockGraph: graph,
      placement,
      utilization: utilizationOf(workload, graph, placement, deployment, router),
      network: workload.network,
      partitioner: cut.partitioner,
      bounds: mapBounds(workload, blocks, blockGraph, { chips, hops: placement.cost }),
      placer: placer.name,
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

function reportRelays({ populations }: Network, sink: DiagnosticSink): void {
  for (const { standsFor } of populations)
    if (standsFor?.kind === "relay")
      sink.report(
        relaysAdded({
          population: populations[standsFor.population].name,
          neurons: new Set(standsFor.neuron).size,
          relays: standsFor.neuron.length,
        }),
      );
}

const named = <T extends string>(name: T): { readonly name: T } => ({ name });

function choose<T extends { readonly name: string }>(
  stage: ChoiceStage,
  registry: readonly T[],
  name: string | undefined,
  sink: DiagnosticSink,
  others: readonly string[] = [],
): T | undefined {
  if (name === undefined) return registry[0];
  const found = registry.find((entry) => entry.name === name);
  if (found === undefined)
    sink.report(unknownChoice({ stage, name, known: [...registry.map((entry) => entry.name), ...others] }));
  return found;
}
