import type { DiagnosticSink } from "#util/diagnostic";
import type { EventData, EventStream } from "../dataset.ts";
import { checkAedatVersion, lineAt } from "./aedat-header.ts";
import { dataCutShort, dataEmpty, dataEventOutOfRange, dataNotReadable } from "./data-diagnostics.ts";
import { createEventBuffer, fromStart } from "./event-buffer.ts";
import { checkLabels, packLabels, type DataFile } from "./files.ts";
import type { LabelledFile } from "./nmnist.ts";

const EVENT_BYTES = 8;

/** An address taken apart; undefined: no event of a pixel. */
type Decode = (address: number) => { x: number; y: number; polarity: number } | undefined;

/** How a camera's address is made up. */
export const AEDAT2_LAYOUTS = {
  /** Bit 0 polarity, bits 1 to 7 x, bits 8 to 14 y; bit 15: an event of the outside world. */
  dvs128: (address) =>
    address & 0x8000
      ? undefined
      : { x: (address >>> 1) & 0x7f, y: (address >>> 8) & 0x7f, polarity: address & 1 },
  /** Bit 11 polarity, bits 12 to 21 x, bits 22 to 30 y; bit 31: a sample of a frame or of motion; bit 10: outside world. */
  davis: (address) =>
    address & 0x80000400
      ? undefined
      : { x: (address >>> 12) & 0x3ff, y: (address >>> 22) & 0x1ff, polarity: (address >>> 11) & 1 },
} as const satisfies Readonly<Record<string, Decode>>;

export interface Aedat2Options {
  readonly height: number;
  readonly width: number;
  readonly layout: keyof typeof AEDAT2_LAYOUTS;
  /**
   * What becomes of the addresses, which count from the lower left corner.
   * - `upright`: y counts from the top;
   * - `cifar10-dvs`: x = 127 - y, y = 127 - x, and the polarity turned round, as the readers of that data set do (it was
   *   recorded with the camera on its side).
   */
  readonly orientation: "upright" | "cifar10-dvs";
}

/**
 * Reads the pixel events of an AEDAT 2.0 file.
 *
 * Lines of text that start with #, the first `#!AER-DAT2.0`; then 8 bytes per event: address and time in microseconds,
 * 32 bits each, highest byte first. A clock that runs over 2^32 goes on.
 *
 * @returns events of shape `[2, height, width]`, OFF first, at the recording's own times; undefined if anything is
 *          wrong; the fault is in the sink
 *
 * Source: docs.inivation.com, "AEDAT 2.0" and "AEDAT 1.0" (addresses of DVS128); address of the DAVIS cameras and
 * orientation of CIFAR10-DVS as in jackd/events-tfds and SpikingJelly.
 */
export function readAedat2(
  file: DataFile,
  options: Aedat2Options,
  sink: DiagnosticSink,
): EventStream | undefined {
  if (!checkAedatVersion(file, "2.0", sink)) return undefined;
  const { name, bytes } = file;
  if (!lineAt(bytes, 0)) {
    const neededBytes = bytes.length + 1;
    sink.report(
      dataCutShort({ file: name, part: "its version line", neededBytes, foundBytes: bytes.length }),
    );
    return undefined;
  }
  const start = skipHeader(bytes);
  if (start === 0) {
    sink.report(dataNotReadable({ file: name, reason: "its version line holds bytes that are no text" }));
    return undefined;
  }
  const count = Math.ceil((bytes.length - start) / EVENT_BYTES);
  const neededBytes = start + count * EVENT_BYTES;
  if (bytes.length !== neededBytes) {
    sink.report(
      dataCutShort({ file: name, part: `event ${count - 1}`, neededBytes, foundBytes: bytes.length }),
    );
    return undefined;
  }
  const { height, width } = options;
  const decode: Decode = AEDAT2_LAYOUTS[options.layout];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events = createEventBuffer(count);
  let [last, wrapUs] = [0, 0];
  for (let event = 0; event < count; event++) {
    const at = start + event * EVENT_BYTES;
    const time = view.getUint32(at + 4);
    if (event > 0 && last - time > 2 ** 31) wrapUs += 2 ** 32;
    last = time;
    const raw = decode(view.getUint32(at));
    if (!raw) continue;
    if (raw.x >= width || raw.y >= height) {
      const wrong =
        raw.x >= width
          ? { what: "an x", value: raw.x, limit: width }
          : { what: "a y", value: raw.y, limit: height };
      sink.report(dataEventOutOfRange({ file: name, event, ...wrong }));
      return undefined;
    }
    const turned = options.orientation === "cifar10-dvs";
    const x = turned ? height - 1 - raw.y : raw.x;
    const y = turned ? width - 1 - raw.x : height - 1 - raw.y;
    const polarity = turned ? 1 - raw.polarity : raw.polarity;
    events.push(time + wrapUs, (polarity * height + y) * width + x);
  }
  return events.stream();
}

/** Index of the first event. */
function skipHeader(bytes: Uint8Array): number {
  let at = 0;
  while (bytes[at] === 0x23) {
    const line = lineAt(bytes, at);
    // The address of an event may start with the byte of #; a line of text is text to its end.
    if (!line?.text.every((byte) => byte === 0x09 || byte >= 0x20)) break;
    at = line.next;
  }
  return at;
}

/**
 * CIFAR10-DVS ("dvs-cifar10"): one AEDAT 2.0 file per sample, of a DVS128. Times count from the first event.
 *
 * Shape `[2, 128, 128]`, OFF first.
 *
 * @returns undefined if anything is wrong; every fault is in the sink
 *
 * Source: Li et al., "CIFAR10-DVS", Frontiers in Neuroscience 11:309, 2017.
 */
export function datasetFromDvsCifar10(
  files: readonly LabelledFile[],
  sink: DiagnosticSink,
): EventData | undefined {
  const options = { height: 128, width: 128, layout: "dvs128", orientation: "cifar10-dvs" } as const;
  const samples: EventStream[] = [];
  for (const file of files) {
    const stream = readAedat2(file, options, sink);
    if (stream?.timeUs.length === 0) sink.report(dataEmpty({ file: file.name, what: "event" }));
    else if (stream) samples.push(fromStart(stream, stream.timeUs[0]));
  }
  const given = files.map(({ label }) => label);
  const areLabels = checkLabels(given, 10, "the folder names of dvs-cifar10", sink);
  if (!areLabels || samples.length < files.length) return undefined;
  return {
    kind: "events",
    name: "dvs-cifar10",
    shape: [2, 128, 128],
    samples,
    labels: packLabels(given, 10),
    classes: 10,
  };
}
