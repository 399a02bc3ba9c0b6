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
import { DiagnosticSink } from "#util/diagnostic";
import { NETX_CASES, dense, inputOf, ofStep, readArrays, readCase, type StoredField } from "./netx-case.ts";

/** Registers are kept of populations up to this size: the recordings hold those of no larger hidden layer. */
const MAX_TRACED = 4096;
/** Mapping larger ones takes longer than a test should. */
const MAX_MAPPED_NEURONS = 20_000;

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
    const run = network && (await readArrays(netxCase, "lava_run.npz"));
    const long = network && (await readArrays(netxCase, "lava_spikes_1900.npz"));
    const upstream = network && (await readArrays(netxCase, "upstream.npz"));
    const stored = netxCase.layers as readonly Readonly<Record<string, StoredField | undefined>>[];

    test("netx: is read as a sound network, or refused with coded reasons", () => {
      const codes = diagnostics.map(({ code }) => code);
      for (const code of codes) assert.match(code, /^netx\/[a-z0-9-]+$/);
      const typed = stored.filter((layer) => layer["type"] !== undefined);
      const isGraded = typed.some((layer) => layer["neuron/type"]?.value === "SDNN");
      assert.equal(network === undefined, isGraded || typed.length < stored.length, codes.join());
      if (network === undefined) {
        assert.ok(codes.length >= stored.length - 1, "every layer but flatten is named");
        return;
      }
      const sink = new DiagnosticSink();
      validateNetwork(network, sink, { models: NEURON_MODELS });
      assert.deepEqual(sink.diagnostics, []);
    });

    if (network === undefined) return;

    test("netx: has the neurons and weights that are stored", () => {
      const weights = stored
        .filter((layer) => String(layer["type"]?.value) !== "input")
        .flatMap((layer) => [layer["weight"], layer["weight_rec"], layer["recWeight"]])
        .reduce((sum, field) => sum + nonzeroOf(field), 0);
      assert.equal(
        network.projections.reduce((sum, { connectivity }) => sum + nonzeroWeightCount(connectivity), 0),
        weights,
      );
      const neurons = stored.filter(
        (layer) => !/flatten|average/.test(String(layer["type"]?.value)) && hasNeurons(layer),
      );
      assert.deepEqual(
        network.populations.filter(isNeuron).map(({ size }) => size),
        neurons.map((layer) => (layer["shape"]!.value as number[]).reduce((a, b) => a * b, 1)),
      );
    });

    if (run === undefined) return;

    test("netx: spikes, u and v are Lava's in every recorded step", () => {
      const { steps, inputs } = drive(network, run);
      const neurons = network.populations.filter(isNeuron);
      const traced = neurons.filter(({ size }) => size <= MAX_TRACED).map(({ name }) => name);
      const { recorded, registers } = simulateIntegerReference(network, inputs, {
        rules: "lava",
        steps,
        record: "all",
        recordRegisters: traced,
      });
      const compared = { s: 0, u: 0, v: 0 };
      neurons.forEach(({ name, size, shape }, k) => {
        const own = { s: dense(recorded[name]), u: registers[name]?.[0].u, v: registers[name]?.[0].v };
        // Lava adds up in u where a layer has no neuron, and copies it to v; we add up in v.
        if (isDefault(diagnostics, name)) own.u = own.v;
        for (const variable of ["s", "u", "v"] as const) {
          const lava = run.get(`${variable}${k}`);
          if (lava === undefined) continue;
          compared[variable]++;
          for (let t = 0; t < steps; t++)
            assert.deepEqual(
              own[variable].subarray(t * size, (t + 1) * size),
              ofStep(lava, t, shape),
              `${variable}${k}, step ${t}`,
            );
        }
      });
      assert.equal(compared.s, neurons.length);
      assert.ok(compared.u > 0 && compared.v > 0);
    });

    test.skipIf(sizeOf(network) > MAX_MAPPED_NEURONS)(
      "netx: the mapped network gives the same spikes on the chip",
      () => {
        const { steps, inputs } = drive(network, run);
        const sink = new DiagnosticSink();
        const { compiled, quantized } = mapModel(network, loihi1, {}, sink);
        assert.deepEqual(sink.diagnostics, []);
        assert.ok(quantized.populations.every((population, p) => population === network.populations[p]));
        const { deployment } = compiled;
        const chip = simulate(deployment, loihi1, loihi1.profiles[0], inputs, { steps, record: "all" });
        network.populations.filter(isNeuron).forEach(({ name, size, shape }, k) => {
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

    if (long !== undefined)
      test("netx: spikes are Lava's in the long run, too", () => {
        const { steps, inputs } = drive(network, long);
        const { recorded } = simulateIntegerReference(network, inputs, {
          rules: "lava",
          steps,
          record: "all",
        });
        network.populations.filter(isNeuron).forEach(({ name }, k) => {
          assert.deepEqual(dense(recorded[name]), Int32Array.from(long.get(`s${k}`)!.data), name);
        });
      });

    if (upstream?.has("conv-4") === true)
      test("netx: spikes, u and v are those that upstream read from hardware", () => {
        const { inputs } = drive(network, run);
        const layers = [0, 1, 2, 3, 4].map((k) => `conv-${k}`).concat("fc-0", "fc-1", "fc-2");
        const neurons = network.populations.filter(isNeuron);
        const steps = run.get("s0")!.shape[0];
        const recordRegisters = neurons.slice(4, 9).map(({ name }) => name);
        const options = { rules: "lava", steps, record: "all", recordRegisters } as const;
        const { recorded, registers } = simulateIntegerReference(network, inputs, options);
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
}

/** What Lava was run with. */
function drive(
  network: Network,
  run: NonNullable<Awaited<ReturnType<typeof readArrays>>>,
): { steps: number; inputs: Record<string, SpikeData> } {
  const { shape } = network.populations[network.inputs[0].population];
  return { steps: run.get("s0")!.shape[0], inputs: { input: inputOf(run, shape) } };
}

function nonzeroOf(field: StoredField | undefined): number {
  if (field === undefined) return 0;
  return field.nonzero ?? [field.value].flat(9).filter((value) => value !== 0).length;
}

const hasNeurons = (layer: Readonly<Record<string, StoredField | undefined>>): boolean =>
  String(layer["type"]?.value) !== "input" || layer["neuron/type"] !== undefined;

const isDefault = (
  diagnostics: readonly { readonly code: string; readonly subject?: string }[],
  population: string,
): boolean =>
  diagnostics.some(
    ({ code, subject }) => code === "netx/neuron-default" && population.endsWith(subject!.split("/").at(-1)!),
  );
