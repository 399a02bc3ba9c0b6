import assert from "node:assert/strict";
import { test } from "vitest";
import { allocate, field } from "#simulator/layout";

test("allocate lays fields side by side in one buffer, each on a border of 64 bytes", () => {
  const { bytes, views } = allocate<{
    bytes: Uint8Array;
    none: Int32Array;
    counts: Float64Array;
    index: Uint32Array;
  }>({
    bytes: field("u8", 3),
    none: field("i32", 0),
    counts: field("f64", 2),
    index: field("u32", 3),
  });
  assert.deepEqual(
    Object.values(views).map((view) => [view.constructor.name, view.byteOffset, view.length]),
    [
      ["Uint8Array", 0, 3],
      ["Int32Array", 64, 0],
      ["Float64Array", 64, 2],
      ["Uint32Array", 128, 3],
    ],
  );
  assert.ok(Object.values(views).every((view) => view.buffer === views.bytes.buffer));
  assert.equal(bytes, 384);
  assert.equal(views.bytes.buffer.byteLength, bytes);
});
