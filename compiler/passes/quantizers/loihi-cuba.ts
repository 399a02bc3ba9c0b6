import type { LoihiNeuronLimits, Target } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { Diagnostic } from "#util/diagnostic";
import { boundaryCompare, deviates, worstCaseOverflow } from "../diagnostics.ts";
import { chipDecays, decayPairs, uLossShare, vLossShare } from "../quantize-decays.ts";
import { fitScale } from "../quantize-fit.ts";
import { circuitOf, integerNeuron, reportDecays, reportPairs } from "../quantize-neuron.ts";
import type { QuantizeContext } from "../quantize-report.ts";
import { scaleLimits } from "../quantize-scale.ts";
import type { AskedNeuron, NeuronQuantizer, QuantizedPopulation } from "./neuron-quantizer.ts";
import { formFaults, HANDLED } from "./form-faults.ts";

/** Bits of the input of one step under nengo's rules, sign not counted. */
const NENGO_ACCUMULATOR_BITS = 21;

export const loihiCubaQuantizer: NeuronQuantizer = {
  model: "loihi-cuba",

  *faults({ population: { name }, form }): Generator<Diagnostic> {
    yield* formFaults(name, form);
    for (const deviation of form.deviations) {
      if (!HANDLED.test(deviation)) yield deviates({ population: name, deviation });
    }
  },

  quantize({ population, form }: AskedNeuron, incoming, context: QuantizeContext): QuantizedPopulation {
    const { target, options, sink } = context;
    const neuron = limitsOf(target);
    const { decayBits } = neuron;
    const circuit = circuitOf(population, form);
    const decays = chipDecays(form, decayBits, options.decayLevels);
    const losses = {
      u: decays.uDecay.map((decay) => uLossShare(decay, decayBits)),
      v: decays.vDecay.map((decay) => vLossShare(decay, decayBits)),
    };
    const accumulatorBits = options.rules === "nengo" ? NENGO_ACCUMULATOR_BITS : undefined;
    const constants = [form.bias, form.v0].flatMap((values) =>
      Array.from(values, (value, j) => value / circuit.unit[j]),
    );
    const { scale, projections, limits } = fitScale(
      circuit,
      incoming,
      {
        losses,
        gain: form.gain,
        limitsOf: (reach) => scaleLimits(circuit, reach, neuron, accumulatorBits),
        constants: [constants, []],
      },
      context,
    );

    const { name } = population;
    if (scale > limits.safe) {
      const limit = 2 ** neuron.stateBits - 1;
      const reached = (scale / limits.safe) * limit;
      sink.report(worstCaseOverflow({ population: name, ...limits.worst, reached, limit }));
    }
    const { population: integers, loss } = integerNeuron(population, circuit, decays, scale, neuron);
    reportDecays(name, form, chipDecays(form, decayBits, undefined), decayBits, sink);
    reportPairs(name, decays, target, sink);
    if (circuit.compare === ">=" && circuit.fires) {
      const { thresholdMantissa, thresholdError } = loss;
      sink.report(boundaryCompare({ population: name, thresholdMantissa, share: thresholdError }));
    }
    return {
      population: integers,
      report: {
        name,
        scale,
        ...loss,
        decayPairs: decayPairs(decays),
        worstCaseFill: scale / limits.safe,
        depthThresholds: 2 ** (neuron.stateBits - neuron.thresholdShift) / scale,
      },
      projections,
    };
  },
};

function limitsOf({ neuron }: Target): LoihiNeuronLimits {
  invariant(neuron.model === "loihi-cuba", "the quantizer is the target's");
  return neuron;
}
