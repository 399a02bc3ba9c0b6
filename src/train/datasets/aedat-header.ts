import type { DiagnosticSink } from "#util/diagnostic";
import { dataCutShort, dataWrongFormat } from "./data-diagnostics.ts";
import type { DataFile } from "./files.ts";

/**
 * Checks the first line of an AEDAT file, `#!AER-DAT<version>`.
 *
 * Source: docs.inivation.com, "AEDAT file formats", common version header.
 */
export function checkAedatVersion(
  { name: file, bytes }: DataFile,
  version: string,
  sink: DiagnosticSink,
): boolean {
  const needed = `#!AER-DAT${version}`;
  const found = asciiOf(bytes.subarray(0, needed.length));
  if (found === needed) return true;
  if (needed.startsWith(found)) {
    const neededBytes = needed.length;
    sink.report(dataCutShort({ file, part: "its version line", neededBytes, foundBytes: bytes.length }));
  } else {
    const format = `an AEDAT ${version} file`;
    sink.report(
      dataWrongFormat({ file, format, needed: `the line "${needed}" at its start`, found: `"${found}"` }),
    );
  }
  return false;
}

/** The line from `at` on without its end, and where the next one starts; undefined if no line feed follows. */
export function lineAt(bytes: Uint8Array, at: number): { text: Uint8Array; next: number } | undefined {
  const end = bytes.indexOf(0x0a, at);
  if (end < 0) return undefined;
  const isCrLf = end > at && bytes[end - 1] === 0x0d;
  return { text: bytes.subarray(at, isCrLf ? end - 1 : end), next: end + 1 };
}

/** Printable ASCII as it is, anything else as a dot. */
export function asciiOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join(
    "",
  );
}
