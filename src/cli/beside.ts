import { realpathSync, statSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { readBytes } from "./io.ts";

/**
 * Files beside a model, by the names that the model uses. A name that leads out of the model's folder, also through
 * links, is no such file. Each is read once.
 */
export function filesBeside(model: string): (location: string) => Uint8Array | undefined {
  const read = new Map<string, Uint8Array | undefined>();
  return (location) => {
    if (!read.has(location)) read.set(location, readBeside(model, location));
    return read.get(location);
  };
}

function readBeside(model: string, location: string): Uint8Array | undefined {
  try {
    const folder = realpathSync(dirname(model));
    const path = realpathSync(join(folder, location));
    const prefix = folder.endsWith(sep) ? folder : folder + sep;
    return path.startsWith(prefix) && statSync(path).isFile() ? readBytes(path) : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
