import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's root, from the sources and from the build alike. */
export const ROOT: string = ((): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
})();

/** Folders of reference data that live beside the project; each may be replaced by an environment variable. */
const OVERRIDES = {
  corpus: "SPINEC_CORPUS",
  "golden/loihi-int": "SPINEC_LOIHI_GOLDEN",
  "corpus/netx": "SPINEC_NETX_CORPUS",
  "corpus/onnx": "SPINEC_ONNX_CORPUS",
} as const;

/** Absolute path of a folder in `../shared`, or undefined where it is missing: tests then skip, visibly. */
export function sharedPath(folder: string): string | undefined {
  const variable = OVERRIDES[folder as keyof typeof OVERRIDES] as string | undefined;
  const override = variable === undefined ? undefined : process.env[variable];
  const path = override ? resolve(override) : join(ROOT, "..", "shared", folder);
  return existsSync(path) ? path : undefined;
}
