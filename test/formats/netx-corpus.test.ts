// Real netx files: what is in them, the spikes and registers that Lava computed from them, and the same on the chip.
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { nonzeroWeightCount } from "#ir/connectivity";
import type { NumpyArray } from "#formats/npz/npy";
import type { Network, Population } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { mapModel } from "#spinec";
import { simulateIntegerReference } from "#simulator/reference";
import { simulate } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";
import {
  NETX_CASES,
  dense,
  inputOf,
  isRun,
  ofStep,
  readArchives,
  readCase,
  type Arrays,
  type StoredField,
} from "./netx-case.ts";

/** Mapping larger ones takes longer than a test should. */
const MAX_MAPPED_NEURONS = 20_000;
const MAX_MAPPED_STEPS = 500;

const LAYERS = /^(input|dense|dense_rec|recurrent|conv|pool|flatten|average|concat)$/;
const NEURONS = /^(CUBA|LOIHI)$/;

if (NETX_CASES.length === 0)
  test("netx: files of the corpus are read", ({ skip }) => {
    skip("shared/corpus/netx is not there");
  });

const isNeuron = ({ model }: Population): boolean => model === "loihi-cuba";
const sizeOf = ({ populations }: Network): number =>
  populations.filter(isNeuron).reduce((sum, { size }) => sum + size, 0);

