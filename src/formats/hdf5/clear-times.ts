import type { Hdf5Bytes } from "./cursor.ts";
import { readLinks } from "./group.ts";
import { MESSAGE, readObjectHeader } from "./object-header.ts";
import { readSuperblock } from "./superblock.ts";

/**
 * Sets the time of every object of a file that we wrote to 0, in place, so that equal content gives equal bytes.
 *
 * HDF5 stamps objects with the clock. Only headers of version 1 are touched, which have no checksum.
 */
export function clearTimes(bytes: Uint8Array): void {
  const superblock = readSuperblock(bytes, 0);
  const visited = new Set<number>();
  visit(superblock, superblock.rootAddress, visited);
}

function visit(file: Hdf5Bytes, address: number, visited: Set<number>): void {
  if (visited.has(address)) return;
  visited.add(address);
  const messages = readObjectHeader(file, address);
  // Version, three reserved bytes, seconds since 1970.
  for (const { type, body } of messages) if (type === MESSAGE.modificationTime) body.fill(0, 4, 8);
  for (const child of readLinks(file, messages)?.values() ?? []) {
    if (child !== undefined) visit(file, child, visited);
  }
}
