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

/** A folder of the corpus. */
export interface NetxCase {
  readonly id: string;
  readonly folder: string;
  /** `case.json`: every stored field of every layer. */
  readonly layers: readonly Readonly<Record<string, StoredField>>[];
  readonly resetIntervalSteps: number | undefined;
}

export interface StoredField {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly value?: unknown;
  readonly nonzero?: number;
}

/** The runs that Lava made with a periodic reset; the README of the corpus has the table. */
const RESET_INTERVALS: Readonly<Record<string, number>> = { tiny_conv_loihi: 17, pilotnet_lif: 16 };

const corpus = sharedPath("corpus/netx");

export const NETX_CASES: readonly NetxCase[] =
  corpus === undefined
    ? []
    : readdirSync(corpus)
        .filter((id) => existsSync(join(corpus, id, "model.net")))
        .map((id) => {
          const folder = join(corpus, id);
          const json = JSON.parse(readFileSync(join(folder, "case.json"), "utf8")) as Partial<{
            layers: NetxCase["layers"];
            reset_interval: number;
          }>;
          return {
            id,
            folder,
            layers: json.layers ?? [],
            resetIntervalSteps: json.reset_interval ?? RESET_INTERVALS[id],
          };
        });

export async function readCase({
  id,
  folder,
  resetIntervalSteps,
}: NetxCase): Promise<{ network: Network | undefined; diagnostics: readonly Diagnostic[] }> {
  const sink = new DiagnosticSink();
  const options = { name: id, ...(resetIntervalSteps !== undefined && { resetIntervalSteps }) };
  const network = await readNetwork(readFileSync(join(folder, "model.net")), options, sink);
  return { network, diagnostics: sink.diagnostics };
}

/** Arrays of one of the case's archives, or undefined if it has none. */
export async function readArrays(
  { folder }: NetxCase,
  file: string,
): Promise<ReadonlyMap<string, NumpyArray> | undefined> {
  const path = join(folder, file);
  if (!existsSync(path)) return undefined;
  const arrays = await readNpz(readFileSync(path));
  assert.ok(arrays instanceof Map, `${path} is an archive`);
  return arrays as ReadonlyMap<string, NumpyArray>;
}

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
export function inputOf(arrays: ReadonlyMap<string, NumpyArray>, shape: readonly number[]): SpikeData {
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
