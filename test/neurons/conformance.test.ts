// What every neuron model owes us. Loops over the registry: a new model is tested by being listed.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { DEFAULT_DYNAMICS, type Dynamics } from "#ir/network";
import {
  NEURON_MODELS,
  broadcastParams,
  findNeuronModel,
  neuronModel,
  type CubaForm,
  type NeuronModel,
} from "#neurons/index";

const STEPS = 40;

/** Values that keep each parameter inside its range and the neuron busy. */
function sampleParams(model: NeuronModel, draw: () => number): Record<string, Float64Array> {
  return Object.fromEntries(
    model.params.map((spec) => {
      if (spec.unit === "steps") return [spec.name, Float64Array.of(1 + 20 * draw())];
      if (/threshold/i.test(spec.name)) return [spec.name, Float64Array.of(0.2 + draw())];
      if (spec.name === "vReset") return [spec.name, Float64Array.of(0.2 * draw() - 0.2)];
      if (spec.name === "vLeak") return [spec.name, Float64Array.of(0.3 * draw())];
      return [spec.name, Float64Array.of(0.5 + 3 * draw())];
    }),
  );
}

interface Trace {
  readonly outputs: number[];
  /** Membrane after each step; the state variable named `v`, or the output. */
  readonly v: number[];
}

function runFloat(
  model: NeuronModel,
  params: Record<string, Float64Array>,
  dynamics: Dynamics,
  xs: number[],
): Trace {
  const state = model.state.map(() => new Float64Array(1));
  const arrays = broadcastParams(model, params, 1);
  const input = new Float64Array(1);
  const output = new Float64Array(1);
  const trace: Trace = { outputs: [], v: [] };
  for (const x of xs) {
    input[0] = x;
    model.stepFloat!({ state, params: arrays, dynamics, input, output, size: 1 });
    trace.outputs.push(output[0]);
    const at = model.state.indexOf("v");
    trace.v.push(at < 0 ? output[0] : state[at][0]);
  }
  return trace;
}

function runCuba(form: CubaForm, xs: number[]): { spikes: number[]; v: number[]; margin: number } {
  let [u, v] = [form.u0[0], form.v0[0]];
  let margin = Infinity;
  const spikes: number[] = [];
  const membranes: number[] = [];
  for (const x of xs) {
    u = (1 - form.uDecay[0]) * u + form.gain[0] * x;
    v = Math.max((1 - form.vDecay[0]) * v + u + form.bias[0], form.vMin[0]);
    margin = Math.min(margin, Math.abs(v - form.threshold[0]));
    const fires = v > form.threshold[0];
    if (fires) v = 0;
    spikes.push(fires ? 1 : 0);
    membranes.push(v);
  }
  return { spikes, v: membranes, margin };
}

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const inputs = fc.array(fc.double({ min: -0.5, max: 2, noNaN: true }), {
  minLength: STEPS,
  maxLength: STEPS,
});
const integrators = fc.constantFrom("euler" as const, "exponential" as const);

test("names, and the NIR types they stand for, are unique", () => {
  const names = NEURON_MODELS.map((model) => model.name);
  assert.equal(new Set(names).size, names.length);
  const types = NEURON_MODELS.flatMap((model) => model.nir?.type ?? []);
  assert.equal(new Set(types).size, types.length);
});

test("finds a model by its name and nothing by another", () => {
  assert.equal(neuronModel("lif").name, "lif");
  assert.equal(findNeuronModel("lfi"), undefined);
  assert.throws(() => neuronModel("lfi"), /Bug in the toolchain/);
});

