import type { SpikeEvents } from "#ir/spikes";
import type { DiagnosticSink } from "#util/diagnostic";
import { checkFinite } from "./dense.ts";
import * as messages from "./diagnostics.ts";

/** Events as a file has them: in any order, nothing checked. */
export interface RawEvents {
  readonly t: ArrayLike<number>;
  readonly i: ArrayLike<number>;
  readonly x?: ArrayLike<number>;
}

/**
 * Checks the events of one sample and puts them in order: by step, then index. All faults are reported, each
 * kind once, with their number. Events of value 0 are left out.
 *
 * @param steps t must be below
 * @param size  elements of one step; i must be below
 */
export function orderEvents(
  raw: RawEvents,
  steps: number,
  size: number,
  where: string,
  sink: DiagnosticSink,
): SpikeEvents | undefined {
  const { t, i, x } = raw;
  if (t.length !== i.length || (x && x.length !== t.length)) {
    const lengths = { t: t.length, i: i.length, ...(x ? { x: x.length } : {}) };
    sink.report(messages.unequalLengths({ where, ...lengths }));
    return undefined;
  }
  const stepsFit = checkRange(t, "step", steps, where, sink);
  const indicesFit = checkRange(i, "index", size, where, sink);
  const valuesFit = x === undefined || checkFinite(x, where, sink);
  if (!stepsFit || !indicesFit || !valuesFit) return undefined;

  const order = Array.from(t, (_, event) => event).filter((event) => x === undefined || x[event] !== 0);
  order.sort((a, b) => t[a] - t[b] || i[a] - i[b]);
  const step = Uint32Array.from(order, (event) => t[event]);
  const index = Uint32Array.from(order, (event) => i[event]);
  if (!checkUnique(step, index, where, sink)) return undefined;
  if (x === undefined || order.every((event) => x[event] === 1)) return { step, index };
  return { step, index, value: Float64Array.from(order, (event) => x[event]) };
}

function checkRange(
  values: ArrayLike<number>,
  what: "step" | "index",
  limit: number,
  where: string,
  sink: DiagnosticSink,
): boolean {
  let count = 0;
  let value = 0;
  for (let e = 0; e < values.length; e++) {
    if (Number.isInteger(values[e]) && values[e] >= 0 && values[e] < limit) continue;
    if (count === 0) value = values[e];
    count++;
  }
  if (count > 0) sink.report(messages.eventOutOfRange({ where, count, what, value, limit }));
  return count === 0;
}

function checkUnique(step: Uint32Array, index: Uint32Array, where: string, sink: DiagnosticSink): boolean {
  let count = 0;
  let first = 0;
  for (let e = 1; e < step.length; e++) {
    if (step[e] !== step[e - 1] || index[e] !== index[e - 1]) continue;
    if (count === 0) first = e;
    count++;
  }
  if (count > 0)
    sink.report(messages.duplicateEvents({ where, count, step: step[first], index: index[first] }));
  return count === 0;
}
