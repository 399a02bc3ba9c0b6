import type { DiagnosticSink } from "#util/diagnostic";
import type { PeriodicReset } from "./network.ts";
import { arrayLength, notAscending, outOfRange } from "./diagnostics.ts";

// Checks that the validators share. Each reports its first finding in an array, not a million of them.

export function checkLength(
  array: ArrayLike<unknown>,
  length: number,
  subject: string,
  sink: DiagnosticSink,
): boolean {
  if (array.length === length) return true;
  sink.report(arrayLength({ subject, needed: String(length), found: array.length }));
  return false;
}

/** Length `size`, or 1: the same for all. */
export function checkBroadcast(
  array: ArrayLike<unknown>,
  size: number,
  subject: string,
  sink: DiagnosticSink,
): void {
  if (array.length === size || array.length === 1) return;
  sink.report(arrayLength({ subject, needed: size === 1 ? "1" : `${size} (or 1)`, found: array.length }));
}

/** Every element is a number (infinities only if `infinite`). */
export function checkNumbers(
  array: ArrayLike<number>,
  subject: string,
  sink: DiagnosticSink,
  infinite = false,
): void {
  for (let i = 0; i < array.length; i++) {
    if (Number.isFinite(array[i]) || (infinite && !Number.isNaN(array[i]))) continue;
    const needed = infinite ? "a number" : "a finite number";
    sink.report(outOfRange({ subject, what: `element ${i}`, needed, found: array[i] }));
    return;
  }
}

/** Every element lies in [low, high]. */
export function checkElements(
  array: ArrayLike<number>,
  low: number,
  high: number,
  subject: string,
  sink: DiagnosticSink,
): boolean {
  for (let i = 0; i < array.length; i++) {
    if (array[i] >= low && array[i] <= high) continue;
    sink.report(outOfRange({ subject, what: `element ${i}`, needed: range(low, high), found: array[i] }));
    return false;
  }
  return true;
}

function range(low: number, high: number): string {
  return low > high ? "absent (there is nothing to name)" : `from ${low} to ${high}`;
}

/** A table of starts: first 0, ascending (equal allowed), last entry = `total`. */
export function checkStarts(
  starts: ArrayLike<number>,
  count: number,
  total: number,
  subject: string,
  sink: DiagnosticSink,
): boolean {
  if (!checkLength(starts, count + 1, subject, sink)) return false;
  if (starts[0] !== 0) {
    sink.report(outOfRange({ subject, what: "element 0", needed: "0", found: starts[0] }));
    return false;
  }
  for (let i = 1; i <= count; i++) {
    if (starts[i] >= starts[i - 1]) continue;
    sink.report(notAscending({ subject, at: i }));
    return false;
  }
  if (starts[count] === total) return true;
  sink.report(outOfRange({ subject, what: `element ${count}`, needed: String(total), found: starts[count] }));
  return false;
}

export function checkWhole(
  value: number,
  low: number,
  what: string,
  subject: string,
  sink: DiagnosticSink,
): boolean {
  if (Number.isInteger(value) && value >= low) return true;
  sink.report(outOfRange({ subject, what, needed: `a whole number, at least ${low}`, found: value }));
  return false;
}

/** A reset acts in some step of every interval. */
export function checkPeriodicReset(
  { intervalSteps, offsetSteps }: PeriodicReset,
  subject: string,
  sink: DiagnosticSink,
): void {
  if (!checkWhole(intervalSteps, 1, "the interval in steps", `${subject}.intervalSteps`, sink)) return;
  if (!checkWhole(offsetSteps, 0, "the offset in steps", `${subject}.offsetSteps`, sink)) return;
  checkElements([offsetSteps], 0, intervalSteps - 1, `${subject}.offsetSteps`, sink);
}