for (const netxCase of NETX_CASES) {
  describe(`netx ${netxCase.id}`, async () => {
    const { network, diagnostics } = await readCase(netxCase);
    const archives = Object.entries(network === undefined ? {} : await readArchives(netxCase));
    const stored = netxCase.layers;

    test("netx: is read as a sound network, or refused with coded reasons, one for each layer", () => {
      const codes = diagnostics.map(({ code }) => code);
      for (const code of codes) assert.match(code, /^netx\/[a-z0-9-]+$/);
      const foreign = stored.flatMap((layer, k) => (isKnown(layer) ? [] : [`/layer/${keyOf(layer, k)}`]));
      if (stored.length > 0) assert.equal(network === undefined, foreign.length > 0, codes.join());
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      assert.equal(network === undefined, errors.length > 0);
      for (const path of foreign)
        assert.ok(
          errors.some(({ subject = "" }) => subject === path || subject.startsWith(`${path}/`)),
          `${path} is named`,
        );
      if (network === undefined) return;
      const sink = new DiagnosticSink();
      validateNetwork(network, sink, { models: NEURON_MODELS });
      assert.deepEqual(sink.diagnostics, []);
    });

    if (network === undefined) return;

    test.skipIf(stored.length === 0)("netx: has the neurons and weights that are stored", () => {
      const weights = stored
        .filter((layer) => typeOf(layer) !== "input")
        .flatMap((layer) => [layer["weight"], layer["weight_rec"], layer["recWeight"]])
        .reduce((sum, field) => sum + nonzeroOf(field), 0);
      const read = network.projections.reduce(
        (sum, { connectivity }) => sum + nonzeroWeightCount(connectivity),
        0,
      );
      // A weight of 1 where signs are mixed is rounded to 0; a pool stores one kernel for all channels.
      const rounded = diagnostics.find(({ code }) => code === "netx/lowest-bit-lost")?.data?.["weights"];
      if (stored.every((layer) => typeOf(layer) !== "pool"))
        assert.ok(read <= weights && read >= weights - Number(rounded ?? 0), `${read} of ${weights} weights`);
      const neurons = stored.filter(hasNeurons);
      assert.deepEqual(
        network.populations.filter(isNeuron).map(({ size }) => size),
        neurons.map((layer) => (layer["shape"]!.value as number[]).reduce((a, b) => a * b, 1)),
      );
    });

    for (const [file, run] of archives.filter(([, arrays]) => isRun(arrays)))
      describe(file, async () => {
        const intervalSteps = await resetIntervalOf({ network, diagnostics }, run, (steps) =>
          readCase(netxCase, steps),
        );
        const asRun = (await readCase(netxCase, intervalSteps)).network!;
        const neurons = asRun.populations.filter(isNeuron);

        test("netx: spikes, u and v are Lava's in every recorded step", () => {
          assert.equal([...run.keys()].filter((name) => /^s\d+$/.test(name)).length, neurons.length);
          const difference = firstDifference(asRun, run, diagnostics);
          assert.equal(difference, undefined, difference);
        });

        test.skipIf(sizeOf(asRun) > MAX_MAPPED_NEURONS || stepsOf(run) > MAX_MAPPED_STEPS)(
          "netx: the mapped network gives the same spikes on the chip",
          () => {
            const { steps, inputs } = drive(asRun, run);
            const sink = new DiagnosticSink();
            const { compiled, quantized } = mapModel(asRun, loihi1, { keepDead: true }, sink);
            assert.deepEqual(sink.diagnostics, []);
            assert.ok(quantized.populations.every((population, p) => population === asRun.populations[p]));
            const { deployment } = compiled;
            const chip = simulate(deployment, loihi1, loihi1.profiles[0], inputs, { steps, record: "all" });
            neurons.forEach(({ name, size, shape }, k) => {
              const isRead = deployment.outputs.some(
                ({ readout, population }) =>
                  readout === "membrane" && deployment.populations[population].name === name,
              );
              const own = dense(chip.spikes[name]);
              const lava = run.get(`${isRead ? "v" : "s"}${k}`)!;
              for (let t = 0; t < steps; t++)
                assert.deepEqual(
                  own.subarray(t * size, (t + 1) * size),
                  ofStep(lava, t, shape),
                  `${name}, step ${t}`,
                );
            });
          },
        );

        const upstream = archives.find(([, arrays]) => arrays.has("conv-4"))?.[1];
        if (upstream === undefined) return;

        test("netx: spikes, u and v are those that upstream read from hardware", () => {
          const { inputs } = drive(asRun, run);
          const layers = [0, 1, 2, 3, 4].map((k) => `conv-${k}`).concat("fc-0", "fc-1", "fc-2");
          const steps = run.get("s0")!.shape[0];
          const recordRegisters = neurons.slice(4, 9).map(({ name }) => name);
          const options = { rules: "lava", steps, record: "all", recordRegisters } as const;
          const { recorded, registers } = simulateIntegerReference(asRun, inputs, options);
          layers.forEach((layer, k) => {
            const { name, shape, size } = neurons[k + 1];
            const spikes = dense(recorded[name]);
            // Time is the last axis there.
            const there = (array: NumpyArray | undefined, t: number): Int32Array | undefined => {
              if (array === undefined) return undefined;
              const stored = array.shape[array.shape.length - 1];
              const data = Int32Array.from({ length: size }, (_, i) => array.data[i * stored + t]);
              return ofStep({ data, shape: [1, ...array.shape.slice(0, -1)], dtype: "int32" }, 0, shape);
            };
            for (let t = 0; t < steps; t++) {
              const at = (values: Int32Array): Int32Array => values.subarray(t * size, (t + 1) * size);
              const message = `${layer}, step ${t}`;
              assert.deepEqual(at(spikes), there(upstream.get(layer), t), message);
              const u = there(upstream.get(`${layer}-u`), t);
              const v = there(upstream.get(`${layer}-v`), t);
              if (u !== undefined) assert.deepEqual(at(registers[name][0].u), u, message);
              // Hardware shows 128 while a neuron is refractory, where the rules have 0.
              const own = at(registers[name]?.[0].v ?? new Int32Array());
              if (v !== undefined)
                assert.deepEqual(
                  own.map((value, i) => (at(spikes)[i] === 1 ? 128 : value)),
                  v,
                  message,
                );
            }
          });
        });
      });
  });
}

