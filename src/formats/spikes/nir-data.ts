import type { SpikeData, SpikeEvents } from "#ir/spikes";
import type { Hdf5Fault } from "#formats/hdf5/fault";
import { isFault, openHdf5, type Hdf5File } from "#formats/hdf5/file";
import { hdf5Start } from "#formats/hdf5/superblock";
import type { Hdf5Array } from "#formats/hdf5/values";
import type { DiagnosticSink } from "#util/diagnostic";
import { fromDense, sizeOf } from "./dense.ts";
import * as messages from "./diagnostics.ts";
import { orderEvents } from "./events.ts";
import { expectedShape, portName, type SpikeFile, type SpikeHint } from "./spike-file.ts";

/** Deeper nested node data are taken for damage. */
const MAX_DEPTH = 16;

/** Of several observables of a node, the one with this name drives the network. */
const PREFERRED_OBSERVABLE = "spikes";

/**
 * Spike data from NIR's data files: HDF5 with nodes, observables and `__type__` attributes.
 *
 * Source: `nir.data_ir` of the NIR package (January 2026).
 */
export async function readNirData(
  bytes: Uint8Array,
  hint: SpikeHint,
  sink: DiagnosticSink,
): Promise<SpikeFile | undefined> {
  const file = openHdf5(bytes, hdf5Start(bytes) ?? 0);
  if (isFault(file)) {
    sink.report(messages.unreadable({ where: "the file", reason: reasonOf(file) }));
    return undefined;
  }
  const nodes = findNodes(file, "", "", 0);
  if (nodes.length === 0) {
    sink.report(messages.noData({ kind: "HDF5 file (NIRData: /nodes/<name>/observables/<name>)" }));
    return undefined;
  }
  const ports = new Map<string, SpikeData>();
  for (const { name, path } of nodes) {
    const port = portName(hint, name, nodes.length === 1 && hint.shape !== undefined);
    const data = await readNode(
      file,
      { name, path, expected: expectedShape(hint, port) },
      hint.dtSeconds,
      sink,
    );
    if (data) ports.set(port, data);
  }
  return { ports: Object.fromEntries(ports) };
}

interface DataNode {
  /** Names of nested nodes are joined by "/". */
  readonly name: string;
  readonly path: string;
}

function findNodes(file: Hdf5File, path: string, prefix: string, depth: number): DataNode[] {
  const members = file.list(`${path}/nodes`);
  if (isFault(members) || depth > MAX_DEPTH) return [];
  return members.flatMap((member) => {
    const node = { name: prefix + member.name, path: `${path}/nodes/${member.name}` };
    if (file.kindOf(`${node.path}/observables`) === "group") return [node];
    return findNodes(file, node.path, `${node.name}/`, depth + 1);
  });
}

async function readNode(
  file: Hdf5File,
  node: DataNode & { readonly expected: readonly number[] | undefined },
  dtSeconds: number | undefined,
  sink: DiagnosticSink,
): Promise<SpikeData | undefined> {
  const where = `"${node.name}"`;
  const members = file.list(`${node.path}/observables`);
  const names = isFault(members) ? [] : members.map(({ name }) => name);
  const chosen = names.length === 1 ? names[0] : names.find((name) => name === PREFERRED_OBSERVABLE);
  if (chosen === undefined) {
    sink.report(
      names.length === 0
        ? messages.noData({ kind: `node ${where}` })
        : messages.severalObservables({ where, names }),
    );
    return undefined;
  }
  const observable = new Observable(file, `${node.path}/observables/${chosen}`, where, sink);
  const type = observable.type();
  switch (type) {
    case "TimeGriddedData": {
      const data = await observable.array("data");
      return data && fromDense(data, node.expected, where, sink);
    }
    case "EventData":
    case "ValuedEventData":
      return readEvents(observable, type === "ValuedEventData", node.expected, dtSeconds);
    default: {
      const reason = `its __type__ is ${type === undefined ? "missing" : `"${type}"`}`;
      sink.report(messages.unreadable({ where, reason }));
      return undefined;
    }
  }
}

/** One observable's group; reports what it cannot read. */
class Observable {
  readonly where: string;
  readonly sink: DiagnosticSink;
  readonly #file: Hdf5File;
  readonly #path: string;

  constructor(file: Hdf5File, path: string, where: string, sink: DiagnosticSink) {
    this.#file = file;
    this.#path = path;
    this.where = where;
    this.sink = sink;
  }

  type(): string | undefined {
    const value = this.#file.attribute(this.#path, "__type__");
    return value && !isFault(value) && "strings" in value ? value.strings[0] : undefined;
  }

  /** A number that may be missing. */
  optionalNumber(name: string): number | undefined {
    const value = this.#file.attribute(this.#path, name);
    return value && !isFault(value) && "data" in value && value.data.length === 1 ? value.data[0] : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#file.attribute(this.#path, name);
    if (value && !isFault(value) && "data" in value && value.data.length === 1) return value.data[0];
    const reason = value && isFault(value) ? reasonOf(value) : "it is missing or not one number";
    this.#report(`attribute "${name}"`, reason);
    return undefined;
  }

