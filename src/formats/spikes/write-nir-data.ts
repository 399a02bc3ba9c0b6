import { writeHdf5, type Hdf5Writer } from "#formats/hdf5/writer";
import type { SpikeData } from "#ir/spikes";
import { ToolchainError } from "#util/diagnostic";
import { sizeOf } from "./dense.ts";
import * as messages from "./diagnostics.ts";

export interface NirDataOptions {
  /** Length of one step; 1 unless given: times then count steps. */
  readonly dtSeconds?: number;
  /**
   * `events` (the default): EventData, or ValuedEventData where a node gives values other than 1.
   * `valued-events`: always with values. `gridded`: every element of every step.
   */
  readonly kind?: NirDataKind;
  /** Membranes by node name, written as gridded observable "v" beside the spikes. */
  readonly membranes?: Readonly<Record<string, MembraneTraces>>;
  /** Synaptic currents, in the same way: observable "u". */
  readonly currents?: Readonly<Record<string, MembraneTraces>>;
}

export type NirDataKind = "events" | "valued-events" | "gridded";

/** `[steps, size]` for each sample, C order. */
export interface MembraneTraces {
  readonly size: number;
  readonly samples: readonly Float64Array[];
}

/**
 * Spikes, values and membranes as a data file of NIR: HDF5 with nodes, observables and `__type__` attributes.
 * Names joined by "/" become nested graphs. Same data, same bytes.
 *
 * NIR's readers round event times to steps in different ways: down, or up and one back. Events are therefore
 * written in the middle of their step, where both find the same one. Samples and neurons have one axis each;
 * the shape of a layer is not kept. Events carry the attribute `dt`, which NIR does not ask for.
 *
 * @throws ToolchainError `spikes/name-not-writable` for names that HDF5 cannot hold, `spikes/bad-step-length`
 *
 * Source: `nir.data_ir` and `nir.serialization.write_data` of the NIR package (January 2026).
 */
export async function writeNirData(
  record: Readonly<Record<string, SpikeData>>,
  options: NirDataOptions = {},
): Promise<Uint8Array> {
  const { dtSeconds = 1, kind = "events", membranes = {}, currents = {} } = options;
  if (!(dtSeconds > 0 && dtSeconds < Infinity))
    throw new ToolchainError([messages.badStepLength({ dtSeconds })]);
  const root = treeOf([...new Set([record, membranes, currents].flatMap((by) => Object.keys(by)))]);
  return writeHdf5((writer) => {
    writer.textAttribute("/", "__type__", "NIRGraphData");
    writeGraph(writer, "", root, (path, name) => {
      const data = record[name] as SpikeData | undefined;
      const traces = membranes[name] as MembraneTraces | undefined;
      const current = currents[name] as MembraneTraces | undefined;
      if (data !== undefined) writeSpikes(writer, `${path}/spikes`, data, kind, dtSeconds);
      if (current !== undefined) writeTraces(writer, `${path}/u`, current, dtSeconds);
      if (traces !== undefined) writeTraces(writer, `${path}/v`, traces, dtSeconds);
    });
  });
}

/** Node data (a full name) or a nested graph, by the name inside its graph. */
type Tree = Map<string, string | Tree>;

/** A node that has data and would be a graph, too, keeps its data; the names below it are joined by dots. */
function treeOf(names: readonly string[]): Tree {
  const faults = names.flatMap((name) =>
    name.split("/").some((part) => part === "" || part === ".") && name !== ""
      ? [messages.nameNotWritable({ name })]
      : [],
  );
  if (faults.length > 0) throw new ToolchainError(faults);
  const root: Tree = new Map();
  for (const name of [...names].sort((a, b) => a.length - b.length || (a < b ? -1 : 1))) {
    const parts = name === "" ? ["data"] : name.split("/");
    let graph = root;
    while (parts.length > 1) {
      const inner = graph.get(parts[0]) ?? new Map<string, string | Tree>();
      if (typeof inner === "string") break;
      graph.set(parts[0], inner);
      graph = inner;
      parts.shift();
    }
    const base = parts.join(".");
    let unique = base;
    for (let i = 0; graph.has(unique); i++) unique = `${base}_${i}`;
    graph.set(unique, name);
  }
  return root;
}

