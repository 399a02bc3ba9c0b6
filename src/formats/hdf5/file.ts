import type { Hdf5Bytes } from "./cursor.ts";
import { readDataset } from "./dataset.ts";
import { parseDatatype } from "./datatype.ts";
import { Hdf5Error, unreadable, type Hdf5Fault } from "./fault.ts";
import { createGlobalHeaps, type GlobalHeaps } from "./global-heap.ts";
import { readLinks, type Links } from "./group.ts";
import { parseAttribute, parseDataspace } from "./messages.ts";
import { MESSAGE, readObjectHeader, sharedBody, type Message } from "./object-header.ts";
import { readSuperblock } from "./superblock.ts";
import { decodeElements, decodeLists, type Hdf5Array, type Hdf5Lists, type Hdf5Strings } from "./values.ts";

// Our own reader, because the library that we write with (h5wasm) does not come back from some damaged
// files, and a loop inside WebAssembly cannot be interrupted. Every step here checks its bounds, and
// everything that can lead in a circle is counted.

export interface Hdf5Entry {
  readonly name: string;
  /** `other`: a soft or external link, a named type, or an object whose header is damaged. */
  readonly kind: "group" | "dataset" | "other";
}

/** An open file. Nothing here throws for a fault of the file. Paths are absolute: `/node/nodes/lif`. */
export interface Hdf5File {
  kindOf(path: string): Hdf5Entry["kind"] | undefined;
  /** Members of a group, ascending by name. */
  list(path: string): readonly Hdf5Entry[] | Hdf5Fault;
  dataset(path: string): Promise<Hdf5Array | Hdf5Strings | Hdf5Fault>;
  /** A dataset whose elements are lists of numbers (variable-length arrays). Read anew with every call. */
  lists(path: string): Promise<Hdf5Lists | Hdf5Fault>;
  /** undefined if the object has no such attribute. */
  attribute(path: string, name: string): Hdf5Array | Hdf5Strings | Hdf5Fault | undefined;
}

export function isFault<T extends object>(value: T | Hdf5Fault): value is Hdf5Fault {
  return "kind" in value;
}

interface StoredObject {
  readonly messages: readonly Message[];
  /** undefined: not a group. */
  readonly links: Links | undefined;
}

/** All arrays of one file together: packed ones can claim more than anybody has. */
const MAX_FILE_BYTES = 2 ** 31;

/**
 * Opens bytes as HDF5: superblocks 0 to 3, groups and headers of all versions since HDF5 1.6.
 *
 * Not read, and refused by name: filters other than gzip, lzf, shuffle and fletcher32; extensible arrays of
 * chunks; virtual and external data; attributes in dense storage.
 *
 * @param start index of the signature, from `hdf5Start`
 */