  async array(name: string): Promise<Hdf5Array | undefined> {
    const value = await this.#file.dataset(`${this.#path}/${name}`);
    if (!isFault(value) && "data" in value) return value;
    this.#report(`dataset "${name}"`, isFault(value) ? reasonOf(value) : "it holds text");
    return undefined;
  }

  #report(what: string, reason: string): void {
    this.sink.report(messages.unreadable({ where: `${this.where}, ${what}`, reason }));
  }
}

/** Rows are samples, filled up with index -1 and time infinity. */
async function readEvents(
  observable: Observable,
  isValued: boolean,
  expected: readonly number[] | undefined,
  givenDtSeconds: number | undefined,
): Promise<SpikeData | undefined> {
  const { where, sink } = observable;
  const dtSeconds = givenDtSeconds ?? positive(observable.optionalNumber("dt"));
  const idx = await observable.array("idx");
  const time = await observable.array("time");
  const value = isValued ? await observable.array("value") : undefined;
  const neurons = observable.number("n_neurons");
  const maxSeconds = observable.number("t_max");
  if (!idx || !time || neurons === undefined || maxSeconds === undefined || (isValued && !value))
    return undefined;
  if (dtSeconds === undefined) {
    sink.report(messages.noStepLength({ where }));
    return undefined;
  }
  const shape = expected ?? [neurons];
  if (sizeOf(shape) !== neurons) {
    sink.report(messages.wrongShape({ where, shape: [neurons], expected: shape }));
    return undefined;
  }
  if (
    idx.shape.length !== 2 ||
    [time, value].some((array) => array && String(array.shape) !== String(idx.shape))
  ) {
    const lengths = { t: time.data.length, i: idx.data.length, ...(value ? { x: value.data.length } : {}) };
    sink.report(messages.unequalLengths({ where, ...lengths }));
    return undefined;
  }
  const [rows, width] = idx.shape;
  const steps = stepAt(maxSeconds, dtSeconds, Math.ceil);
  const stepOf = stepRule(time.data, idx.data, maxSeconds, dtSeconds);
  const samples: (SpikeEvents | undefined)[] = [];
  for (let row = 0; row < rows; row++) {
    const kept = Array.from({ length: width }, (_, e) => row * width + e).filter((e) => idx.data[e] !== -1);
    const raw = {
      t: kept.map((e) => stepOf(time.data[e])),
      i: kept.map((e) => idx.data[e]),
      ...(value ? { x: kept.map((e) => value.data[e]) } : {}),
    };
    samples.push(orderEvents(raw, steps, neurons, `${where}, sample ${row}`, sink));
  }
  return samples.every((sample) => sample !== undefined) ? { steps, shape, samples } : undefined;
}

const positive = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 && value < Infinity ? value : undefined;

/**
 * The step of an event. Times count from the start of their step, except in data that NIR itself has made from
 * gridded ones: there they stand at the end. Those are known by an event at the very end of the recording, with
 * all others on the grid and none at 0.
 */
function stepRule(
  times: ArrayLike<number>,
  idx: ArrayLike<number>,
  maxSeconds: number,
  dtSeconds: number,
): (seconds: number) => number {
  const kept = Array.from(times).filter((_, e) => idx[e] !== -1);
  const onGrid = (time: number): boolean => {
    const steps = time / dtSeconds;
    return Math.abs(steps - Math.round(steps)) < 1e-6 * Math.max(1, steps);
  };
  const end = stepAt(maxSeconds, dtSeconds, Math.ceil);
  const step = (time: number): number => stepAt(time, dtSeconds, Math.floor);
  const atEnd = kept.some((time) => onGrid(time) && step(time) === end);
  const isEndOfStep = atEnd && kept.every((time) => onGrid(time) && step(time) > 0);
  return (time) => step(time) - (isEndOfStep ? 1 : 0);
}

/** A time that is a whole number of steps but for rounding belongs to that step. */
function stepAt(seconds: number, dtSeconds: number, round: (steps: number) => number): number {
  const steps = seconds / dtSeconds;
  const nearest = Math.round(steps);
  return Math.abs(steps - nearest) < 1e-6 * Math.max(1, nearest) ? nearest : round(steps);
}

function reasonOf(fault: Hdf5Fault): string {
  switch (fault.kind) {
    case "huge":
      return `its shape [${fault.shape.join(", ")}] needs ${fault.neededBytes} bytes, more than the file has`;
    case "filter":
      return `it is compressed with the HDF5 filter ${fault.filter}`;
    case "dtype":
      return `it has the type ${fault.dtype}`;
    case "inexact":
      return `it holds a number of type ${fault.dtype} beyond 2^53`;
    case "truncated":
      return `it should have ${fault.needsBytes} bytes, but has ${fault.hasBytes}`;
    case "unreadable":
      return fault.reason;
  }
}