function writeGraph(
  writer: Hdf5Writer,
  path: string,
  graph: Tree,
  observe: (path: string, name: string) => void,
): void {
  writer.group(`${path}/nodes`);
  for (const [name, content] of graph) {
    const own = `${path}/nodes/${name}`;
    writer.group(own);
    writer.textAttribute(own, "__type__", typeof content === "string" ? "NIRNodeData" : "NIRGraphData");
    if (typeof content === "string") {
      writer.group(`${own}/observables`);
      observe(`${own}/observables`, content);
    } else writeGraph(writer, own, content, observe);
  }
}

const GZIP_LEVEL = 4;

function writeSpikes(
  writer: Hdf5Writer,
  path: string,
  data: SpikeData,
  kind: NirDataKind,
  dtSeconds: number,
): void {
  const size = sizeOf(data.shape);
  const isValued = data.samples.some(({ value }) => value !== undefined);
  if (kind === "gridded") {
    const dense = new Float64Array(data.samples.length * data.steps * size);
    data.samples.forEach(({ step, index, value }, sample) => {
      for (let e = 0; e < step.length; e++)
        dense[(sample * data.steps + step[e]) * size + index[e]] = value?.[e] ?? 1;
    });
    const shape = [data.samples.length, data.steps, size];
    writeGridded(writer, path, { data: dense, shape, dtype: isValued ? "float64" : "uint8" }, dtSeconds);
    return;
  }
  const width = data.samples.reduce((most, { step }) => Math.max(most, step.length), 0);
  const shape = [data.samples.length, width];
  const cells = data.samples.length * width;
  const idx = new Int32Array(cells).fill(-1);
  const time = new Float64Array(cells).fill(Infinity);
  const values = new Float64Array(cells);
  data.samples.forEach(({ step, index, value }, sample) => {
    for (let e = 0; e < step.length; e++) {
      const at = sample * width + e;
      idx[at] = index[e];
      time[at] = (step[e] + 0.5) * dtSeconds;
      values[at] = value?.[e] ?? 1;
    }
  });
  const withValues = isValued || kind === "valued-events";
  writer.group(path);
  writer.textAttribute(path, "__type__", withValues ? "ValuedEventData" : "EventData");
  writer.numbers(`${path}/idx`, { data: idx, shape, dtype: "int64" }, GZIP_LEVEL);
  writer.numbers(`${path}/time`, { data: time, shape, dtype: "float64" }, GZIP_LEVEL);
  if (withValues) writer.numbers(`${path}/value`, { data: values, shape, dtype: "float64" }, GZIP_LEVEL);
  writer.numberAttribute(path, "n_neurons", { data: [size], shape: [], dtype: "int64" });
  writer.numberAttribute(path, "t_max", {
    data: [endOf(data.steps, dtSeconds)],
    shape: [],
    dtype: "float64",
  });
  writer.numberAttribute(path, "dt", { data: [dtSeconds], shape: [], dtype: "float64" });
}

/** End of the recording: readers that divide it by the step and round down must find every step. */
function endOf(steps: number, dtSeconds: number): number {
  let end = steps * dtSeconds;
  while (Math.floor(end / dtSeconds) < steps) end *= 1 + 2 ** -52;
  return end;
}

function writeTraces(
  writer: Hdf5Writer,
  path: string,
  { size, samples }: MembraneTraces,
  dtSeconds: number,
): void {
  const each = samples[0]?.length ?? 0;
  const data = new Float64Array(samples.length * each);
  samples.forEach((trace, sample) => data.set(trace, sample * each));
  const shape = [samples.length, size === 0 ? 0 : each / size, size];
  writeGridded(writer, path, { data, shape, dtype: "float64" }, dtSeconds);
}

function writeGridded(
  writer: Hdf5Writer,
  path: string,
  array: Parameters<Hdf5Writer["numbers"]>[1],
  dtSeconds: number,
): void {
  writer.group(path);
  writer.textAttribute(path, "__type__", "TimeGriddedData");
  writer.numbers(`${path}/data`, array, GZIP_LEVEL);
  writer.numberAttribute(path, "dt", { data: [dtSeconds], shape: [], dtype: "float64" });
}
