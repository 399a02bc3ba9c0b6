import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Backend } from "#train/engine/backend";
import { NEURONS, SURROGATES } from "#train/neurons";
import type { NeuronName, NeuronSpec, SurrogateName } from "#train/neurons";
import { SUBJECTS, assertClose, placeArrays } from "./engine/backends.ts";

/** Hand-derived: constant current from rest, then the spikes. */
const TRACES: readonly { neuron: NeuronName; current: number; spikes: string; why: string }[] = [
  { neuron: "lif-sj", current: 1.5, spikes: "01010101", why: "0.75, then 1.125" },
  { neuron: "lif-sj", current: 1.2, spikes: "001001001", why: "0.6, 0.9, then 1.05" },
  { neuron: "lif-sj", current: 1, spikes: "00000000", why: "approaches 1 from below" },
  { neuron: "lif-sj", current: 2, spikes: "11111111", why: "h = 1 fires: the test is >=" },
  { neuron: "if-sj", current: 0.25, spikes: "000100010001", why: "the fourth quarter makes 1, and >= fires" },
  { neuron: "if-sj", current: 0.75, spikes: "01010101", why: "1.5; the rest of 0.5 is not kept" },
  { neuron: "if-sj", current: 1, spikes: "1111", why: "h = 1 fires: the test is >=" },
  { neuron: "lif-wu", current: 0.5, spikes: "01010101", why: "0.5 does not fire (strict), 0.6 does" },
  { neuron: "lif-wu", current: 0.40625, spikes: "001001001", why: "0.40625, 0.4875, then 0.50375" },
  { neuron: "lif-wu", current: 0.375, spikes: "00000000", why: "approaches 0.46875 from below" },
  { neuron: "plif-bc", current: 1, spikes: "01010101", why: "0.5 does not fire (strict), 0.75 does" },
  { neuron: "plif-bc", current: 0.5, spikes: "00000000", why: "approaches 0.5 from below" },
  { neuron: "lif-bc", current: 1, spikes: "01010101", why: "0.5 does not fire (strict), 0.75 does" },
  { neuron: "lif-bc", current: 0.75, spikes: "01010101", why: "0.375, then 0.5625" },
  { neuron: "lif-tet", current: 1, spikes: "01010101", why: "1 does not fire (strict), 1.5 does" },
  { neuron: "lif-tet", current: 0.625, spikes: "001001001", why: "0.625, 0.9375, then 1.09375" },
  { neuron: "lif-tet", current: 0.5, spikes: "00000000", why: "approaches 1 from below" },
  { neuron: "lif-tet", current: 1.25, spikes: "1111", why: "not divided by the time constant" },
];

/** The membrane before the spike test, where it is worth writing down. */
const MEMBRANES: Partial<Record<NeuronName, { current: number; membrane: readonly number[] }>> = {
  "lif-sj": { current: 1.5, membrane: [0.75, 1.125, 0.75, 1.125] },
  "if-sj": { current: 0.375, membrane: [0.375, 0.75, 1.125, 0.375] },
  "lif-wu": { current: 0.5, membrane: [0.5, 0.6, 0.5, 0.6] },
  "lif-bc": { current: 0.75, membrane: [0.375, 0.5625, 0.375, 0.5625] },
  "lif-tet": { current: 0.625, membrane: [0.625, 0.9375, 1.09375, 0.625] },
};

/** 1 / (1 + (pi x)^2), written out once more. */
const atan = (x: number): number => 1 / (1 + Math.PI * Math.PI * x * x);

/** Two steps, dLoss/dspikes = [0, 1]: what arrives at the two currents, by hand. */
const GRADIENTS: readonly {
  neuron: NeuronName;
  current: readonly [number, number];
  dCurrent: readonly [number, number];
  dGain?: number;
  why: string;
}[] = [
  {
    neuron: "lif-sj",
    current: [1.5, 1.5],
    dCurrent: [atan(0.125) / 4, atan(0.125) / 2],
    why: "no spike in step 0, so the membrane passes",
  },
  {
    neuron: "lif-sj",
    current: [2.5, 1],
    dCurrent: [0, atan(-0.5) / 2],
    why: "the reset of step 0 is a constant, and stops the gradient",
  },
  {
    neuron: "if-sj",
    current: [0.75, 0.5],
    dCurrent: [atan(0.25), atan(0.25)],
    why: "nothing leaks, nothing is divided",
  },
  {
    neuron: "lif-wu",
    current: [0.6, 0.2],
    dCurrent: [-0.2 * 0.6, 1],
    why: "the reset of step 0 is not a constant: -gv h surrogate",
  },
  {
    neuron: "plif-bc",
    current: [0.75, 0.75],
    dCurrent: [atan(0.0625) / 4, atan(0.0625) / 2],
    dGain: atan(0.0625) * (0.75 - 0.375) + (atan(0.0625) / 2) * 0.75,
    why: "the gain sees I - v in both steps",
  },
  { neuron: "lif-bc", current: [0.75, 0.75], dCurrent: [1.75 / 4, 1.75 / 2], why: "2 - 4 / 16 is 1.75" },
  {
    neuron: "lif-tet",
    current: [1.25, 0.5],
    dCurrent: [-0.25 * 1.25 * 0.75, 0.5],
    why: "the reset of step 0 is not a constant",
  },
];

const NAMES = Object.keys(NEURONS) as NeuronName[];

