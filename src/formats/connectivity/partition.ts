import type { DiagnosticSink } from "#util/diagnostic";
import { inflate } from "../inflate.ts";
import { badNumber, coreTooLarge, emptyCores, sizeMismatch, unreadableGzip } from "./diagnostics.ts";
import { NumberLines } from "./lines.ts";

export interface Partition {
  /** `[neurons]`, from 0 on without gaps, in the order of the file's numbers. */
  readonly coreOf: Uint16Array;
  readonly cores: number;
  /** `[cores]`: what the file calls them. */
  readonly numberOf: Uint32Array;
}

const LARGEST_CORE = 65_534;
/** Longest line of a core: five digits and two characters at its end, and some room for blanks. */
const LINE_BYTES = 16;

/**
 * Reads which core each neuron is on: text with a whole number in each line, as partitioners write it, or u16
 * little-endian (names that end in `.u16`); either may be packed with gzip.
 *
 * @returns undefined if the sink received an error
 */
export async function readPartition(
  bytes: Uint8Array,
  { fileName, neurons }: { readonly fileName: string; readonly neurons: number },
  sink: DiagnosticSink,
): Promise<Partition | undefined> {
  const isPacked = bytes.length > 1 && bytes[0] === 0x1f && bytes[1] === 0x8b;
  const isRaw = /\.u16(\.gz)?$/i.test(fileName);
  const limitBytes = isRaw ? 2 * neurons : 1024 + LINE_BYTES * neurons;
  const plain = isPacked ? await inflate(bytes, "gzip", limitBytes) : bytes;
  if (plain === undefined) {
    sink.report(unreadableGzip({ limitBytes }));
    return undefined;
  }
  const numbers = isRaw ? rawNumbers(plain, neurons, sink) : textNumbers(plain, neurons, sink);
  return numbers === undefined ? undefined : withoutGaps(numbers, sink);
}

/** One core in each line. */
export function writePartition(coreOf: ArrayLike<number>): Uint8Array {
  return new TextEncoder().encode(`${Array.from(coreOf).join("\n")}\n`);
}

function rawNumbers(bytes: Uint8Array, neurons: number, sink: DiagnosticSink): Uint16Array | undefined {
  if (bytes.length === 2 * neurons) return new Uint16Array(new Uint8Array(bytes).buffer);
  const file = `partition (u16) of ${neurons} neurons`;
  const hint = "give the partition that belongs to this graph.";
  sink.report(sizeMismatch({ file, found: bytes.length, needed: 2 * neurons, unit: "bytes", hint }));
  return undefined;
}

function textNumbers(bytes: Uint8Array, neurons: number, sink: DiagnosticSink): Uint32Array | undefined {
  const numbers = new Uint32Array(neurons);
  const lines = new NumberLines(bytes);
  let found = 0;
  while (lines.nextLine()) {
    const core = lines.nextWhole();
    const isAlone = core !== undefined && !Number.isNaN(core) && lines.nextWhole() === undefined;
    if (!isAlone) {
      const expected = "the number of a core, 0 or more, alone";
      const word = lines.nextWord();
      sink.report(badNumber({ file: "partition", line: lines.line, found: `"${word}"`, expected }));
      return undefined;
    }
    if (found < neurons) numbers[found] = Math.min(core, 2 ** 32 - 1);
    found++;
  }
  if (found === neurons) return numbers;
  const hint = "give the partition that belongs to this graph.";
  sink.report(sizeMismatch({ file: "partition", found, needed: neurons, unit: "lines with a core", hint }));
  return undefined;
}

function withoutGaps(numbers: ArrayLike<number>, sink: DiagnosticSink): Partition | undefined {
  const isUsed = new Uint8Array(LARGEST_CORE + 1);
  for (let n = 0; n < numbers.length; n++) {
    if (numbers[n] > LARGEST_CORE) {
      sink.report(coreTooLarge({ neuron: n, core: numbers[n], largest: LARGEST_CORE }));
      return undefined;
    }
    isUsed[numbers[n]] = 1;
  }
  const numberOf: number[] = [];
  const renamed = new Uint16Array(LARGEST_CORE + 1);
  isUsed.forEach((used, number) => {
    if (used === 0) return;
    renamed[number] = numberOf.length;
    numberOf.push(number);
  });
  const cores = numberOf.length;
  const all = cores === 0 ? 0 : numberOf[cores - 1] + 1;
  if (all > cores) sink.report(emptyCores({ empty: all - cores, cores: all }));
  const coreOf = Uint16Array.from({ length: numbers.length }, (_, n) => renamed[numbers[n]]);
  return { coreOf, cores, numberOf: Uint32Array.from(numberOf) };
}
