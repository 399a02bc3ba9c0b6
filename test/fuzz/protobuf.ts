// Damage to single fields of a protobuf message, at any depth, with all lengths made good again.
import { sha256 } from "#util/sha256";
import type { Rng } from "#util/rng";
import { below, concat, disturb, pick, type Mutator } from "./bytes.ts";

interface Field {
  number: number;
  wire: number;
  /** Varints and fixed numbers. */
  value?: bigint;
  /** Length-delimited, taken as bytes. */
  bytes?: Uint8Array;
  /** Length-delimited, taken as a message. */
  message?: Field[];
}

/** Deepest message that is taken apart, and largest bytes that are tried as one. */
const MAX_DEPTH = 8;
const MAX_MESSAGE_BYTES = 1 << 20;

const VALUES = [
  0n,
  1n,
  2n,
  127n,
  128n,
  255n,
  65_535n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Deletes, doubles, swaps, empties or changes one to three fields. */
export const damageFields: Mutator = (bytes, rng) => encode(damaged(bytes, rng));

function damaged(bytes: Uint8Array, rng: Rng): Field[] {
  const message = decode(bytes, 0) ?? [];
  for (let n = 1 + below(rng, 3); n > 0; n--) damageOne(message, rng);
  return message;
}

function damageOne(root: Field[], rng: Rng): void {
  // Down to a random depth, so that outer fields are hit as often as inner ones.
  let list = root;
  while (rng() < 0.75) {
    const inner = list.filter(({ message }) => message !== undefined && message.length > 0);
    if (inner.length === 0) break;
    list = pick(rng, inner).message as Field[];
  }
  if (list.length === 0) return;
  const at = below(rng, list.length);
  const field = list[at];
  const kind = below(rng, 10);
  if (kind === 0) list.splice(at, 1);
  else if (kind === 1) list.splice(at, 0, structuredClone(field));
  else if (kind === 2) list.splice(at, 1, ...list.splice(below(rng, list.length), 1, field));
  else if (kind === 3) field.number = 1 + below(rng, 20);
  else if (kind === 4 && field.bytes === undefined && field.message === undefined)
    field.value = pick(rng, VALUES);
  else if (kind === 5) list[at] = { number: field.number, wire: 0, value: pick(rng, VALUES) };
  else if (kind === 6) list[at] = { number: field.number, wire: 2, bytes: new Uint8Array(below(rng, 40)) };
  else changeContent(field, rng);
}

function changeContent(field: Field, rng: Rng): void {
  if (field.value !== undefined) {
    field.value = BigInt.asUintN(field.wire === 5 ? 32 : 64, field.value + BigInt(below(rng, 5) - 2));
    return;
  }
  const copy = Uint8Array.from(field.bytes ?? encode(field.message ?? []));
  delete field.message;
  field.bytes = copy;
  const kind = below(rng, 3);
  if (kind === 0) field.bytes = copy.slice(0, below(rng, copy.length + 1));
  else if (kind === 1) field.bytes = concat([copy, copy.subarray(0, 1 + below(rng, 16))]);
  else disturb(copy, rng);
}

/** Fields, or undefined where the bytes are no message. */
function decode(bytes: Uint8Array, depth: number): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const key = varint();
    if (key === undefined || key >> 3n === 0n || key > 2n ** 32n) return undefined;
    const [number, wire] = [Number(key >> 3n), Number(key & 7n)];
    if (wire === 0) {
      const value = varint();
      if (value === undefined) return undefined;
      fields.push({ number, wire, value });
    } else if (wire === 1 || wire === 5) {
      const size = wire === 1 ? 8 : 4;
      if (at + size > bytes.length) return undefined;
      let value = 0n;
      for (let i = 0; i < size; i++) value |= BigInt(bytes[at + i]) << BigInt(8 * i);
      at += size;
      fields.push({ number, wire, value });
    } else if (wire === 2) {
      const size = Number(varint() ?? Infinity);
      if (at + size > bytes.length) return undefined;
      const content = bytes.subarray(at, at + size);
      at += size;
      const isTried = depth < MAX_DEPTH && size > 1 && size <= MAX_MESSAGE_BYTES;
      const message = isTried ? decode(content, depth + 1) : undefined;
      fields.push(message === undefined ? { number, wire, bytes: content } : { number, wire, message });
    } else return undefined;
  }
  return fields;
}

function encode(fields: readonly Field[]): Uint8Array {
  return concat(
    fields.flatMap(({ number, wire, value, bytes, message }) => {
      const key = varintBytes(BigInt(number * 8 + wire));
      if (wire === 0) return [key, varintBytes(value ?? 0n)];
      if (wire === 1 || wire === 5)
        return [
          key,
          Uint8Array.from({ length: wire === 1 ? 8 : 4 }, (_, i) =>
            Number(((value ?? 0n) >> BigInt(8 * i)) & 255n),
          ),
        ];
      const content = bytes ?? encode(message ?? []);
      return [key, varintBytes(BigInt(content.length)), content];
    }),
  );
}

function varintBytes(value: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

const DEPLOYMENT = 6;
const DEPLOYMENT_SHA256 = 4;

/** Damage to the deployment of a `.spinec` file, with the hash of the new bytes: only the checks behind it can help. */
export const damageDeployment: Mutator = (bytes, rng) => {
  const file = decode(bytes, 0) ?? [];
  const content = file.find(({ number }) => number === DEPLOYMENT);
  const hash = file.find(({ number }) => number === DEPLOYMENT_SHA256);
  if (content === undefined || hash === undefined) return bytes;
  content.bytes = encode(damaged(content.bytes ?? encode(content.message ?? []), rng));
  delete content.message;
  delete hash.message;
  hash.bytes = sha256(content.bytes);
  return encode(file);
};
