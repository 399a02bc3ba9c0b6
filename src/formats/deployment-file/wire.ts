import type { FieldType } from "./schema.ts";

/** Wire types of protobuf that the schema uses. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2 } as const;

export function wireTypeOf(type: FieldType): number {
  if (type === "uint32" || type === "sint32") return WIRE.varint;
  if (type === "double") return WIRE.fixed64;
  return typeof type === "object" && "enum" in type ? WIRE.varint : WIRE.bytes;
}
