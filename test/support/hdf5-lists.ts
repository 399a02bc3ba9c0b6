// Hand-made HDF5 files with lists of numbers (variable-length arrays), which h5wasm does not write: superblock 0,
// version 1 object headers, links in the header, contiguous data, one global heap.
// Source: HDF5 File Format Specification 3.0.
import { little } from "./data-files.ts";

export interface ListsToWrite {
  readonly lists: readonly (readonly number[])[];
  readonly dtype: "float16" | "uint16";
  /** Lengths that the references claim; those of the lists if absent. */
  readonly claimed?: readonly number[];
}

export interface NumbersToWrite {
  readonly numbers: readonly number[];
}

/** A file with `/labels`-like datasets in the root and others in groups one deep: `spikes/times`. */
export function hdf5WithLists(datasets: Readonly<Record<string, ListsToWrite | NumbersToWrite>>): Uint8Array {
  const bytes: number[] = new Array<number>(96).fill(0);
  const append = (part: readonly number[]): number => {
    while (bytes.length % 8 !== 0) bytes.push(0);
    const at = bytes.length;
    for (const byte of part) bytes.push(byte);
    return at;
  };
  const groups = new Map<string, Record<string, number>>([["", {}]]);
  for (const [path, dataset] of Object.entries(datasets)) {
    const parts = path.split("/");
    const [group, name] = [parts.slice(0, -1).join("/"), parts.at(-1)!];
    const members = groups.get(group) ?? {};
    groups.set(group, members);
    members[name] = append(datasetHeader(dataset, append));
  }
  const root = groups.get("")!;
  for (const [name, members] of groups) if (name !== "") root[name] = append(groupHeader(members));
  const rootAddress = append(groupHeader(root));
  const superblock = [
    ...[0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a],
    ...[0, 0, 0, 0, 0, 8, 8, 0],
    ...[...little(4, 2), ...little(16, 2), ...little(0, 4)],
    ...[...little(0, 8), ...NOWHERE, ...little(bytes.length, 8), ...NOWHERE],
    ...[...little(0, 8), ...little(rootAddress, 8), ...new Array<number>(24).fill(0)],
  ];
  superblock.forEach((byte, i) => (bytes[i] = byte));
  return Uint8Array.from(bytes);
}

const NOWHERE: readonly number[] = new Array<number>(8).fill(0xff);

function datasetHeader(
  dataset: ListsToWrite | NumbersToWrite,
  append: (part: readonly number[]) => number,
): number[] {
  const isLists = "lists" in dataset;
  const count = isLists ? dataset.lists.length : dataset.numbers.length;
  const data = isLists ? references(dataset, append) : dataset.numbers.flatMap((value) => little(value, 2));
  const address = append(data);
  const type = isLists ? [0x19, 0, 0, 0, ...little(16, 4), ...TYPES[dataset.dtype]] : TYPES.uint16;
  return objectHeader([
    [0x01, [1, 1, 0, 0, 0, 0, 0, 0, ...little(count, 8)]],
    [0x03, type],
    [0x05, [2, 2, 2, 0]],
    [0x08, [3, 1, ...little(address, 8), ...little(data.length, 8)]],
  ]);
}

const TYPES = {
  /** IEEE half: sign at bit 15, exponent of 5 bits at 10, bias 15, fraction of 10 bits. */
  float16: [0x11, 0x20, 15, 0, ...little(2, 4), 0, 0, ...little(16, 2), 10, 5, 0, 10, ...little(15, 4)],
  uint16: [0x10, 0, 0, 0, ...little(2, 4), 0, 0, ...little(16, 2)],
} as const;

/** Length, heap and place in it of each list. */
function references(
  { lists, dtype, claimed }: ListsToWrite,
  append: (part: readonly number[]) => number,
): number[] {
  const objects: number[] = [];
  const places = lists.map((list, n) => {
    const data = list.flatMap((value) => little(dtype === "uint16" ? value : halfBits(value), 2));
    objects.push(...little(n + 1, 2), ...little(1, 2), 0, 0, 0, 0, ...little(data.length, 8), ...data);
    while (objects.length % 8 !== 0) objects.push(0);
    return { length: claimed?.[n] ?? list.length, index: n + 1 };
  });
  const size = Math.max(4096, 16 + objects.length + 16);
  const free = size - 16 - objects.length;
  objects.push(...little(0, 2), ...little(0, 2), 0, 0, 0, 0, ...little(free, 8));
  while (objects.length < size - 16) objects.push(0);
  const heap = append([0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0, ...little(size, 8), ...objects]);
  return places.flatMap(({ length, index }) => [
    ...little(length, 4),
    ...little(heap, 8),
    ...little(index, 4),
  ]);
}

/** Bits of a positive number that half precision holds exactly, or of 0. */
export function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(value));
  return (exponent + 15) * 1024 + (value / 2 ** exponent - 1) * 1024;
}

function groupHeader(members: Readonly<Record<string, number>>): number[] {
  return objectHeader([
    [0x02, [0, 0, ...NOWHERE, ...NOWHERE]],
    [0x0a, [0, 0]],
    ...Object.entries(members).map(([name, address]): [number, number[]] => {
      const letters = [...name].map((letter) => letter.charCodeAt(0));
      return [0x06, [1, 0, letters.length, ...letters, ...little(address, 8)]];
    }),
  ]);
}

function objectHeader(messages: readonly (readonly [type: number, body: readonly number[]])[]): number[] {
  const packed = messages.flatMap(([type, body]) => {
    const padded = [...body, ...new Array<number>((8 - (body.length % 8)) % 8).fill(0)];
    return [...little(type, 2), ...little(padded.length, 2), 0, 0, 0, 0, ...padded];
  });
  return [
    1,
    0,
    ...little(messages.length, 2),
    ...little(1, 4),
    ...little(packed.length, 4),
    0,
    0,
    0,
    0,
    ...packed,
  ];
}
