// Data for the input ports of a model: every spike format, and images that a rule turns into spikes.
import { readSpikeData } from "#formats/spikes/read";
import { writeNirData, type MembraneTraces } from "#formats/spikes/write-nir-data";
import { writeSpikesNpz } from "#formats/spikes/write-npz";
import { writeSpikeData } from "#formats/spikes/write";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import type { MembraneRecord } from "#simulator/trace/index";
import { decodeRateCodedImages, isRateCodedImages, spikesOfImages } from "#train/rate-coded-images";
import { inflate } from "#formats/inflate";
import type { DiagnosticSink } from "#util/diagnostic";

/** What a run is fed with. */
export interface InputData {
  /** By name of the input port. */
  readonly inputs: Readonly<Record<string, SpikeData>>;
  /** Class of each sample, where the file knows them. */
  readonly labels?: readonly number[];
}

export interface InputHint {
  /** For its extension, and for messages. */
  readonly fileName: string;
  /** The ports that want data. */
  readonly ports: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/** Unpacked images beyond this are refused. */
const MAX_TEXT_BYTES = 2 ** 30;

/**
 * Reads input data of any known format and hands every port its part: a file with one unnamed array feeds the
 * one port there is.
 *
 * @returns undefined if anything is wrong; every fault is in the sink
 */
export async function readInputData(
  bytes: Uint8Array,
  hint: InputHint,
  sink: DiagnosticSink,
): Promise<InputData | undefined> {
  const images = await imagesOf(bytes);
  if (images !== undefined) {
    const decoded = decodeRateCodedImages(images, sink);
    if (decoded === undefined) return undefined;
    return { inputs: { [hint.ports[0].name]: spikesOfImages(decoded) }, labels: Array.from(decoded.labels) };
  }
  const shape = Object.fromEntries(hint.ports.map((port) => [port.name, port.shape]));
  const file = await readSpikeData(bytes, { fileName: hint.fileName, shape }, sink);
  if (file === undefined) return undefined;
  const inputs = Object.fromEntries(
    Object.entries(file.ports).map(([name, data]) => [name === "" ? hint.ports[0].name : name, data]),
  );
  return file.labels === undefined ? { inputs } : { inputs, labels: Array.from(file.labels) };
}

/** Parsed JSON of rate-coded images; undefined for every other file. */
async function imagesOf(bytes: Uint8Array): Promise<unknown> {
  const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!gzipped && bytes[0] !== 0x7b) return undefined;
  const text = gzipped ? await inflate(bytes, "gzip", MAX_TEXT_BYTES) : bytes;
  if (text === undefined) return undefined;
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(text));
    return isRateCodedImages(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** What input data may be, for tables. */
export const INPUT_FORMATS: readonly {
  readonly name: string;
  readonly extensions: readonly string[];
  readonly summary: string;
}[] = [
  {
    name: "numpy",
    extensions: [".npz", ".npy"],
    summary: "arrays [samples, steps, ...shape] or [steps, ...shape]",
  },
  {
    name: "spikes",
    extensions: [".json", ".json.gz"],
    summary: "events {t, i, x} or nested lists, by input node",
  },
  { name: "nir-data", extensions: [".h5"], summary: "NIRData: gridded, event and valued-event observables" },
  {
    name: "images",
    extensions: [".json", ".json.gz"],
    summary: "pixels and labels that a rule turns into spikes",
  },
];

/**
 * Recorded spikes as a file, by the ending of its name: `.h5` NIRData, `.npz` dense arrays, `.gz` JSON in gzip,
 * anything else JSON.
 *
 * @param timestepNs length of one step, for NIRData; absent: its times count steps
 */
export async function encodeSpikes(
  record: Readonly<Record<string, SpikeData>>,
  fileName: string,
  timestepNs?: number,
): Promise<Uint8Array> {
  if (fileName.toLowerCase().endsWith(".h5"))
    return writeNirData(record, timestepNs === undefined ? {} : { dtSeconds: timestepNs * 1e-9 });
  if (fileName.toLowerCase().endsWith(".npz")) return writeSpikesNpz(record);
  const json = writeSpikeData(record);
  if (!fileName.endsWith(".gz")) return json;
  const stream = new Blob([Uint8Array.from(json)]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Membranes and currents as a file, by the ending of its name as for spikes: gridded observables `v` and `u` of NIRData, or
 * else values by `population.v` and `population.u`. Row r is step `firstStep` + r of the record.
 *
 * @param timestepNs length of one step, for NIRData; absent: its times count steps
 */
export async function encodeMembranes(
  records: readonly MembraneRecord[],
  fileName: string,
  timestepNs?: number,
): Promise<Uint8Array> {
  if (!fileName.toLowerCase().endsWith(".h5"))
    return encodeSpikes(
      Object.fromEntries(records.map((record) => [`${record.population}.${record.state}`, valuesOf(record)])),
      fileName,
      timestepNs,
    );
  const traces = (state: MembraneRecord["state"]): Record<string, MembraneTraces> =>
    Object.fromEntries(
      records
        .filter((record) => record.state === state)
        .map(({ population, shape, samples }) => [population, { size: sizeOf(shape), samples }]),
    );
  return writeNirData(
    {},
    {
      membranes: traces("v"),
      currents: traces("u"),
      ...(timestepNs !== undefined && { dtSeconds: timestepNs * 1e-9 }),
    },
  );
}

/** Every element of every step is an event, zeros too. */
function valuesOf({ shape, samples }: MembraneRecord): SpikeData {
  const size = sizeOf(shape);
  const steps = (samples[0]?.length ?? 0) / Math.max(1, size);
  return {
    steps,
    shape,
    samples: samples.map((value): SpikeEvents => ({
      step: Uint32Array.from(value, (_, e) => Math.floor(e / size)),
      index: Uint32Array.from(value, (_, e) => e % size),
      value,
    })),
  };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, extent) => size * extent, 1);
