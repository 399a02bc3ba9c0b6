import type { DiagnosticSink } from "#util/diagnostic";
import { dataCutShort, dataEmpty, dataOptionOutOfRange } from "../datasets/data-diagnostics.ts";

/** How planes lie in a `.dat` file, which says nothing about itself. */
export interface DatLayout {
  /** Pixels of a row; 400 if absent. */
  readonly width?: number;
  /** Rows; 250 if absent. */
  readonly height?: number;
  /** Which bit of a byte is the leftmost pixel; the lowest if absent, as the public cameras write. */
  readonly bitOrder?: "lowest-first" | "highest-first";
  /** True if the file starts with the bottom row; absent: true, as the public cameras write (the lens turns the picture). */
  readonly bottomUp?: boolean;
}

export interface DatSelection {
  /** First plane to read; 0 if absent. */
  readonly firstPlane?: number;
  /** Planes to read; all that follow if absent. Unpacked they take eight times their size. */
  readonly planeCount?: number;
}

export interface SpikePlanes {
  /** `[count, height, width]`, 0 or 1, top row first. */
  readonly planes: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

const WIDTH = 400;
const HEIGHT = 250;

/**
 * Reads the packed planes of a spike camera: one bit per pixel, row by row, `width · height / 8` bytes per plane,
 * one plane after the other, no header. The public cameras have 250 x 400 pixels (12,500 bytes per plane) and
 * 20,000 planes per second.
 *
 * @returns undefined if anything is wrong; every fault is in the sink
 *
 * Source: the reader and the writer of the SpikeCV project (spikecv/spikecv on GitHub: `SpikeCV/spkData/save_dat.py`,
 * `load_dat.py`): bit `i mod 8`, counted from the lowest, of byte `floor(i / 8)` is pixel i; rows upside down.
 */
export function readSpikeDat(
  bytes: Uint8Array,
  fileName: string,
  layout: DatLayout & DatSelection,
  sink: DiagnosticSink,
): SpikePlanes | undefined {
  const { width = WIDTH, height = HEIGHT, firstPlane = 0 } = layout;
  if (!checkLayout(width, height, sink)) return undefined;
  const planeBytes = (width * height) / 8;
  const whole = Math.floor(bytes.length / planeBytes);
  if (bytes.length % planeBytes !== 0) {
    const neededBytes = (whole + 1) * planeBytes;
    sink.report(
      dataCutShort({ file: fileName, part: `plane ${whole}`, neededBytes, foundBytes: bytes.length }),
    );
    return undefined;
  }
  if (whole === 0) {
    sink.report(dataEmpty({ file: fileName, what: "plane" }));
    return undefined;
  }
  if (!Number.isInteger(firstPlane) || firstPlane < 0 || firstPlane >= whole) {
    const needed = `a whole number from 0 to ${whole - 1}, the last plane of ${fileName}`;
    sink.report(dataOptionOutOfRange({ option: "firstPlane", needed, value: firstPlane }));
    return undefined;
  }
  const count = layout.planeCount ?? whole - firstPlane;
  if (!Number.isInteger(count) || count < 1 || firstPlane + count > whole) {
    const needed = `a whole number from 1 to ${whole - firstPlane}, as many as follow in ${fileName}`;
    sink.report(dataOptionOutOfRange({ option: "planeCount", needed, value: count }));
    return undefined;
  }
  const planes = new Uint8Array(count * width * height);
  const address = addressOf(width, height, layout);
  for (let p = 0; p < count; p++) {
    const from = (firstPlane + p) * planeBytes;
    const to = p * width * height;
    for (let i = 0; i < width * height; i++) {
      const { byte, bit } = address(i);
      planes[to + i] = (bytes[from + byte] >> bit) & 1;
    }
  }
  return { planes, count, height, width };
}

/** Packs planes as `readSpikeDat` reads them. A pixel that is not 0 is a spike. */
export function writeSpikeDat(
  spikes: SpikePlanes,
  layout: Pick<DatLayout, "bitOrder" | "bottomUp">,
  sink: DiagnosticSink,
): Uint8Array | undefined {
  const { planes, count, height, width } = spikes;
  if (!checkLayout(width, height, sink)) return undefined;
  const planeBytes = (width * height) / 8;
  const bytes = new Uint8Array(count * planeBytes);
  const address = addressOf(width, height, layout);
  for (let p = 0; p < count; p++)
    for (let i = 0; i < width * height; i++) {
      if (planes[p * width * height + i] === 0) continue;
      const { byte, bit } = address(i);
      bytes[p * planeBytes + byte] |= 1 << bit;
    }
  return bytes;
}

function checkLayout(width: number, height: number, sink: DiagnosticSink): boolean {
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 1;
  if (!isCount(width))
    sink.report(dataOptionOutOfRange({ option: "width", needed: "a whole number from 1 on", value: width }));
  if (!isCount(height))
    sink.report(
      dataOptionOutOfRange({ option: "height", needed: "a whole number from 1 on", value: height }),
    );
  if (!isCount(width) || !isCount(height)) return false;
  if ((width * height) % 8 === 0) return true;
  const needed = `a multiple of 8 pixels, so that a plane fills whole bytes,`;
  sink.report(dataOptionOutOfRange({ option: "width x height", needed, value: `${width} x ${height}` }));
  return false;
}

/** Where in a packed plane pixel i (top row first) lies. */
function addressOf(
  width: number,
  height: number,
  { bitOrder = "lowest-first", bottomUp = true }: DatLayout,
): (pixel: number) => { byte: number; bit: number } {
  const place = { byte: 0, bit: 0 };
  return (pixel) => {
    const row = Math.floor(pixel / width);
    const stored = (bottomUp ? height - 1 - row : row) * width + (pixel % width);
    place.byte = stored >> 3;
    place.bit = bitOrder === "lowest-first" ? stored & 7 : 7 - (stored & 7);
    return place;
  };
}
