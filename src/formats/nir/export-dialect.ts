import { DEFAULT_DYNAMICS, type Network } from "#ir/network";
import { DiagnosticSink } from "#util/diagnostic";
import { withIntegrator } from "./dialect-decay.ts";
import { withGain, type GainChanges } from "./dialect-gain.ts";
import type { NirDialect } from "./dialects.ts";
import { dialectNote, dynamicsInMetadata, readerDiffers } from "./diagnostics-export.ts";
import { READERS, examineFor } from "./doctor/index.ts";
import { isArray, sizeOf } from "./fields.ts";
import type { NirArray, NirFile, NirGraph, NirNode } from "./graph.ts";
import { networkToNir } from "./write-network.ts";
import { floats, node } from "./write-node.ts";

/**
 * A network as the file that a dialect's reader understands; a note says what was changed for it, warnings say what
 * that reader will do in another way.
 *
 * @returns undefined if the sink received an error
 * @throws ToolchainError with everything that NIR cannot say at all
 */
export function toDialect(
  network: Network,
  dialect: NirDialect,
  { masks = false }: { readonly masks?: boolean },
  sink: DiagnosticSink,
): NirFile | undefined {
  const own = new DiagnosticSink();
  const decayed =
    dialect.integrator === undefined
      ? { network, changed: [] }
      : withIntegrator(network, dialect.integrator, own);
  for (const diagnostic of own.diagnostics) sink.report(diagnostic);
  if (own.hasErrors) return undefined;
  const { network: adapted, changes } = withGain(decayed.network, dialect);
  const written = networkToNir(adapted, dialect.writing);
  const looped = dialect.needsRecurrentLayer === true ? withoutSelfLoops(written.root) : written.root;
  const graph = dialect.needsBias === true ? { ...looped, nodes: looped.nodes.map(withBias) } : looped;
  const dialectMetadata = dialect.name === "spec" ? {} : { spinec_dialect: dialect.name };
  const root = {
    ...graph,
    nodes: masks ? graph.nodes.map(withMask) : graph.nodes,
    metadata: { ...graph.metadata, ...dialectMetadata },
  };
  const file = { ...written, root };
  const words = changeWords(network, dialect, decayed.changed, changes);
  sink.report(dialectNote({ dialect: dialect.name, readers: dialect.readers, changes: words }));
  reportDynamics(adapted, sink);
  reportReaders(file, dialect, sink);
  return file;
}

function changeWords(
  network: Network,
  { writing, gain }: NirDialect,
  decays: readonly string[],
  { weights, thresholds, scales }: GainChanges,
): string[] {
  const stepSeconds = network.timestepNs === undefined ? undefined : network.timestepNs * 1e-9;
  const dtSeconds = writing.dtSeconds ?? stepSeconds ?? 1e-4;
  const step = `one step is ${Number(dtSeconds.toPrecision(6))} s`;
  const isAssumed = writing.dtSeconds === undefined && stepSeconds === undefined;
  const kept = {
    "as-is": "gains as they are",
    "per-step": "every input counts once a step (r = tau / dt)",
    one: "r = 1",
  };
  const names = (what: string, list: readonly string[]): string[] =>
    list.length === 0 ? [] : [`${what} ${list.join(", ")}`];
  return [
    ...(writing.timeUnit === "steps"
      ? ["time constants in steps"]
      : ["time constants in s", isAssumed ? `${step} (assumed; the network counts steps)` : step]),
    kept[gain],
    ...(writing.ifStep === "dt" ? ["IF gains are per second"] : []),
    ...names("tau changed to keep the decay of", decays),
    ...names("gain multiplied into the weights in front of", weights),
    ...names("thresholds divided by the gain in", thresholds),
    ...names("a Scale node with the gain in front of", scales),
  ];
}

/** What the file says in metadata only. */
function reportDynamics({ populations, projections }: Network, sink: DiagnosticSink): void {
  const what = new Set<string>();
  for (const { dynamics = DEFAULT_DYNAMICS } of populations) {
    if (dynamics.reset !== "value") what.add(`reset ${dynamics.reset}`);
    if (dynamics.compare !== ">") what.add(`spike when v ${dynamics.compare} threshold`);
    if (dynamics.integrator === "exponential") what.add("exponential decay");
    if (dynamics.current === "old") what.add("the previous step's synaptic current");
    if (dynamics.vMinThresholds !== undefined) what.add("the lower clamp of membranes");
  }
  if (projections.some(({ beforeStart }) => beforeStart === "absent"))
    what.add("feedback that is absent in step 0");
  if (what.size > 0) sink.report(dynamicsInMetadata({ what: [...what].sort() }));
}

/** What the dialect's readers are predicted to refuse, or to compute in another way than the network does. */
function reportReaders(file: NirFile, { name, readerNames }: NirDialect, sink: DiagnosticSink): void {
  for (const reader of READERS.filter((candidate) => readerNames.includes(candidate.name))) {
    const { verdict, title, findings } = examineFor(reader, file);
    const reasons = findings.filter(({ severity }) => severity !== "note").map(({ message }) => message);
    if (verdict !== "reads")
      sink.report(readerDiffers({ dialect: name, reader: reader.name, title, verdict, reasons }));
  }
}

/** Neurons that feed themselves get a Linear node for it: the form of recurrence that readers know. */
function withoutSelfLoops(graph: NirGraph): NirGraph {
  const byName = new Map(graph.nodes.map((each) => [each.name, each]));
  const added: NirNode[] = [];
  const edges = graph.edges.flatMap(([from, to]): (readonly [string, string])[] => {
    const shape = byName.get(from)?.fields["v_leak"];
    if (from !== to || !isArray(shape) || shape.shape.length !== 1) return [[from, to]];
    let name = `${from}_rec`;
    for (let i = 0; byName.has(name); i++) name = `${from}_rec_${i}`;
    const size = sizeOf(shape.shape);
    const identity = new Float64Array(size * size);
    for (let i = 0; i < size; i++) identity[i * size + i] = 1;
    added.push(node(name, "Linear", { weight: floats(identity, [size, size]) }));
    return [
      [from, name],
      [name, to],
    ];
  });
  if (added.length === 0) return graph;
  return { ...graph, nodes: [...graph.nodes, ...added].sort((a, b) => (a.name < b.name ? -1 : 1)), edges };
}

/** An Affine with zeros for a Linear. */
function withBias(layer: NirNode): NirNode {
  const { weight } = layer.fields;
  if (layer.type !== "Linear" || !isArray(weight)) return layer;
  const outs = weight.shape[weight.shape.length - 2];
  const bias = weight.data instanceof Float32Array ? new Float32Array(outs) : new Float64Array(outs);
  return { ...layer, type: "Affine", fields: { ...layer.fields, bias: floats(bias, [outs]) } };
}

/** One byte for each weight of a layer: 1 where it is not zero. */
function withMask(layer: NirNode): NirNode {
  const { weight } = layer.fields;
  if (!isArray(weight)) return layer;
  const mask: NirArray = {
    data: Int32Array.from(weight.data, (value) => (value === 0 ? 0 : 1)),
    shape: weight.shape,
    dtype: "uint8",
  };
  return { ...layer, metadata: { ...layer.metadata, spinec_mask: mask } };
}
