import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { crc32 as referenceCrc32 } from "node:zlib";
import { decodeState, encodeState } from "#train/checkpoint";
import { crc32 } from "#train/crc32";
import { planGraph, type LayerGraph } from "#train/graph";
import { NEURONS } from "#train/neurons";
import { createParameters } from "#train/parameters";
import { createRandom } from "#train/random";
import { createReferenceBackend } from "#train/engine/reference";
import type { StateTree, StateValue } from "#train/state";
import { trainedModelOf } from "#train/trained-model";
import { decodeTrainedModel, encodeTrainedModel } from "#train/trained-model-file";
import { ToolchainError } from "#util/diagnostic";

const codesOf = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof ToolchainError, String(error));
    return error.diagnostics.map(({ code }) => code);
  }
  return [];
};

const bits32 = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 9 });
const leaf: fc.Arbitrary<StateValue> = fc.oneof(
  fc.double(),
  fc.constantFrom(-0, NaN, Infinity, -Infinity, Number.MIN_VALUE),
  fc.string({ unit: "binary" }),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.double(), { maxLength: 5 }),
  bits32.map((bits) => new Float32Array(Uint32Array.from(bits).buffer)),
  fc.array(fc.double(), { maxLength: 5 }).map((values) => Float64Array.from(values)),
  bits32.map((bits) => Int32Array.from(bits)),
  bits32.map((bits) => Uint32Array.from(bits)),
  fc.uint8Array({ maxLength: 11 }),
);
const { tree } = fc.letrec<{ tree: StateTree; value: StateValue }>((tie) => ({
  tree: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("t", "a", "n", "l", "__proto__")), tie("value"), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
  value: fc.oneof({ maxDepth: 3 }, leaf, tie("tree")),
}));

const SAMPLE: StateTree = {
  stepsDone: 12,
  name: "lif",
  zero: -0,
  list: [1, NaN, -0],
  method: { theta: Float32Array.of(1, -0, NaN, 1e-45), mask: Uint8Array.of(1, 0, 1) },
};

describe("crc32", () => {
  test("it is zlib's, at every length and alignment", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(7), (bytes, start) => {
        const part = bytes.subarray(Math.min(start, bytes.length));
        assert.equal(crc32(part), referenceCrc32(part));
      }),
    );
  });
});

describe("encodeState and decodeState", () => {
  test("they give every tree back, bit by bit", () => {
    fc.assert(
      fc.property(tree, (state) => {
        assert.deepEqual(decodeState(encodeState(state, "checkpoint"), "checkpoint"), state);
      }),
    );
  });

  test("they keep the sign of zero in arrays, lists and numbers", () => {
    const back = decodeState(encodeState(SAMPLE, "checkpoint"), "checkpoint") as typeof SAMPLE & {
      list: number[];
      method: { theta: Float32Array };
    };
    assert.ok(Object.is(back.zero, -0));
    assert.ok(Object.is(back.list[2], -0));
    assert.ok(Object.is(back.method.theta[1], -0));
  });

  test("they give the same bytes for the same tree, wherever its arrays lie", () => {
    const shifted = new Float32Array([9, 1, -0, NaN, 1e-45, 9]).subarray(1, 5);
    const other = { ...SAMPLE, method: { theta: shifted, mask: Uint8Array.of(1, 0, 1) } };
    assert.deepEqual(encodeState(other, "checkpoint"), encodeState(SAMPLE, "checkpoint"));
  });

  test("they read from the middle of a larger buffer", () => {
    const bytes = encodeState(SAMPLE, "checkpoint");
    const around = new Uint8Array(bytes.length + 10);
    around.set(bytes, 3);
    assert.deepEqual(decodeState(around.subarray(3, 3 + bytes.length), "checkpoint"), SAMPLE);
  });

  test("they read what Node reads: a Buffer, whose slices share its memory", () => {
    const bytes = Buffer.from(encodeState(SAMPLE, "checkpoint"));
    const back = decodeState(bytes, "checkpoint");
    bytes.fill(7);
    assert.deepEqual(back, SAMPLE);
  });

  test("they refuse a file cut at any length", () => {
    const bytes = encodeState(SAMPLE, "checkpoint");
    for (let length = 0; length < bytes.length; length++)
      assert.deepEqual(
        codesOf(() => decodeState(bytes.subarray(0, length), "checkpoint")),
        ["train/checkpoint-damaged"],
        `${length} bytes`,
      );
  });

  test("they refuse a file with any one bit changed, or a byte too many", () => {
    const bytes = encodeState(SAMPLE, "checkpoint");
    for (let i = 0; i < bytes.length; i++)
      for (let bit = 0; bit < 8; bit++) {
        const changed = Uint8Array.from(bytes);
        changed[i] ^= 1 << bit;
        const [code] = codesOf(() => decodeState(changed, "checkpoint"));
        assert.match(String(code), /^train\/checkpoint-(damaged|not-ours|version)$/, `byte ${i}, bit ${bit}`);
      }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    assert.deepEqual(
      codesOf(() => decodeState(longer, "checkpoint")),
      ["train/checkpoint-damaged"],
    );
  });

  test("they say whose file it is", () => {
    const model = encodeState(SAMPLE, "trained model");
    assert.deepEqual(
      codesOf(() => decodeState(model, "checkpoint")),
      ["train/checkpoint-other-kind"],
    );
    assert.deepEqual(
      codesOf(() => decodeState(new TextEncoder().encode("hello, world, this is text"), "checkpoint")),
      ["train/checkpoint-not-ours"],
    );
  });

  test("they refuse a whole file whose header makes no sense", () => {
    for (const header of [
      "[]",
      "nonsense",
      '{"kind":"checkpoint","tree":7}',
      farArray("9e15"),
      farArray("-8"),
    ])
      assert.deepEqual(
        codesOf(() => decodeState(withHeader(header), "checkpoint")),
        ["train/checkpoint-damaged"],
        header,
      );
  });
});

