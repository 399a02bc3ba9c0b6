import { HARD, NONE, SATURATE, SOFT } from "#neurons/clocked";
import { DIGITAL_RESETS, LEAK_KINDS } from "#neurons/digital-lif";
import { TRUENORTH_UNIT } from "#targets/neuron-limits";
import type { DigitalNeuronLimits, Target } from "#targets/target";
import { invariant, type Diagnostic } from "#util/diagnostic";
import { missingInNeuron } from "../diagnostics.ts";
import { digitalCircuit } from "./digital-circuit.ts";
import { digitalFaults, digitalParams, quantizeDigital } from "./digital-lif.ts";
import type { NeuronQuantizer } from "./neuron-quantizer.ts";

/**
 * The neuron of TrueNorth as a `digital-lif` with a linear leak, which fires at its threshold; the registers are then
 * written as those of `truenorth-lif`, whose unit is a 64th of a stored weight. Leak and bias are one register: a neuron
 * has one of them.
 */
export const truenorthLifQuantizer: NeuronQuantizer = {
  model: "truenorth-lif",

  *faults(asked): Generator<Diagnostic> {
    const limits = limitsOf(asked.target);
    yield* digitalFaults(asked, limits);
    const { form } = digitalCircuit(asked.population, asked.form, limits);
    const both = form.bias.findIndex((bias, j) => bias !== 0 && form.vDecay[j] > 0);
    if (both === -1) return;
    const { name: population } = asked.population;
    yield missingInNeuron({
      population,
      target: asked.target.name,
      what: "leak-and-bias",
      neuron: both,
      value: form.bias[both],
    });
  },

  quantize(asked, incoming, context) {
    const done = quantizeDigital(asked, incoming, context, limitsOf(asked.target));
    const { population } = done;
    const from = digitalParams(population);
    const { size } = population;
    const inUnits = (values: Float64Array): Float64Array => values.map((value) => value * TRUENORTH_UNIT);
    const isLinear = (j: number): boolean =>
      from.leakKind[j] === LEAK_KINDS.indexOf("linear") && from.leak[j] > 0;
    const floor = -(2 ** limitsOf(asked.target).stateBits);
    return {
      ...done,
      population: {
        ...population,
        model: "truenorth-lif",
        params: {
          threshold: inUnits(from.threshold),
          bias: new Float64Array(size),
          leak: inUnits(from.leak.map((leak, j) => (isLinear(j) ? leak : from.bias[j]))),
          reset: inUnits(from.reset),
          reverseThreshold: inUnits(from.vMin),
          reverseReset: new Float64Array(size),
          v0: inUnits(from.v0),
          leakTowardsZero: from.leak.map((_, j) => (isLinear(j) ? 1 : 0)),
          resetMode: from.resetKind.map((kind) => (DIGITAL_RESETS[kind] === "subtract" ? SOFT : HARD)),
          reverseMode: from.vMin.map((low) => (low > floor ? SATURATE : NONE)),
          // A constant that is added in every step keeps a neuron busy, whatever its membrane is.
          alwaysUpdated: from.bias.map((bias) => (bias === 0 ? 0 : 1)),
        },
        membraneQuantum: population.membraneQuantum!.map((quantum) => quantum / TRUENORTH_UNIT),
      },
    };
  },
};

function limitsOf({ neuron }: Target): DigitalNeuronLimits {
  invariant(neuron.model === "truenorth-lif", "the quantizer is the target's");
  const { stateBits, resets, thresholdMax, leakMax } = neuron;
  return {
    model: "digital-lif",
    stateBits,
    overflow: "clamp",
    leaks: ["none", "linear"],
    linearMax: leakMax,
    decayBits: 0,
    resets,
    compare: ">=",
    thresholdMax,
    biasMax: leakMax,
    lowerClamp: true,
    maxSpikes: 1,
  };
}
