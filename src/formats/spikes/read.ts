import { hdf5Start } from "#formats/hdf5/superblock";
import { inflate } from "#formats/inflate";
import { isNpy } from "#formats/npz/npy";
import { isZip } from "#formats/npz/npz";
import { DiagnosticSink } from "#util/diagnostic";
import * as messages from "./diagnostics.ts";
import { readJson } from "./json.ts";
import { readNirData } from "./nir-data.ts";
import { readNpySpikes, readNpzSpikes } from "./numpy.ts";
import type { SpikeFile, SpikeHint } from "./spike-file.ts";

/** Longest text that a `.json.gz` is unpacked to. */
const MAX_TEXT_BYTES = 2 ** 30;

/**
 * Reads spike data from `.npz`, `.npy`, `.json`, `.json.gz` or NIRData `.h5`. The bytes decide which it is.
 *
 * @returns undefined if any error was reported; all are reported at once. Never throws for a fault of the file.
 */
export async function readSpikeData(
  bytes: Uint8Array,
  hint: SpikeHint,
  sink: DiagnosticSink,
): Promise<SpikeFile | undefined> {
  const found = new DiagnosticSink();
  const file = await readAny(bytes, hint, found);
  if (file?.labels) checkLabelCount(file, found);
  for (const diagnostic of found.diagnostics) sink.report(diagnostic);
  return found.hasErrors ? undefined : file;
}

async function readAny(
  bytes: Uint8Array,
  hint: SpikeHint,
  sink: DiagnosticSink,
): Promise<SpikeFile | undefined> {
  if (bytes.length === 0) {
    sink.report(messages.emptyFile());
    return undefined;
  }
  if (isNpy(bytes)) return readNpySpikes(bytes, hint, sink);
  if (isZip(bytes)) return readNpzSpikes(bytes, hint, sink);
  if (hdf5Start(bytes) !== undefined) return readNirData(bytes, hint, sink);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const text = await inflate(bytes, "gzip", MAX_TEXT_BYTES);
    if (text) return readText(text, hint, sink);
    sink.report(messages.unreadable({ where: "the file", reason: "its gzip data are damaged or cut off" }));
    return undefined;
  }
  return readText(bytes, hint, sink);
}

function readText(bytes: Uint8Array, hint: SpikeHint, sink: DiagnosticSink): SpikeFile | undefined {
  const start = bytes.findIndex((byte) => !WHITE_SPACE.has(byte));
  if (start >= 0 && JSON_STARTS.has(bytes[start]))
    return readJson(new TextDecoder().decode(bytes), hint, sink);
  sink.report(messages.unknownFormat({ fileName: hint.fileName }));
  return undefined;
}

/** Space, tab, line feed, carriage return, and the bytes of a byte order mark. */
const WHITE_SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** `{` and `[`. */
const JSON_STARTS: ReadonlySet<number> = new Set([0x7b, 0x5b]);

function checkLabelCount({ ports, labels }: SpikeFile, sink: DiagnosticSink): void {
  for (const { samples } of Object.values(ports)) {
    if (labels === undefined || samples.length === labels.length) continue;
    sink.report(messages.wrongLabelCount({ labels: labels.length, samples: samples.length }));
    return;
  }
}
