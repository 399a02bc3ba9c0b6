import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readNetwork } from "#formats/index";
import type { NumpyArray } from "#formats/npz/npy";
import { readNpz } from "#formats/npz/npz";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { sharedPath } from "#test/shared";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";

/** A folder of the corpus: whatever it is called, and its files. */
export interface NetxCase {
  readonly id: string;
  readonly model: string;
  /** `case.json`: every stored field of every layer. */
  readonly layers: readonly Readonly<Record<string, StoredField | undefined>>[];
  /** Its NumPy archives by name. */
  readonly archives: Readonly<Record<string, string>>;
}

export interface StoredField {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly value?: unknown;
  readonly nonzero?: number;
}

/** Arrays of an archive by name. */
export type Arrays = ReadonlyMap<string, NumpyArray>;

const corpus = sharedPath("corpus/netx");

export const NETX_CASES: readonly NetxCase[] =
  corpus === undefined
    ? []
    : readdirSync(corpus, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap(({ name: id }) => {
          const folder = join(corpus, id);
          const files = readdirSync(folder).sort();
          const about = join(folder, "case.json");
          const json = existsSync(about) ? readFileSync(about, "utf8") : "{}";
          const { layers = [] } = JSON.parse(json) as Partial<Pick<NetxCase, "layers">>;
          const archives = Object.fromEntries(
            files.filter((file) => file.endsWith(".npz")).map((file) => [file, join(folder, file)]),
          );
          return files
            .filter((file) => file.endsWith(".net"))
            .map((file) => ({ id, model: join(folder, file), layers, archives }));
        });

/** @param resetIntervalSteps files do not say it: it belongs to a run */
export async function readCase(
  { id, model }: NetxCase,
  resetIntervalSteps?: number,
): Promise<{ network: Network | undefined; diagnostics: readonly Diagnostic[] }> {
  const sink = new DiagnosticSink();
  const options = { name: id, ...(resetIntervalSteps !== undefined && { resetIntervalSteps }) };
  const network = await readNetwork(readFileSync(model), options, sink);
  return { network, diagnostics: sink.diagnostics };
}

export async function readArchives({ archives }: NetxCase): Promise<Readonly<Record<string, Arrays>>> {
  const read: Record<string, Arrays> = {};
  for (const [name, path] of Object.entries(archives)) {
    const arrays = await readNpz(readFileSync(path));
    assert.ok(arrays instanceof Map, `${path} is an archive`);
    read[name] = arrays as Arrays;
  }
  return read;
}

/** Whether an archive is a run of Lava: spikes of each layer, and what they came of. */
export const isRun = (arrays: Arrays): boolean =>
  arrays.has("s0") && (arrays.has("input") || arrays.has("input_bias"));

/**
 * One step of a recording, channel-first: Lava keeps (x, y, channel), we (channel, y, x).
 *
 * @param shape of the population, as ours
 */
export function ofStep(array: NumpyArray, step: number, shape: readonly number[]): Int32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const own = array.data.subarray(step * size, (step + 1) * size);
  if (array.shape.length !== 4 || shape.length !== 3) return Int32Array.from(own);
  const [channels, height, width] = shape;
  const turned = new Int32Array(size);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        turned[(c * height + y) * width + x] = own[(x * height + y) * channels + c];
  return turned;
}

/** The run's input as data for the port: spikes in each step, or biases of one step that hold. */
export function inputOf(arrays: Arrays, shape: readonly number[]): SpikeData {
  const bias = arrays.get("input_bias");
  const array = bias === undefined ? arrays.get("input")! : { ...bias, shape: [1, ...bias.shape] };
  const steps = array.shape[0];
  const step: number[] = [];
  const index: number[] = [];
  const value: number[] = [];
  for (let t = 0; t < steps; t++)
    ofStep(array, t, shape).forEach((x, i) => {
      if (x === 0) return;
      step.push(t);
      index.push(i);
      value.push(x);
    });
  const events = { step: Uint32Array.from(step), index: Uint32Array.from(index) };
  return { steps, shape, samples: [{ ...events, value: Float64Array.from(value) }] };
}

/** `[steps, size]` of 0 and 1, or values. */
export function dense({ steps, shape, samples: [events] }: SpikeData): Int32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = new Int32Array(steps * size);
  events.step.forEach((t, e) => (values[t * size + events.index[e]] = events.value?.[e] ?? 1));
  return values;
}