for (const model of NEURON_MODELS) {
  describe(`neuron model ${model.name}`, () => {
    test("describes its parameters: unique names, ordered ranges, defaults inside them", () => {
      assert.equal(new Set(model.params.map((p) => p.name)).size, model.params.length);
      assert.equal(new Set(model.state).size, model.state.length);
      for (const spec of model.params) {
        assert.ok(spec.min <= spec.max, spec.name);
        if (spec.default !== undefined) {
          assert.ok(spec.default >= spec.min && spec.default <= spec.max, spec.name);
        }
      }
    });

    test("maps NIR fields onto parameters that exist, each once, and leaves none out", () => {
      if (model.nir === undefined) return;
      const targets = Object.values(model.nir.fields);
      assert.deepEqual([...targets].sort(), model.params.map((p) => p.name).sort());
    });

    test.skipIf(model.stepFloat === undefined)("stays at rest without input and leak", () => {
      const params = sampleParams(model, () => 0.5);
      if (params["vLeak"] !== undefined) params["vLeak"] = Float64Array.of(0);
      const { outputs } = runFloat(model, params, DEFAULT_DYNAMICS, new Array<number>(STEPS).fill(0));
      assert.ok(outputs.every((value) => value === 0));
    });

    test.skipIf(model.stepFloat === undefined)("steps each neuron as if it were alone", () => {
      fc.assert(
        fc.property(inputs, inputs, unit, (left, right, seed) => {
          const params = sampleParams(model, () => seed);
          const arrays = broadcastParams(model, params, 2);
          const state = model.state.map(() => new Float64Array(2));
          const input = new Float64Array(2);
          const output = new Float64Array(2);
          const seen: number[][] = [[], []];
          for (let t = 0; t < STEPS; t++) {
            input.set([left[t], right[t]]);
            model.stepFloat!({ state, params: arrays, dynamics: DEFAULT_DYNAMICS, input, output, size: 2 });
            seen[0].push(output[0]);
            seen[1].push(output[1]);
          }
          assert.deepEqual(seen[0], runFloat(model, params, DEFAULT_DYNAMICS, left).outputs);
          assert.deepEqual(seen[1], runFloat(model, params, DEFAULT_DYNAMICS, right).outputs);
        }),
        { numRuns: 30 },
      );
    });

    test.skipIf(model.toCuba === undefined)(
      "computes the same as its circuit, whatever the input, bias and clamp",
      () => {
        let compared = 0;
        fc.assert(
          fc.property(
            fc.array(unit, { minLength: 12, maxLength: 12 }),
            inputs,
            fc.double({ min: -0.3, max: 0.5, noNaN: true }),
            integrators,
            fc.option(fc.double({ min: -2, max: 0, noNaN: true }), { nil: undefined }),
            (draws, xs, bias, integrator, vMinThresholds) => {
              let next = 0;
              const params = sampleParams(model, () => draws[next++ % draws.length]);
              const dynamics: Dynamics = {
                ...DEFAULT_DYNAMICS,
                integrator,
                ...(vMinThresholds === undefined ? {} : { vMinThresholds }),
              };
              const form = model.toCuba!({ ...params, bias: Float64Array.of(bias) }, dynamics, 1);
              assert.deepEqual(form.deviations, []);
              const circuit = runCuba(form, xs);
              if (circuit.margin < 1e-9) return;
              compared++;
              const trace = runFloat(
                model,
                params,
                dynamics,
                xs.map((x) => x + bias),
              );
              if (model.output === "spikes") assert.deepEqual(circuit.spikes, trace.outputs);
              if (model.name === "threshold") return;
              const threshold = params["vThreshold"]?.[0];
              const clamped = threshold !== undefined && vMinThresholds !== undefined;
              const lowest = clamped ? vMinThresholds * threshold : -Infinity;
              const shift = Math.max(params["vReset"]?.[0] ?? 0, lowest);
              circuit.v.forEach((v, t) => {
                assert.ok(Math.abs(v + shift - trace.v[t]) < 1e-9 * (1 + Math.abs(v)), `v of step ${t}`);
              });
            },
          ),
          { numRuns: 200 },
        );
        assert.ok(compared > 100);
      },
    );

    test.skipIf(model.toCuba === undefined)("gives a circuit for each neuron of a population", () => {
      const form = model.toCuba!(
        { ...sampleParams(model, () => 0.5), bias: Float64Array.of(1, 2, 3) },
        DEFAULT_DYNAMICS,
        3,
      );
      for (const [key, value] of Object.entries(form)) {
        if (key !== "deviations") assert.equal((value as Float64Array).length, 3, key);
      }
      assert.notEqual(form.bias[0], form.bias[2]);
    });
  });
}
