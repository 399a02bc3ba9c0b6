import protobuf from "protobufjs/minimal.js";
import { numbersFromBytes } from "./numbers.ts";
import { ENUMS, MESSAGES, NUMBER_ARRAYS, type FieldSpec } from "./schema.ts";
import { wireTypeOf } from "./wire.ts";

const TEXT: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What is wrong with the bytes of a message, and where. */
export class MessageFault extends Error {
  /** Path of the field, for instance `deployment.cores[3].axonStart`. */
  readonly path: string;
  readonly fault: string;

  constructor(path: string, fault: string) {
    super(`${path}: ${fault}`);
    this.path = path;
    this.fault = fault;
  }
}

/**
 * Reads a message. Fields it does not know are skipped; those that are not there get their defaults.
 *
 * @param message key of `MESSAGES`
 * @param path    how to call the message in faults
 * @throws MessageFault for bytes that are not such a message
 */
export function decodeMessage(message: string, bytes: Uint8Array, path: string): Record<string, unknown> {
  const reader = protobuf.Reader.create(bytes);
  const value = defaultsOf(message);
  let at = path;
  try {
    while (reader.pos < reader.len) {
      at = path;
      const tag = reader.uint32();
      const field = MESSAGES[message].find(({ id }) => id === tag >>> 3);
      if (field === undefined) {
        reader.skipType(tag & 7);
        continue;
      }
      at = `${path}.${field.name}`;
      if ((tag & 7) !== wireTypeOf(field.type)) throw new MessageFault(at, `wire type ${tag & 7}`);
      if (field.rule === "repeated") {
        const list = value[field.name] as unknown[];
        list.push(readField(reader, field, `${at}[${list.length}]`));
      } else value[field.name] = readField(reader, field, at);
    }
  } catch (error) {
    // The reader throws when a length points beyond the end, a number does not end, or a tag makes no sense.
    throw error instanceof MessageFault
      ? error
      : new MessageFault(at, "the bytes are none, or end in the middle of it");
  }
  return value;
}

function readField(reader: protobuf.Reader, { type }: FieldSpec, path: string): unknown {
  if (type === "string") return TEXT.decode(reader.bytes());
  if (type === "uint32") return reader.uint32();
  if (type === "sint32") return reader.sint32();
  if (type === "double") return reader.double();
  if (type === "bytes") return reader.bytes();
  if ("message" in type) return decodeMessage(type.message, reader.bytes(), path);
  if ("enum" in type) {
    const number = reader.uint32();
    const word = ENUMS[type.enum][number] as string | undefined;
    if (word === undefined) throw new MessageFault(path, `unknown value ${number}`);
    return word;
  }
  const bytes = reader.bytes();
  const numbers = numbersFromBytes(type.array, bytes);
  if (numbers === undefined) {
    const { BYTES_PER_ELEMENT } = NUMBER_ARRAYS[type.array];
    throw new MessageFault(path, `${bytes.length} bytes, not a multiple of ${BYTES_PER_ELEMENT}`);
  }
  return type.plain ? Array.from(numbers) : numbers;
}

function defaultsOf(message: string): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const { name, type, rule } of MESSAGES[message]) {
    if (rule === "optional") continue;
    if (rule === "repeated") value[name] = [];
    else if (type === "string") value[name] = "";
    else if (type === "bytes") value[name] = new Uint8Array();
    else if (typeof type === "string") value[name] = 0;
    else if ("array" in type) value[name] = type.plain ? [] : new NUMBER_ARRAYS[type.array]();
    else if ("enum" in type) value[name] = ENUMS[type.enum][0];
    else value[name] = defaultsOf(type.message);
  }
  return value;
}
