import type { DiagnosticSink } from "#util/diagnostic";
import type { EventStream } from "../dataset.ts";
import { asciiOf, checkAedatVersion, lineAt } from "./aedat-header.ts";
import { dataCutShort, dataEventOutOfRange, dataNotReadable } from "./data-diagnostics.ts";
import { createEventBuffer } from "./event-buffer.ts";
import type { DataFile } from "./files.ts";

const HEADER_END = "#!END-HEADER";
const PACKET_HEADER_BYTES = 28;
const POLARITY_EVENT = 1;
const POLARITY_EVENT_BYTES = 8;

/**
 * Reads the polarity events of an AEDAT 3.1 file.
 *
 * Text lines from `#!AER-DAT3.1` to `#!END-HEADER`, each ended by CR LF; then packets, lowest byte first. A packet has a
 * header of 28 bytes (type 16 bits, source 16, then 32 bits each: event size, time stamp offset, time stamp overflow,
 * capacity, number, valid) and capacity x size bytes of events. Polarity events (type 1) have 8 bytes: data, and the
 * time in microseconds, to which the overflow adds 2^31 each. In the data bit 0 says valid, bit 1 the polarity (1: ON),
 * bits 2 to 16 y, bits 17 to 31 x, from the upper left corner. Events that are not valid and packets of other types
 * are passed over.
 *
 * @returns events of shape `[2, height, width]`, OFF first, at the recording's own times; undefined if anything is
 *          wrong; the fault is in the sink
 *
 * Source: docs.inivation.com, "AEDAT 3.1"; libcaer, `events/common.h` and `events/polarity.h`; README of DVS128 Gesture.
 */
export function readAedat31(
  file: DataFile,
  height: number,
  width: number,
  sink: DiagnosticSink,
): EventStream | undefined {
  if (!checkAedatVersion(file, "3.1", sink)) return undefined;
  const { name, bytes } = file;
  const start = skipHeader(file, sink);
  if (start === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events = createEventBuffer(Math.ceil((bytes.length - start) / POLARITY_EVENT_BYTES));
  let seen = 0;
  for (let at = start, packet = 0; at < bytes.length; packet++) {
    const body = at + PACKET_HEADER_BYTES;
    const cut = (part: string, neededBytes: number): undefined => {
      sink.report(dataCutShort({ file: name, part, neededBytes, foundBytes: bytes.length }));
    };
    if (body > bytes.length) return cut(`the header of packet ${packet}`, body);
    const type = view.getUint16(at, true);
    const [size, timeAt, overflow, capacity, count] = [4, 8, 12, 16, 20].map((o) =>
      view.getUint32(at + o, true),
    );
    const end = body + size * capacity;
    const reason = faultOf(type, size, timeAt, count, capacity);
    if (reason !== undefined) {
      sink.report(dataNotReadable({ file: name, reason: `packet ${packet} at byte ${at} ${reason}` }));
      return undefined;
    }
    if (end > bytes.length) return cut(`packet ${packet}`, end);
    if (type === POLARITY_EVENT)
      for (let e = 0; e < count; e++, seen++) {
        const data = view.getUint32(body + e * size, true);
        if ((data & 1) === 0) continue;
        const [x, y, polarity] = [data >>> 17, (data >>> 2) & 0x7fff, (data >>> 1) & 1];
        if (x >= width || y >= height) {
          const wrong =
            x >= width ? { what: "an x", value: x, limit: width } : { what: "a y", value: y, limit: height };
          sink.report(dataEventOutOfRange({ file: name, event: seen, ...wrong }));
          return undefined;
        }
        const timeUs = view.getUint32(body + e * size + timeAt, true) + overflow * 2 ** 31;
        events.push(timeUs, (polarity * height + y) * width + x);
      }
    at = end;
  }
  return events.stream();
}

/** What a packet header says that cannot be; completes "packet 3 at byte 812 …". */
function faultOf(
  type: number,
  size: number,
  timeAt: number,
  count: number,
  capacity: number,
): string | undefined {
  if (count > capacity) return `has ${count} events in the place of ${capacity}`;
  if (type !== POLARITY_EVENT) return size === 0 && capacity > 0 ? "has events of 0 bytes" : undefined;
  if (size !== POLARITY_EVENT_BYTES)
    return `has polarity events of ${size} bytes; they need ${POLARITY_EVENT_BYTES}`;
  return timeAt === 4 ? undefined : `has its times at byte ${timeAt} of an event; they need to be at byte 4`;
}

/** Index of the first packet. */
function skipHeader({ name: file, bytes }: DataFile, sink: DiagnosticSink): number | undefined {
  for (let at = 0; ;) {
    const line = lineAt(bytes, at);
    if (!line) {
      const part = `the header line "${HEADER_END}"`;
      const neededBytes = bytes.length + 1;
      sink.report(dataCutShort({ file, part, neededBytes, foundBytes: bytes.length }));
      return undefined;
    }
    if (line.text[0] !== 0x23) {
      const reason = `its header needs to end with the line "${HEADER_END}", but a line without # comes at byte ${at}`;
      sink.report(dataNotReadable({ file, reason }));
      return undefined;
    }
    if (asciiOf(line.text) === HEADER_END) return line.next;
    at = line.next;
  }
}
