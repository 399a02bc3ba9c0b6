import { cursorAt, type Hdf5Bytes } from "./cursor.ts";
import { roundUp8 } from "./datatype.ts";
import { unreadable } from "./fault.ts";

/** Reads objects of global heaps, where text of variable length lives; parses every heap once. */
export type GlobalHeaps = (address: number, index: number) => Uint8Array;

/** Source: HDF5 File Format Specification 3.0, III.E. */
export function createGlobalHeaps(file: Hdf5Bytes): GlobalHeaps {
  const collections = new Map<number, ReadonlyMap<number, Uint8Array>>();
  return (address, index) => {
    let objects = collections.get(address);
    if (!objects) {
      objects = readCollection(file, address);
      collections.set(address, objects);
    }
    const object = objects.get(index);
    if (!object) throw unreadable(`text number ${index} is missing in the heap at ${address}`);
    return object;
  };
}

function readCollection(file: Hdf5Bytes, address: number): ReadonlyMap<number, Uint8Array> {
  const what = "a global heap";
  const header = cursorAt(file, address, what);
  header.signature("GCOL");
  header.version([1]);
  header.skip(3);
  const cursor = cursorAt(file, address, what, header.length());
  cursor.skip(header.position);
  const objects = new Map<number, Uint8Array>();
  while (cursor.left >= 8 + file.lengthSize) {
    const index = cursor.u16();
    // Object 0 is the free space at the end.
    if (index === 0) break;
    cursor.skip(6);
    const size = cursor.length();
    objects.set(index, cursor.take(size));
    cursor.skip(Math.min(cursor.left, roundUp8(size) - size));
  }
  return objects;
}