const farArray = (offset: string): string =>
  `{"kind":"checkpoint","tree":{"t":{"x":{"a":["f32",${offset},1]}}}}`;

/** A file with a right checksum around the header. */
function withHeader(text: string): Uint8Array {
  const header = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 * Math.ceil((24 + header.length) / 8) + 4);
  bytes.set(encodeState({}, "checkpoint").subarray(0, 12));
  const view = new DataView(bytes.buffer);
  view.setUint32(12, header.length, true);
  view.setFloat64(16, bytes.length, true);
  bytes.set(header, 24);
  view.setUint32(bytes.length - 4, referenceCrc32(bytes.subarray(0, bytes.length - 4)), true);
  return bytes;
}

describe("the trained-model file", () => {
  const graph: LayerGraph = {
    name: "small",
    inputShape: [1, 4, 4],
    layers: [
      {
        name: "conv",
        inputs: ["input"],
        op: "conv2d",
        channels: 2,
        kernel: [3, 3],
        stride: [1, 1],
        padding: [1, 1],
        groups: 1,
        bias: true,
      },
      { name: "bn", inputs: ["conv"], op: "batch-norm", epsilon: 1e-5, momentum: 0.1, gammaInit: 1 },
      { name: "plif", inputs: ["bn"], op: "neuron", neuron: NEURONS["plif-bc"] },
      { name: "flat", inputs: ["plif"], op: "flatten" },
      { name: "fc", inputs: ["flat"], op: "linear", features: 3, bias: false },
    ],
    output: "fc",
  };
  const plan = planGraph(graph, true);
  const model = trainedModelOf(plan, createParameters(plan, createReferenceBackend(), createRandom(5)));

  test("it gives graph, numbers and statistics back", () => {
    assert.deepEqual(decodeTrainedModel(encodeTrainedModel(model)), model);
  });

  test("it names every field that is not right", () => {
    const bad = encodeState(
      { graph: "{}", staticInput: 1, values: { x: 3 }, statistics: { bn: {} } },
      "trained model",
    );
    assert.deepEqual(
      codesOf(() => decodeTrainedModel(bad)),
      new Array(4).fill("train/trained-model-field"),
    );
  });

  test("it is not taken for a checkpoint, nor a damaged one for a model", () => {
    const bytes = encodeTrainedModel(model);
    assert.deepEqual(
      codesOf(() => decodeState(bytes, "checkpoint")),
      ["train/checkpoint-other-kind"],
    );
    bytes[bytes.length - 40] ^= 1;
    assert.deepEqual(
      codesOf(() => decodeTrainedModel(bytes)),
      ["train/checkpoint-damaged"],
    );
  });
});