describe.each(SUBJECTS)("$name", ({ create }) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend.dispose());

  test.each(TRACES)("$neuron at current $current gives $spikes: $why", ({ neuron, current, spikes }) => {
    const steps = spikes.length;
    for (const staticCurrent of [true, false]) {
      const run = forward(backend, NEURONS[neuron], current, steps, staticCurrent);
      assert.deepEqual(
        run.spikes,
        Array.from({ length: 3 }, () => spikes),
        `static: ${staticCurrent}`,
      );
    }
  });

  test.each(Object.entries(MEMBRANES))("records the membrane of %s before its reset", (name, expected) => {
    const { current, membrane } = expected;
    const run = forward(backend, NEURONS[name as NeuronName], current, membrane.length, true);
    assertClose(run.membraneOfFirst, membrane, 1e-7, "membrane");
  });

  test.each(GRADIENTS)("$neuron: $why", ({ neuron, current, dCurrent, dGain }) => {
    const arrays = placeArrays(backend, {
      current,
      membrane: [0, 0],
      spikes: [0, 0],
      dSpikes: [0, 1],
      dCurrent: [7, 7],
    });
    const call = { ...arrays, staticCurrent: false, steps: 2, neurons: 1, neuron: NEURONS[neuron] };
    backend.neuronForward(call);
    const found = backend.neuronBackward({ ...call, wantsGainGradient: dGain !== undefined });
    assertClose(arrays.dCurrent, dCurrent, 1e-6, "dCurrent");
    assertClose([found], [dGain ?? 0], 1e-6, "dGain");
  });

  test("sums the gradient of a static current over steps", () => {
    const arrays = placeArrays(backend, {
      current: [1.5],
      membrane: [0, 0],
      spikes: [0, 0],
      dSpikes: [0, 1],
      dCurrent: [7],
    });
    const call = { ...arrays, staticCurrent: true, steps: 2, neurons: 1, neuron: NEURONS["lif-sj"] };
    backend.neuronForward(call);
    backend.neuronBackward({ ...call, wantsGainGradient: false });
    assertClose(arrays.dCurrent, [atan(0.125) * 0.75], 1e-6, "dCurrent");
  });

  test.each(NAMES)("keeps the neurons of a %s layer apart", (name) => {
    const random = [0.3, 1.7, -0.4, 0.9, 2.6];
    const neurons = random.length;
    const arrays = placeArrays(backend, {
      current: random,
      membrane: Array<number>(neurons * 6).fill(7),
      spikes: Array<number>(neurons * 6).fill(7),
    });
    backend.neuronForward({ ...arrays, staticCurrent: true, steps: 6, neurons, neuron: NEURONS[name] });
    random.forEach((current, n) => {
      const alone = forward(backend, NEURONS[name], current, 6, true).spikes[0];
      const together = Array.from({ length: 6 }, (_, t) => arrays.spikes[t * neurons + n]).join("");
      assert.equal(together, alone);
    });
  });
});

describe("surrogates", () => {
  test("atan has the tabulated derivative", () => {
    const table = [0, 0.1, 0.25, 0.5, 1].map((x) => SURROGATES.atan.derivative(x).toFixed(6));
    assert.deepEqual(table, ["1.000000", "0.910170", "0.618486", "0.288400", "0.092000"]);
  });

  test("the others have the derivatives of their formulas", () => {
    const at = (name: SurrogateName): number[] =>
      [-1.5, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75].map(SURROGATES[name].derivative);
    assert.deepEqual(at("rectangle"), [0, 0, 0, 1, 1, 1, 0, 0]);
    assert.deepEqual(at("triangular"), [0, 0, 0, 1, 2, 1, 0, 0]);
    assert.deepEqual(at("triangle"), [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25]);
  });

  test.each(Object.entries(SURROGATES))("%s is the derivative of its primitive", (_, surrogate) => {
    const width = 1e-6;
    for (let x = -2.0037; x < 2; x += 0.0173) {
      const slope = (surrogate.primitive(x + width) - surrogate.primitive(x - width)) / (2 * width);
      assert.ok(Math.abs(slope - surrogate.derivative(x)) < 1e-5, `at ${x}: ${slope}`);
    }
  });

  test.each(Object.entries(SURROGATES))(
    "the primitive of %s is one half at the threshold and goes from 0 to 1",
    (name, surrogate) => {
      assert.ok(Math.abs(surrogate.primitive(0) - 0.5) < 1e-15);
      const tail = name === "atan" ? 1e-6 : 0; // the only one that never ends
      assert.ok(Math.abs(surrogate.primitive(-1e6)) <= tail);
      assert.ok(Math.abs(surrogate.primitive(1e6) - 1) <= tail);
    },
  );
});

function forward(
  backend: Backend,
  neuron: NeuronSpec,
  current: number,
  steps: number,
  staticCurrent: boolean,
): { spikes: string[]; membraneOfFirst: number[] } {
  const neurons = 3;
  const arrays = placeArrays(backend, {
    current: Array<number>(staticCurrent ? neurons : steps * neurons).fill(current),
    membrane: Array<number>(steps * neurons).fill(7),
    spikes: Array<number>(steps * neurons).fill(7),
  });
  backend.neuronForward({ ...arrays, staticCurrent, steps, neurons, neuron });
  const times = Array.from({ length: steps }, (_, t) => t);
  return {
    spikes: Array.from({ length: neurons }, (_, n) =>
      times.map((t) => arrays.spikes[t * neurons + n]).join(""),
    ),
    membraneOfFirst: times.map((t) => arrays.membrane[t * neurons]),
  };
}
