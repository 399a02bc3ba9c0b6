import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { SpikeData } from "#ir/spikes";
import { recordedSection, recordedText } from "#report/recorded";

/** Two samples of two steps of two elements, with events at the first places. */
function recording(values: readonly (readonly number[] | undefined)[]): SpikeData {
  const samples = values.map((value) => {
    const events = value ?? [1, 1];
    const at = Uint32Array.from(events, (_, e) => e);
    const places = { step: at.map((e) => e >> 1), index: at.map((e) => e & 1) };
    return value === undefined ? places : { ...places, value: Float64Array.from(value) };
  });
  return { steps: 2, shape: [2], samples };
}

describe("recorded populations", () => {
  test("give spikes per inference, several in one step each", () => {
    assert.deepEqual(recordedSection(recording([undefined, [2, 3, 1]]), "spikes"), {
      spikesPerInference: 4,
    });
    assert.equal(recordedText({ spikesPerInference: 4 }), "4");
  });

  test("that do not fire give the range of their values, zeros without an event included", () => {
    const sparse = recordedSection(recording([[2.5, 7], [3]]), "values");
    assert.deepEqual(sparse, { spikesPerInference: 0, values: { lowest: 0, highest: 7 } });
    const full = recordedSection(recording([[-2.34567, 3, 4, 5]]), "values");
    assert.deepEqual(full, { spikesPerInference: 0, values: { lowest: -2.34567, highest: 5 } });
    assert.equal(recordedText(full), "values -2.346 to 5");
    assert.deepEqual(recordedSection(recording([[]]), "values").values, { lowest: 0, highest: 0 });
  });

  test("that may be either are spikes where all are whole and positive", () => {
    assert.equal(recordedSection(recording([[1, 2]]), "unknown").values, undefined);
    for (const other of [0.5, -1])
      assert.ok(recordedSection(recording([[1, other]]), "unknown").values !== undefined, String(other));
  });

  test("count nothing where there was no sample", () => {
    assert.deepEqual(recordedSection(recording([]), "spikes"), { spikesPerInference: 0 });
    assert.deepEqual(recordedSection(recording([]), "values"), { spikesPerInference: 0 });
  });
});