/** What Lava was run with. */
function drive(network: Network, run: Arrays): { steps: number; inputs: Record<string, SpikeData> } {
  const { shape } = network.populations[network.inputs[0].population];
  return { steps: stepsOf(run), inputs: { input: inputOf(run, shape) } };
}

/** The first place where Lava's run and ours part, if any. */
function firstDifference(
  network: Network,
  run: Arrays,
  diagnostics: readonly Diagnostic[],
): string | undefined {
  const { steps, inputs } = drive(network, run);
  const neurons = network.populations.filter(isNeuron);
  const isRecorded = (_: Population, k: number): boolean => run.has(`u${k}`) || run.has(`v${k}`);
  const recordRegisters = neurons.filter(isRecorded).map(({ name }) => name);
  const options = { rules: "lava", steps, record: "all", recordRegisters } as const;
  const { recorded, registers } = simulateIntegerReference(network, inputs, options);
  for (const [k, { name, size, shape }] of neurons.entries()) {
    const own = { s: dense(recorded[name]), u: registers[name]?.[0].u, v: registers[name]?.[0].v };
    // Lava adds up in u where a layer has no neuron, and copies it to v; we add up in v.
    if (isDefault(diagnostics, name)) own.u = own.v;
    for (const variable of ["s", "u", "v"] as const) {
      const lava = run.get(`${variable}${k}`);
      if (lava === undefined) continue;
      for (let t = 0; t < steps; t++) {
        const there = ofStep(lava, t, shape);
        const here = own[variable].subarray(t * size, (t + 1) * size);
        const i = there.length === size ? here.findIndex((value, j) => value !== there[j]) : 0;
        if (i >= 0)
          return `${variable}${k} of ${name}, step ${t}, neuron ${i}: ${here[i]}, Lava has ${there[i]}`;
      }
    }
  }
  return undefined;
}

/** Lava may have been run with a periodic reset, which no file says: the interval that fits, if none does not. */
async function resetIntervalOf(
  { network, diagnostics }: { network: Network; diagnostics: readonly Diagnostic[] },
  run: Arrays,
  read: (intervalSteps: number) => ReturnType<typeof readCase>,
): Promise<number | undefined> {
  if (stepsOf(run) > MAX_MAPPED_STEPS || firstDifference(network, run, diagnostics) === undefined)
    return undefined;
  // Longer ones than the run act as one of its length.
  for (let intervalSteps = stepsOf(run); intervalSteps >= 2; intervalSteps--) {
    const { network: reset } = await read(intervalSteps);
    if (firstDifference(reset!, run, diagnostics) === undefined) return intervalSteps;
  }
  return undefined;
}

const stepsOf = (run: Arrays): number => run.get("s0")!.shape[0];

function nonzeroOf(field: StoredField | undefined): number {
  if (field === undefined) return 0;
  return field.nonzero ?? [field.value].flat(9).filter((value) => value !== 0).length;
}

type Layer = Readonly<Record<string, StoredField | undefined>>;

/** One word, stored as such or in a list. */
const wordOf = (field: StoredField | undefined): string => String([field?.value ?? ""].flat()[0]);
const typeOf = (layer: Layer): string => wordOf(layer["type"]);
const keyOf = (layer: Layer, k: number): string => String(layer["key"] ?? k);

const isKnown = (layer: Layer): boolean =>
  LAYERS.test(typeOf(layer)) &&
  (layer["neuron/type"] === undefined || NEURONS.test(wordOf(layer["neuron/type"])));

const hasNeurons = (layer: Layer): boolean =>
  typeOf(layer) === "input"
    ? layer["neuron/type"] !== undefined
    : !/flatten|average|concat/.test(typeOf(layer));

const isDefault = (diagnostics: readonly Diagnostic[], population: string): boolean =>
  diagnostics.some(
    ({ code, subject }) =>
      code === "netx/neuron-default" && /\d+$/.exec(population)?.[0] === subject!.split("/").at(-1),
  );
