import assert from "node:assert/strict";
import { test } from "vitest";
import fc from "fast-check";
import { readSpikeData } from "#formats/spikes/read";
import { writeSpikesNpz } from "#formats/spikes/write-npz";
import { readNpz } from "#formats/npz/npz";
import { randomSpikes } from "#test/networks";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";

test("spikes come back from .npz as they went in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      async (seed, samples, steps) => {
        const rng = createRng(seed);
        const record = {
          "sub/a": randomSpikes(rng, [2, 3], { steps, samples }),
          b: randomSpikes(rng, [4], { steps, samples }),
        };
        const sink = new DiagnosticSink();
        const shape = { "sub/a": [2, 3], b: [4] };
        const file = await readSpikeData(await writeSpikesNpz(record), { fileName: "s.npz", shape }, sink);
        assert.deepEqual(sink.diagnostics, []);
        assert.deepEqual(file?.ports, record);
      },
    ),
    { numRuns: 30 },
  );
});

test("counts are uint8, other values float32", async () => {
  const data = (value: number[]) => ({
    steps: 2,
    shape: [2],
    samples: [{ step: Uint32Array.of(0, 1), index: Uint32Array.of(1, 0), value: Float64Array.from(value) }],
  });
  const arrays = await readNpz(await writeSpikesNpz({ counts: data([3, 255]), values: data([-0.5, 256]) }));
  assert.ok(!("fault" in arrays));
  const [counts, values] = [arrays.get("counts")!, arrays.get("values")!];
  assert.ok(!("fault" in counts) && !("fault" in values));
  assert.deepEqual([counts.dtype, [...counts.data], counts.shape], ["uint8", [0, 3, 255, 0], [1, 2, 2]]);
  assert.deepEqual([values.dtype, [...values.data]], ["float32", [0, -0.5, 256, 0]]);
});

test("an array that would not fit is refused, with its size", async () => {
  const empty = { step: new Uint32Array(), index: new Uint32Array() };
  const large = { steps: 1000, shape: [1000, 1000], samples: [empty] };
  await assert.rejects(
    async () => writeSpikesNpz({ large }),
    (error: unknown) =>
      error instanceof ToolchainError && error.diagnostics[0].code === "spikes/too-many-elements",
  );
});
