import protobuf from "protobufjs/minimal.js";
import { numbersToBytes } from "./numbers.ts";
import { ENUMS, MESSAGES, type FieldSpec } from "./schema.ts";
import { WIRE } from "./wire.ts";

/**
 * Writes a message: fields in the order of their numbers, defaults left out; so equal values give equal bytes.
 *
 * @param message key of `MESSAGES`
 * @param value   an object whose fields are named as in the schema
 */
export function encodeMessage(message: string, value: object): Uint8Array {
  const writer = protobuf.Writer.create();
  writeMessage(writer, message, value as Readonly<Record<string, unknown>>);
  return writer.finish();
}

function writeMessage(
  writer: protobuf.Writer,
  message: string,
  value: Readonly<Record<string, unknown>>,
): void {
  for (const field of MESSAGES[message]) {
    const content = value[field.name];
    if (content === undefined) continue;
    if (field.rule === "repeated") for (const item of content as unknown[]) writeField(writer, field, item);
    else if (field.rule === "optional" || !isDefault(field, content)) writeField(writer, field, content);
  }
}

function writeField(writer: protobuf.Writer, { id, type }: FieldSpec, value: unknown): void {
  if (type === "string") writer.uint32(tag(id, WIRE.bytes)).string(value as string);
  else if (type === "uint32") writer.uint32(tag(id, WIRE.varint)).uint32(value as number);
  else if (type === "sint32") writer.uint32(tag(id, WIRE.varint)).sint32(value as number);
  else if (type === "double") writer.uint32(tag(id, WIRE.fixed64)).double(value as number);
  else if (type === "bytes") writer.uint32(tag(id, WIRE.bytes)).bytes(value as Uint8Array);
  else if ("array" in type) {
    const numbers = type.plain ? Uint32Array.from(value as number[]) : (value as Uint32Array);
    writer.uint32(tag(id, WIRE.bytes)).bytes(numbersToBytes(numbers));
  } else if ("enum" in type)
    writer.uint32(tag(id, WIRE.varint)).uint32(ENUMS[type.enum].indexOf(value as string));
  else {
    writer.uint32(tag(id, WIRE.bytes)).fork();
    writeMessage(writer, type.message, value as Readonly<Record<string, unknown>>);
    writer.ldelim();
  }
}

function tag(id: number, wireType: number): number {
  return (id << 3) | wireType;
}

function isDefault({ type }: FieldSpec, value: unknown): boolean {
  if (typeof type === "object" && "enum" in type) return value === ENUMS[type.enum][0];
  return value === 0 || value === "" || (value as { readonly length?: number }).length === 0;
}
