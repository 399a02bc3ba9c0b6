// Writers of data set files, each to the letter of its format, and what a cut file owes us.
import assert from "node:assert/strict";
import { DiagnosticSink } from "#util/diagnostic";

export interface CameraEvent {
  readonly x: number;
  readonly y: number;
  readonly on: boolean;
  readonly timeUs: number;
}

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
const big = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) % 256);
export const little = (value: number, bytes: number): number[] => big(value, bytes).reverse();

/** An IDX array of unsigned bytes. */
export function idxFile(shape: readonly number[], data: ArrayLike<number>): Uint8Array {
  return Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap((n) => big(n, 4)), ...Array.from(data)]);
}

/** Records of CIFAR: label bytes, then 3072 pixels, each `first + place` modulo 256. */
export function cifarFile(records: readonly { labels: readonly number[]; first: number }[]): Uint8Array {
  return Uint8Array.from(
    records.flatMap(({ labels, first }) => [
      ...labels,
      ...Array.from({ length: 3072 }, (_, i) => (first + i) % 256),
    ]),
  );
}

/** 40 bits per event. */
export function nmnistFile(events: readonly CameraEvent[]): Uint8Array {
  return Uint8Array.from(
    events.flatMap(({ x, y, on, timeUs }) => [x, y, ...big((on ? 2 ** 23 : 0) + timeUs, 3)]),
  );
}

export interface Packet {
  readonly type?: number;
  readonly overflow?: number;
  /** Places; as many as events if absent. */
  readonly capacity?: number;
  readonly events: readonly (CameraEvent & { readonly valid?: boolean })[];
}

/** AEDAT 3.1 with the header lines that the format asks for. */
export function aedat31File(
  packets: readonly Packet[],
  header: readonly string[] = AEDAT31_HEADER,
): Uint8Array {
  const bytes = header.flatMap((line) => ascii(`${line}\r\n`));
  for (const { type = 1, overflow = 0, events, capacity = events.length } of packets) {
    bytes.push(...little(type, 2), ...little(1, 2));
    const valid = events.filter((event) => event.valid ?? true).length;
    for (const field of [8, 4, overflow, capacity, events.length, valid]) bytes.push(...little(field, 4));
    for (const { x, y, on, timeUs, valid: isValid = true } of events) {
      const data = x * 2 ** 17 + y * 4 + (on ? 2 : 0) + (isValid ? 1 : 0);
      bytes.push(...little(data, 4), ...little(timeUs, 4));
    }
    for (let spare = events.length; spare < capacity; spare++) bytes.push(0, 0, 0, 0, 0, 0, 0, 0);
  }
  return Uint8Array.from(bytes);
}

export const AEDAT31_HEADER: readonly string[] = [
  "#!AER-DAT3.1",
  "#Format: RAW",
  "#Source 1: DVS128",
  "#Start-Time: 2016-11-30 10:00:00 (TZ+0100)",
  "#!END-HEADER",
];

/** AEDAT 2.0; the addresses are the caller's. */
export function aedat2File(
  events: readonly { readonly address: number; readonly timeUs: number }[],
  header: readonly string[] = AEDAT2_HEADER,
): Uint8Array {
  return Uint8Array.from([
    ...header.flatMap((line) => ascii(`${line}\r\n`)),
    ...events.flatMap(({ address, timeUs }) => [...big(address, 4), ...big(timeUs, 4)]),
  ]);
}

export const AEDAT2_HEADER: readonly string[] = [
  "#!AER-DAT2.0",
  "# This is a raw AE data file - do not edit",
  "# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event",
  "# Timestamps tick is 1 us",
];

/** Address of a DVS128. */
export const dvs128Address = ({ x, y, on }: Omit<CameraEvent, "timeUs">): number =>
  y * 256 + x * 2 + (on ? 1 : 0);

/** Address of a DAVIS. */
export const davisAddress = ({ x, y, on }: Omit<CameraEvent, "timeUs">): number =>
  y * 2 ** 22 + x * 2 ** 12 + (on ? 2 ** 11 : 0);

/**
 * Cuts a file at every length (long files: every length near the start and the end, and some between): each must give
 * coded errors about the data and never an exception, but for the lengths in `whole`.
 */
export function assertEveryCutIsReported(
  bytes: Uint8Array,
  read: (bytes: Uint8Array, sink: DiagnosticSink) => unknown,
  whole: readonly number[],
): void {
  const step = Math.max(1, Math.floor(bytes.length / 50));
  for (let length = 0; length <= bytes.length; length++) {
    if (length > 300 && length < bytes.length - 50 && length % step !== 0) continue;
    const sink = new DiagnosticSink();
    const result = read(bytes.slice(0, length), sink);
    const codes = sink.diagnostics.map(({ code }) => code);
    if (whole.includes(length)) {
      assert.deepEqual(codes, [], `a file of ${length} bytes is whole`);
      assert.notEqual(result, undefined);
    } else {
      assert.equal(result, undefined, `a file of ${length} bytes gives nothing`);
      assert.ok(
        codes.length > 0 && codes.every((code) => code.startsWith("train/data-")),
        `${length}: ${codes}`,
      );
    }
  }
}

/** What a loader gives, and the codes that it reports. */
export function codesOf<T>(read: (sink: DiagnosticSink) => T): { result: T; codes: string[] } {
  const sink = new DiagnosticSink();
  const result = read(sink);
  return { result, codes: sink.diagnostics.map(({ code }) => code) };
}
