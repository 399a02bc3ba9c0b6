import { readNpy, writeNpy, type ArrayToWrite, type NumpyArray, type NumpyFault } from "./npy.ts";
import { readZip, writeZip } from "./zip.ts";

/** True if the bytes start like a zip archive. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/**
 * Reads the arrays of a `.npz` archive by name, in the order of the archive, without the ending `.npy`.
 *
 * Members that are no arrays are left out; an array that cannot be read has its fault in its place.
 */
export async function readNpz(
  bytes: Uint8Array,
): Promise<ReadonlyMap<string, NumpyArray | NumpyFault> | NumpyFault> {
  const members = await readZip(bytes);
  if (typeof members === "string") return { fault: members };
  return new Map(
    members
      .filter(({ name }) => name.endsWith(".npy"))
      .map((member) => [member.name.slice(0, -".npy".length), readNpy(member.bytes)]),
  );
}

/** Writes a `.npz` archive as `numpy.savez` or, with `compress`, as `numpy.savez_compressed`. */
export function writeNpz(
  arrays: Readonly<Record<string, ArrayToWrite>>,
  options: { readonly compress?: boolean } = {},
): Promise<Uint8Array> {
  const members = Object.entries(arrays).map(([name, array]) => ({
    name: `${name}.npy`,
    bytes: writeNpy(array),
  }));
  return writeZip(members, options.compress ?? false);
}
