export const MAGIC = "spinec deployment";
/** Versions that are read: 1 has whole parameters of neurons only, 2 also real ones. The lowest that will do is written. */
export const FORMAT_VERSIONS: readonly number[] = [1, 2];

/** What a deployment file says about itself; not part of the deployment's hash. */
export interface DeploymentMeta {
  /** Program and version that wrote the file, for instance `spinec 0.1.0`. */
  readonly generator: string;
  /** What the deployment was made from, and how, by key; for people. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** The magic word's tag and length, then its letters. */
const FIRST_BYTES: Uint8Array = Uint8Array.of(0x0a, MAGIC.length, ...new TextEncoder().encode(MAGIC));

/** True if the bytes begin as a deployment file does. */
export function isDeploymentFile(bytes: Uint8Array): boolean {
  return FIRST_BYTES.every((byte, i) => bytes[i] === byte);
}
