import type { SpikeData, SpikeEvents } from "#ir/spikes";
import type { DiagnosticSink } from "#util/diagnostic";
import { fromDense, sizeOf, type DenseArray } from "./dense.ts";
import * as messages from "./diagnostics.ts";
import { orderEvents } from "./events.ts";
import { expectedShape, LABEL_NAMES, portName, type SpikeFile, type SpikeHint } from "./spike-file.ts";

/**
 * Reads spike data from JSON text: `{"shape": [steps, ...], "samples": [{"t", "i", "x"?}, ...]}`, samples as
 * flat or nested lists of numbers, a bare nested array, or an object from input node to any of these.
 */
export function readJson(text: string, hint: SpikeHint, sink: DiagnosticSink): SpikeFile | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    sink.report(messages.badJson({ reason: error instanceof Error ? error.message : String(error) }));
    return undefined;
  }
  if (Array.isArray(json) || isPort(json)) {
    const data = readPort(json, expectedShape(hint, ""), "the file", sink);
    const labels = isObject(json) ? readLabels(json, sink) : undefined;
    return data && { ports: { "": data }, ...(labels ? { labels } : {}) };
  }
  if (!isObject(json)) {
    sink.report(messages.badLayout({ where: "the file", found: typeOf(json) }));
    return undefined;
  }
  return readPorts(json, hint, sink);
}

function readPorts(json: JsonObject, hint: SpikeHint, sink: DiagnosticSink): SpikeFile | undefined {
  const names = Object.keys(json).filter((name) => !LABEL_NAMES.has(name));
  if (names.length === 0) {
    sink.report(messages.noData({ kind: "JSON object" }));
    return undefined;
  }
  const ports = new Map<string, SpikeData>();
  for (const name of names) {
    const port = portName(hint, name, false);
    const data = readPort(json[name], expectedShape(hint, port), `"${name}"`, sink);
    if (data) ports.set(port, data);
  }
  const labels = readLabels(json, sink);
  return { ports: Object.fromEntries(ports), ...(labels ? { labels } : {}) };
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (json: unknown): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

const isPort = (json: unknown): boolean => isObject(json) && ("samples" in json || "shape" in json);

function readPort(
  json: unknown,
  expected: readonly number[] | undefined,
  where: string,
  sink: DiagnosticSink,
): SpikeData | undefined {
  if (Array.isArray(json)) {
    const array = toDense(json, where, sink);
    return array && fromDense(array, expected, where, sink);
  }
  if (!isObject(json) || !Array.isArray(json["samples"])) {
    const found = isObject(json) ? `an object of ${Object.keys(json).join(", ") || "nothing"}` : typeOf(json);
    sink.report(messages.badLayout({ where, found }));
    return undefined;
  }
  const shape = json["shape"];
  if (!isShape(shape)) {
    sink.report(messages.badShape({ where, shape: shape ?? null }));
    return undefined;
  }
  const [steps, ...stepShape] = shape;
  if (expected && sizeOf(expected) !== sizeOf(stepShape)) {
    sink.report(messages.wrongShape({ where, shape, expected }));
    return undefined;
  }
  const samples = (json["samples"] as readonly unknown[]).map((sample, s) =>
    readSample(sample, steps, stepShape, `${where === "the file" ? "" : `${where}, `}sample ${s}`, sink),
  );
  if (!samples.every((sample) => sample !== undefined)) return undefined;
  return { steps, shape: expected ?? stepShape, samples };
}

const isShape = (shape: unknown): shape is number[] =>
  Array.isArray(shape) &&
  shape.length > 0 &&
  shape.every((length) => Number.isSafeInteger(length) && (length as number) >= 0);

function readSample(
  json: unknown,
  steps: number,
  shape: readonly number[],
  where: string,
  sink: DiagnosticSink,
): SpikeEvents | undefined {
  if (Array.isArray(json)) {
    const array = toDense(json, where, sink);
    if (!array) return undefined;
    const expected = steps * sizeOf(shape);
    if (array.data.length !== expected || (array.shape.length > 1 && array.shape[0] !== steps)) {
      sink.report(messages.wrongShape({ where, shape: array.shape, expected: shape }));
      return undefined;
    }
    return fromDense({ data: array.data, shape: [steps, ...shape] }, shape, where, sink)?.samples[0];
  }
  if (!isObject(json) || !Array.isArray(json["t"]) || !Array.isArray(json["i"])) {
    sink.report(messages.badLayout({ where, found: typeOf(json) }));
    return undefined;
  }
  const [t, i, x] = [json["t"], json["i"], json["x"]] as [unknown[], unknown[], unknown];
  const values = Array.isArray(x) ? { x: x.map(toNumber) } : {};
  return orderEvents(
    { t: t.map(toNumber), i: i.map(toNumber), ...values },
    steps,
    sizeOf(shape),
    where,
    sink,
  );
}

/** What is no number becomes NaN, which the checks report. */
const toNumber = (json: unknown): number => (typeof json === "number" ? json : NaN);

/** Samples, steps and a shape; more is damage. */
const MAX_RANK = 16;

/** Nested lists to a flat array; every list of a level must have the length of the first. */
function toDense(json: readonly unknown[], where: string, sink: DiagnosticSink): DenseArray | undefined {
  const shape: number[] = [];
  for (let level: unknown = json; Array.isArray(level); level = level[0]) shape.push(level.length);
  if (shape.length > MAX_RANK) {
    sink.report(messages.badLayout({ where, found: `nested ${shape.length} deep` }));
    return undefined;
  }
  const data: number[] = [];
  const visit = (value: unknown, depth: number, path: string): boolean => {
    if (depth === shape.length) {
      data.push(toNumber(value));
      if (typeof value === "number") return true;
      sink.report(messages.ragged({ where, path, found: typeOf(value), expected: "a number" }));
      return false;
    }
    if (!Array.isArray(value) || value.length !== shape[depth]) {
      const found = Array.isArray(value) ? `a list of ${value.length}` : typeOf(value);
      sink.report(messages.ragged({ where, path, found, expected: `a list of ${shape[depth]}` }));
      return false;
    }
    return value.every((inner, i) => visit(inner, depth + 1, `${path}[${i}]`));
  };
  return visit(json, 0, "") ? { data, shape } : undefined;
}

function readLabels(json: JsonObject, sink: DiagnosticSink): Int32Array | undefined {
  const name = Object.keys(json).find((key) => LABEL_NAMES.has(key));
  if (name === undefined) return undefined;
  const labels = json[name];
  if (Array.isArray(labels) && labels.every((label) => Number.isInteger(label)))
    return Int32Array.from(labels);
  sink.report(messages.badLabels({ name }));
  return undefined;
}

function typeOf(json: unknown): string {
  if (json === null) return "null";
  if (Array.isArray(json)) return "a list";
  return isObject(json) ? "an object" : `a ${typeof json}`;
}
