// The protobuf wire format, walked before anything is decoded: lengths, depth and group tags of a hostile file end here.

/** Deepest nesting of graphs in attributes that is read; real files have two or three. */
const DEEPEST_GRAPH = 32;

type MessageKind = "model" | "graph" | "node" | "attribute" | "function";

/** Fields that hold messages in which graphs can nest. */
const NESTED: Readonly<Record<MessageKind, Readonly<Record<number, MessageKind>>>> = {
  model: { 7: "graph", 25: "function" },
  graph: { 1: "node" },
  node: { 5: "attribute" },
  attribute: { 6: "graph", 11: "graph" },
  function: { 7: "node" },
};

/** Wire types of the fields of a model: 0 is a varint, 2 is bytes. */
const MODEL_FIELDS: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
};

interface Field {
  readonly number: number;
  readonly wireType: number;
  /** Of the content; for varints and fixed numbers, of the number itself. */
  readonly begin: number;
  readonly end: number;
}

/** True if the bytes begin like a model: its fields, of their wire types, up to the graph. */
export function looksLikeModel(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length) {
    const tag = varint(bytes, at, bytes.length);
    if (tag === undefined) return false;
    const number = Math.floor(tag.value / 8);
    if (MODEL_FIELDS[number] !== tag.value % 8) return false;
    if (number === 7 || number === 25) return true;
    const field = fieldAt(bytes, at, bytes.length);
    if (typeof field === "string") return false;
    at = field.end;
  }
  return false;
}

/** What is wrong with the wire format of a model, in words; undefined if nothing is. */
export function wireFault(bytes: Uint8Array): string | undefined {
  const stack: { kind: MessageKind; at: number; end: number; graphs: number }[] = [
    { kind: "model", at: 0, end: bytes.length, graphs: 0 },
  ];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { kind, end, graphs } = top;
    let { at } = top;
    while (at < end) {
      const field = fieldAt(bytes, at, end);
      if (typeof field === "string") return field;
      at = field.end;
      if (kind === "model" && MODEL_FIELDS[field.number] !== undefined) {
        if (field.wireType !== MODEL_FIELDS[field.number])
          return `field ${field.number} of the model has wire type ${field.wireType}, and needs ${MODEL_FIELDS[field.number]}`;
      }
      const inner = NESTED[kind][field.number] as MessageKind | undefined;
      if (inner === undefined) continue;
      if (field.wireType !== 2)
        return `field ${field.number} of a ${kind} holds a ${inner}, but has wire type ${field.wireType}`;
      const depth = graphs + (inner === "graph" ? 1 : 0);
      if (depth > DEEPEST_GRAPH) return `graphs are nested more than ${DEEPEST_GRAPH} deep`;
      stack.push({ kind: inner, at: field.begin, end: field.end, graphs: depth });
    }
  }
  return undefined;
}

function fieldAt(bytes: Uint8Array, at: number, end: number): Field | string {
  const tag = varint(bytes, at, end);
  if (tag === undefined) return `the tag at byte ${at} is cut off`;
  const number = Math.floor(tag.value / 8);
  const wireType = tag.value % 8;
  const begin = tag.end;
  if (number < 1 || number > 2 ** 29 - 1) return `the tag at byte ${at} has field number ${number}`;
  switch (wireType) {
    case 0: {
      const value = varint(bytes, begin, end);
      return value === undefined
        ? `the number at byte ${begin} is cut off`
        : { number, wireType, begin, end: value.end };
    }
    case 1:
    case 5: {
      const size = wireType === 1 ? 8 : 4;
      return begin + size > end
        ? `the number at byte ${begin} is cut off`
        : { number, wireType, begin, end: begin + size };
    }
    case 2: {
      const length = varint(bytes, begin, end);
      if (length === undefined) return `the length at byte ${begin} is cut off`;
      if (length.value > end - length.end)
        return `field ${number} at byte ${at} claims ${length.value} bytes, and ${end - length.end} follow`;
      return { number, wireType, begin: length.end, end: length.end + length.value };
    }
    default:
      return `the tag at byte ${at} has wire type ${wireType}, which no ONNX file uses`;
  }
}

/** At most ten bytes; values beyond 2^53 lose their last bits, which only ever makes a length too large. */
function varint(
  bytes: Uint8Array,
  at: number,
  end: number,
): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  let factor = 1;
  for (let i = at; i < end && i < at + 10; i++) {
    value += (bytes[i] & 0x7f) * factor;
    if (bytes[i] < 0x80) return { value, end: i + 1 };
    factor *= 128;
  }
  return undefined;
}
