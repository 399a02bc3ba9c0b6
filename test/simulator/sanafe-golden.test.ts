// The golden cases of SANA-FE, whatever the folder holds, by way of deployments, targets and profiles of ours.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { evaluateGolden, type Evaluation } from "#test/sanafe-evaluator";
import { sanafeGoldenCases, type Expected } from "#test/sanafe-golden";
import { simulateGolden, type GoldenRun } from "#test/sanafe-simulate";
import { BinaryHeap } from "#test/send-queues";

const CASES = sanafeGoldenCases();

/** Neuron-steps that are too many for the plain evaluator. */
const LARGE = 1e5;
/** Printed digits: seven, of which the last is rounded. */
const PRINTED = 2e-6;
/** Potentials have six. */
const PRINTED_SIX = 5e-6;
/** Where the order of packets that are ready at the same moment matters to the detailed time of a step. */
const TIES: Readonly<Record<string, number>> = {
  fc_layers: 5e-3,
  loihi_constants: 5e-3,
  congested_mesh: 2e-2,
};
/** Where that order is known to be all that is missing. */
const LIKE_A_HEAP = ["fc_layers", "loihi_constants"];

function assertClose(actual: number, expected: number, share: number, what: string): void {
  const isClose = Math.abs(actual - expected) <= share * Math.abs(expected);
  assert.ok(isClose, `${what}: ${actual}, expected ${expected}`);
}

type Messages = NonNullable<Expected["messages_detailed"]>;

/** @param ties share by which the detailed time of a step may be off because of the order of packets */
function assertMatches(found: Evaluation, expected: Expected, ties: number): void {
  assert.deepEqual(found.spikes, expected.spikes_per_timestep);
  for (const [counter, values] of Object.entries(expected.per_timestep)) {
    if (counter === "time_cycle") continue;
    const share = counter === "time_detailed" ? ties : PRINTED;
    assert.equal(found.perStep[counter].length, values.length);
    values.forEach((value, t) => {
      assertClose(found.perStep[counter][t], value, share, `${counter} of step ${t + 1}`);
    });
  }
  expected.potentials?.rows.forEach((row, t) => {
    row.forEach((value, k) => {
      const id = expected.potentials!.neurons[k];
      assertClose(found.potentials[t][id], value, PRINTED_SIX, `potential of neuron ${id}, step ${t + 1}`);
    });
  });
}

/** To whom each core sends, in the order of its packets; their times are compared in `timing-golden.test.ts`. */
function assertMessages({ messages }: GoldenRun, { last_timestep: last, columns, rows }: Messages): void {
  const [step, id, from, to] = ["timestep", "id", "src_core", "dst_core"].map((title) =>
    columns.indexOf(title),
  );
  for (let t = 1; t <= last; t++) {
    // The placeholder, which has no id, is a core's last.
    const theirs = rows
      .filter((row) => row[step] === t)
      .toSorted((a, b) => a[from] - b[from] || Number(a[to] < 0) - Number(b[to] < 0) || a[id] - b[id]);
    assert.deepEqual(
      messages[t - 1].toSorted((a, b) => a.from - b.from),
      theirs.map((row) => ({ from: row[from], to: row[to] })),
      `packets of step ${t}`,
    );
  }
}

function assertTotals(
  { totals }: GoldenRun,
  { totals: { energy, ...expected } }: Expected,
  name: string,
): void {
  const energies = Object.entries(energy).map(([part, value]) => [`energy_${part}`, value] as const);
  for (const [counter, value] of [...Object.entries(expected), ...energies]) {
    if (counter === "time_cycle") continue;
    const share = counter === "time_detailed" ? (TIES[name] ?? PRINTED) : PRINTED;
    assertClose(totals[counter], value, share, `total ${counter}`);
  }
  assert.equal(totals["received"], totals["packets"]);
}

describe.skipIf(CASES === undefined)("sanafe golden cases", () => {
  test("sanafe: there are cases", () => {
    assert.ok(CASES!.length > 0);
  });

  for (const golden of CASES ?? []) {
    const { name, expected } = golden;
    test(`sanafe ${name}: the simulator tells spikes, counters, energies, potentials and times`, () => {
      const run = simulateGolden(golden);
      assertMatches(run, expected, TIES[name] ?? PRINTED);
      assertTotals(run, expected, name);
      if (expected.messages_detailed !== undefined) assertMessages(run, expected.messages_detailed);
    });

    const isLarge = golden.neurons.length * golden.timesteps > LARGE;
    test.skipIf(isLarge)(`sanafe ${name}: the plain evaluator tells the same`, () => {
      assertMatches(evaluateGolden(golden), expected, TIES[name] ?? PRINTED);
    });

    if (!LIKE_A_HEAP.includes(name)) continue;
    test(`sanafe ${name}: the plain evaluator tells the printed times if a binary heap orders the packets`, () => {
      assertMatches(evaluateGolden(golden, BinaryHeap), expected, PRINTED);
    });
  }
});
