// Cases of the ONNX corpus, and what a network computes for their inputs.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readNetwork, type ImportOptions } from "#formats/index";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { simulateReference } from "#simulator/reference-float";
import { sharedPath } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";

export interface NamedTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
export type NamedTensors = Readonly<Record<string, NamedTensor>>;

const corpus = sharedPath("corpus/onnx");

/** Names of the cases of one kind; none where the corpus is missing. */
export function caseNames(kind: "good" | "bad"): string[] {
  const folder = corpus && join(corpus, kind);
  return folder !== undefined && existsSync(folder) ? readdirSync(folder).sort() : [];
}

export function caseFile(kind: "good" | "bad", id: string, file: string): Uint8Array | undefined {
  const path = join(corpus!, kind, id, file);
  return existsSync(path) ? readFileSync(path) : undefined;
}

export async function importCase(
  kind: "good" | "bad",
  id: string,
  options: ImportOptions = {},
): Promise<{ network: Network | undefined; sink: DiagnosticSink }> {
  const sink = new DiagnosticSink();
  const externalData = (location: string): Uint8Array | undefined => caseFile(kind, id, location);
  const network = await readNetwork(
    caseFile(kind, id, "model.onnx")!,
    { format: "onnx", externalData, ...options },
    sink,
  );
  return { network, sink };
}

const json = (bytes: Uint8Array | undefined): unknown =>
  JSON.parse(new TextDecoder().decode(gunzipSync(bytes!)));

export const inputsOf = (id: string): NamedTensors =>
  json(caseFile("good", id, "input.json.gz")) as NamedTensors;

export const expectedOf = (id: string): Readonly<Record<string, NamedTensors>> =>
  json(caseFile("good", id, "expected.json.gz")) as Record<string, NamedTensors>;

/**
 * Rows of numbers as input of a port.
 *
 * @param rows `[samples][steps * elements]`
 */
export function asInput(
  rows: readonly ArrayLike<number>[],
  steps: number,
  shape: readonly number[],
): SpikeData {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return {
    steps,
    shape,
    samples: rows.map((row) => {
      const at = Array.from(row, (value, i) => (value === 0 ? -1 : i)).filter((i) => i >= 0);
      return {
        step: Uint32Array.from(at, (i) => Math.floor(i / size)),
        index: Uint32Array.from(at, (i) => i % size),
        value: Float64Array.from(at, (i) => row[i]),
      };
    }),
  };
}

/** Everything that the output ports give, `[port][samples][steps * elements]`. */
export function outputsOf(
  network: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  steps: number,
): Map<string, Float64Array[]> {
  const { recorded } = simulateReference(network, inputs, { steps });
  return new Map(
    network.outputs.map(({ name, population }) => {
      const { name: recordedName, size } = network.populations[population];
      const rows = recorded[recordedName].samples.map((events) => {
        const row = new Float64Array(steps * size);
        for (let e = 0; e < events.index.length; e++)
          row[events.step[e] * size + events.index[e]] = events.value === undefined ? 1 : events.value[e];
        return row;
      });
      return [name, rows];
    }),
  );
}