export function openHdf5(bytes: Uint8Array, start: number): Hdf5File | Hdf5Fault {
  const superblock = attempt(() => readSuperblock(bytes, start));
  if (isFault(superblock)) return superblock;
  if (superblock.promisedBytes > bytes.length) {
    return { kind: "truncated", hasBytes: bytes.length, needsBytes: superblock.promisedBytes };
  }
  const objects = createObjects(superblock);
  const root = objects.at(superblock.rootAddress);
  if (isFault(root)) return root;
  if (!root.links) return { kind: "unreadable", reason: "its root is not a group" };

  const heaps = createGlobalHeaps(superblock);
  let readBytes = 0;
  // Links to one array can repeat it without end: each is read once.
  const arrays = new Map<StoredObject, Hdf5Array | Hdf5Strings | Hdf5Fault>();
  const readArray = async ({ messages }: StoredObject): Promise<Hdf5Array | Hdf5Strings | Hdf5Fault> => {
    try {
      const raw = await readDataset(superblock, messages);
      readBytes += raw.bytes.length;
      if (readBytes > MAX_FILE_BYTES) return { kind: "huge", shape: raw.shape, neededBytes: readBytes };
      return decodeElements(superblock, raw.bytes, raw.type, raw.shape, heaps);
    } catch (error) {
      return faultOf(error);
    }
  };
  return {
    kindOf: (path) => {
      const object = objects.find(superblock.rootAddress, path);
      return object && kindOf(object);
    },
    list: (path) => {
      const object = objects.find(superblock.rootAddress, path) ?? MISSING;
      if (isFault(object)) return object;
      if (!object.links) return { kind: "unreadable", reason: "it is not a group" };
      return [...object.links]
        .map(([name, address]) => ({
          name,
          kind: kindOf(address === undefined ? MISSING : objects.at(address)),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    dataset: async (path) => {
      const object = objects.find(superblock.rootAddress, path) ?? MISSING;
      if (isFault(object)) return object;
      const known = arrays.get(object) ?? (await readArray(object));
      arrays.set(object, known);
      return known;
    },
    lists: async (path) => {
      const object = objects.find(superblock.rootAddress, path) ?? MISSING;
      if (isFault(object)) return object;
      try {
        const raw = await readDataset(superblock, object.messages);
        return decodeLists(superblock, raw.bytes, raw.type, raw.shape, heaps);
      } catch (error) {
        return faultOf(error);
      }
    },
    attribute: (path, name) => {
      const object = objects.find(superblock.rootAddress, path) ?? MISSING;
      if (isFault(object)) return object;
      return attempt(() => readAttribute(superblock, object.messages, name, heaps));
    },
  };
}

const MISSING: Hdf5Fault = { kind: "unreadable", reason: "nothing is there" };

function kindOf(object: StoredObject | Hdf5Fault): Hdf5Entry["kind"] {
  if (isFault(object)) return "other";
  if (object.links) return "group";
  return object.messages.some(({ type }) => type === MESSAGE.layout) ? "dataset" : "other";
}

/** Object headers by address; each is parsed once. */
function createObjects(file: Hdf5Bytes): {
  at(address: number): StoredObject | Hdf5Fault;
  find(rootAddress: number, path: string): StoredObject | Hdf5Fault | undefined;
} {
  const objects = new Map<number, StoredObject | Hdf5Fault>();
  const at = (address: number): StoredObject | Hdf5Fault => {
    const known = objects.get(address);
    if (known) return known;
    const object = attempt(() => {
      const messages = readObjectHeader(file, address);
      return { messages, links: readLinks(file, messages) };
    });
    objects.set(address, object);
    return object;
  };
  const find = (rootAddress: number, path: string): StoredObject | Hdf5Fault | undefined => {
    let object = at(rootAddress);
    for (const name of path.split("/").filter((part) => part !== "")) {
      if (isFault(object)) return object;
      const address = object.links?.get(name);
      if (address === undefined) return undefined;
      object = at(address);
    }
    return object;
  };
  return { at, find };
}

function readAttribute(
  file: Hdf5Bytes,
  messages: readonly Message[],
  name: string,
  heaps: GlobalHeaps,
): Hdf5Array | Hdf5Strings | undefined {
  for (const message of messages) {
    if (message.type !== MESSAGE.attribute || message.isShared) continue;
    const parts = parseAttribute(file, message.body);
    if (parts.name !== name) continue;
    const typeBody = parts.datatypeIsShared
      ? sharedBody(file, parts.datatype, MESSAGE.datatype)
      : parts.datatype;
    const type = parseDatatype(file, typeBody);
    const shape = parseDataspace(file, parts.dataspace);
    if (!shape) throw unreadable("it has no value (null dataspace)");
    const neededBytes = shape.reduce((product, length) => product * length, type.size);
    if (neededBytes > parts.data.length) throw new Hdf5Error({ kind: "huge", shape, neededBytes });
    return decodeElements(file, parts.data.subarray(0, neededBytes), type, shape, heaps);
  }
  return undefined;
}

function attempt<T extends object | undefined>(work: () => T): T | Hdf5Fault {
  try {
    return work();
  } catch (error) {
    return faultOf(error);
  }
}

/** Faults of the file as data; anything else is a bug of ours and goes on. */
function faultOf(error: unknown): Hdf5Fault {
  if (error instanceof Hdf5Error) return error.fault;
  throw error;
}
