import type { DiagnosticSink } from "#util/diagnostic";
import { badNumber, placeTwice, sizeMismatch } from "./diagnostics.ts";
import { NumberLines } from "./lines.ts";

/** Where cores are: `[cores]` column and row. */
export interface CorePlaces {
  readonly x: Int32Array;
  readonly y: Int32Array;
}

const LARGEST = 65_535;

/**
 * Reads where each core is: a line for each, `column row`, or one number that counts places row by row.
 *
 * @param cores lines that there must be
 * @param columns of the mesh, for lines with one number
 * @returns undefined if the sink received an error
 */
export function readPlacement(
  bytes: Uint8Array,
  { cores, columns }: { readonly cores: number; readonly columns: number },
  sink: DiagnosticSink,
): CorePlaces | undefined {
  const x: number[] = [];
  const y: number[] = [];
  const taken = new Map<number, number>();
  const lines = new NumberLines(bytes);
  while (lines.nextLine()) {
    const first = lines.nextWhole();
    const second = lines.nextWhole();
    const isRight =
      first !== undefined &&
      first <= LARGEST &&
      !(second !== undefined && !(second <= LARGEST)) &&
      lines.nextWhole() === undefined;
    if (!isRight) {
      const expected = `\`column row\`, or the number of a place, of at most ${LARGEST}`;
      const word = lines.nextWord();
      sink.report(badNumber({ file: "placement", line: lines.line, found: `"${word}"`, expected }));
      return undefined;
    }
    const [column, row] =
      second === undefined ? [first % columns, Math.floor(first / columns)] : [first, second];
    const key = row * (LARGEST + 1) + column;
    const before = taken.get(key);
    if (before !== undefined) {
      sink.report(placeTwice({ first: before, second: x.length, x: column, y: row }));
      return undefined;
    }
    taken.set(key, x.length);
    x.push(column);
    y.push(row);
  }
  if (x.length !== cores) {
    const hint = "give the placement that belongs to this partition.";
    sink.report(
      sizeMismatch({ file: "placement", found: x.length, needed: cores, unit: "lines with a place", hint }),
    );
    return undefined;
  }
  return { x: Int32Array.from(x), y: Int32Array.from(y) };
}

/** `column row` for each core. */
export function writePlacement({ x, y }: CorePlaces): Uint8Array {
  return new TextEncoder().encode(Array.from(x, (column, core) => `${column} ${y[core]}\n`).join(""));
}
