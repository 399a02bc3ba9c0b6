// Holds a trace against the documented Trace Event Format, as strictly as viewers are lax.
import assert from "node:assert/strict";

export interface CheckedEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface CheckedTrace {
  readonly events: readonly CheckedEvent[];
  readonly otherData: Readonly<Record<string, unknown>>;
  /** Slices and counters by name of their thread or process. */
  readonly named: (ph: string, name: string | RegExp) => CheckedEvent[];
  readonly threadName: (event: CheckedEvent) => string;
}

const METADATA = ["process_name", "process_sort_index", "thread_name", "thread_sort_index"];

/** Whole picoseconds: sums of decimal microseconds are not exact. */
const ps = (microseconds: number): number => Math.round(microseconds * 1e6);

/** Parses a trace and asserts that fields, order, nesting and pairs are as the format asks for. */
export function checkedTrace(text: string): CheckedTrace {
  const {
    traceEvents: events,
    otherData,
    displayTimeUnit,
  } = JSON.parse(text) as {
    traceEvents: CheckedEvent[];
    otherData: Record<string, unknown>;
    displayTimeUnit: string;
  };
  assert.equal(displayTimeUnit, "ns");
  const threads = new Map<string, CheckedEvent[]>();
  const names = new Map<string, string>();
  const open = new Map<string, CheckedEvent>();
  for (const event of events) {
    const { ph, name, pid, tid, ts, dur, id, args } = event;
    const what = JSON.stringify(event);
    assert.equal(typeof name, "string", what);
    assert.ok(Number.isInteger(pid) && Number.isInteger(tid) && pid >= 0 && tid >= 0, what);
    assert.ok(Number.isFinite(ts) && ts >= 0, what);
    assert.equal(dur !== undefined, ph === "X", what);
    const key = `${pid}/${tid}`;
    switch (ph) {
      case "M":
        assert.ok(METADATA.includes(name), what);
        if (name === "thread_name") names.set(key, String(args?.["name"]));
        break;
      case "X":
        assert.ok(Number.isFinite(dur) && dur! >= 0, what);
        threads.set(key, [...(threads.get(key) ?? []), event]);
        break;
      case "B":
      case "E":
        threads.set(key, [...(threads.get(key) ?? []), event]);
        break;
      case "C":
        assert.ok(
          Object.values(args ?? {}).every((value) => Number.isFinite(value)),
          what,
        );
        assert.ok(Object.keys(args ?? {}).length > 0, what);
        break;
      case "b":
      case "e": {
        assert.ok(typeof event.cat === "string" && Number.isInteger(id), what);
        const pair = `${pid} ${event.cat} ${id} ${name}`;
        if (ph === "b") {
          assert.ok(!open.has(pair), what);
          open.set(pair, event);
        } else {
          assert.ok(ts >= (open.get(pair)?.ts ?? NaN), what);
          open.delete(pair);
        }
        break;
      }
      default:
        assert.fail(`no such phase is expected: ${what}`);
    }
  }
  assert.equal(open.size, 0, "every slice that may overlap has both ends");
  for (const [key, own] of threads) {
    assert.ok(names.has(key), `thread ${key} has a name`);
    checkNesting(own);
  }
  return {
    events,
    otherData,
    named: (ph, name) =>
      events.filter(
        (event) =>
          event.ph === ph && (typeof name === "string" ? event.name === name : name.test(event.name)),
      ),
    threadName: ({ pid, tid }) => names.get(`${pid}/${tid}`) ?? "",
  };
}

/** Slices of one thread begin in order, and each ends before the one around it does. */
function checkNesting(events: readonly CheckedEvent[]): void {
  const ends: number[] = [];
  const begun: string[] = [];
  let last = 0;
  for (const { ph, name, ts, dur } of events) {
    const begin = ps(ts);
    assert.ok(begin >= last, `${name} at ${ts} comes after what is before it`);
    last = begin;
    if (ph === "B") begun.push(name);
    else if (ph === "E") assert.equal(begun.pop(), name, "slices end in the order they are nested in");
    else {
      while (ends.length > 0 && ends[ends.length - 1] <= begin) ends.pop();
      const end = begin + ps(dur!);
      const around = ends.at(-1);
      assert.ok(around === undefined || end <= around, `${name} at ${ts} ends inside the slice around it`);
      ends.push(end);
    }
  }
  assert.deepEqual(begun, [], "every slice ends");
}
