import type { Hdf5Fault } from "#formats/hdf5/fault";
import { isFault, openHdf5 } from "#formats/hdf5/file";
import { hdf5Start } from "#formats/hdf5/superblock";
import type { DiagnosticSink } from "#util/diagnostic";
import * as messages from "./diagnostics-file.ts";
import type { NirFile } from "./graph.ts";
import { describeForeign } from "./signature.ts";
import { FileWalk } from "./walk-file.ts";

/**
 * Reads a NIR file as it is stored: nothing is inferred, filled in or repaired.
 *
 * A fault of a field or node is reported with its HDF5 path, and the walk goes on, so that one call tells
 * all of them. Faults below `metadata` are warnings, and that entry is left out. Values are not judged:
 * NaN passes.
 *
 * @returns undefined if any error was reported. Never throws for a fault of the file, and always ends.
 *
 * Source: `nir.serialization` of the NIR package, files of versions 0.1 to 1.0.8.
 */
export async function readNirFile(bytes: Uint8Array, sink: DiagnosticSink): Promise<NirFile | undefined> {
  if (bytes.length === 0) {
    sink.report(messages.emptyFile());
    return undefined;
  }
  const start = hdf5Start(bytes);
  if (start === undefined) {
    sink.report(messages.notHdf5(describeForeign(bytes)));
    return undefined;
  }
  const opened = openHdf5(bytes, start);
  if (isFault(opened)) {
    sink.report(
      isTruncation(opened) ? messages.truncated(opened) : messages.damaged({ reason: reasonOf(opened) }),
    );
    return undefined;
  }
  const walk = new FileWalk(opened, bytes.length);
  const file = await walk.file();
  for (const diagnostic of walk.found) sink.report(diagnostic);
  const failed = walk.found.some(({ severity }) => severity === "error");
  return failed ? undefined : file;
}

const isTruncation = (fault: Hdf5Fault): fault is Hdf5Fault & { kind: "truncated" } =>
  fault.kind === "truncated";

const reasonOf = (fault: Hdf5Fault): string => (fault.kind === "unreadable" ? fault.reason : fault.kind);
