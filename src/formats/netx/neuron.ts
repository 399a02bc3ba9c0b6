import type { Population } from "#ir/network";
import * as messages from "./diagnostics.ts";
import type { Fields } from "./fields.ts";

/** Names of the one dynamics that both words mean. */
const CUBA_TYPES = ["LOIHI", "CUBA"];
/** Stored biases act like weights of one spike per step: shifted left by 6. */
const BIAS_EXPONENT = 6;
const DECAY_ONE = 4096;
const BIAS_LIMIT = 4096;
/** 17 bits; times 64 it is just below the highest membrane. */
const THRESHOLD_MAX = 2 ** 17 - 1;

/**
 * Parameters of a layer's neurons, as `loihi-cuba` has them.
 *
 * A layer without a neuron adds up its input for ever and never fires: Lava takes a current that keeps
 * everything and a membrane that keeps nothing, which no register can say; here the current keeps nothing and the
 * membrane everything, which gives the same membrane.
 *
 * @param shape of the layer; a list per channel is spread over the channel's neurons
 * @returns undefined if anything is wrong; the sink has it
 */
export function readNeuron(fields: Fields, shape: readonly number[]): Population["params"] | undefined {
  const bias = fields.has("bias") && fields.layer.type !== "input" ? readBias(fields, shape) : NO_BIAS;
  if (!fields.hasNeuron()) {
    fields.sink.report(messages.neuronDefault({ path: fields.layer.path }));
    return bias && { ...READOUT, ...bias };
  }
  if (!CUBA_TYPES.includes(fields.text("neuron/type") ?? "")) return undefined;
  warnOfUnused(fields);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const lengths = [1, shape[0], size];
  const iDecay = fields.wholes("neuron/iDecay", { what: "iDecay", lengths, min: 1, max: DECAY_ONE });
  const vDecay = fields.wholes("neuron/vDecay", { what: "vDecay", lengths, min: 0, max: DECAY_ONE - 1 });
  const thresholdMantissa = fields.wholes("neuron/vThMant", {
    what: "vThMant",
    lengths,
    min: 0,
    max: THRESHOLD_MAX,
  });
  if (!iDecay || !vDecay || !thresholdMantissa || !bias) return undefined;
  return {
    uDecay: spread(
      iDecay.map((decay) => decay - 1),
      shape,
    ),
    vDecay: spread(vDecay, shape),
    thresholdMantissa: spread(thresholdMantissa, shape),
    ...bias,
    ...(fields.layer.type === "input" && { biasExponent: Float64Array.of(BIAS_EXPONENT) }),
  };
}

const NO_BIAS: Population["params"] = {};
const READOUT: Population["params"] = {
  uDecay: Float64Array.of(DECAY_ONE - 1),
  vDecay: Float64Array.of(0),
  thresholdMantissa: Float64Array.of(THRESHOLD_MAX),
};

function readBias(fields: Fields, shape: readonly number[]): Population["params"] | undefined {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const mantissa = fields.wholes("bias", {
    what: "the bias",
    lengths: [1, shape[0], size],
    min: -BIAS_LIMIT,
    max: BIAS_LIMIT - 1,
  });
  if (mantissa === undefined) return undefined;
  return { biasMantissa: spread(mantissa, shape), biasExponent: Float64Array.of(BIAS_EXPONENT) };
}

/** Whether the layer's neurons, if it has any, are of the one kind that can be read; the sink has the rest. */
export function checkNeuronType(fields: Fields): boolean {
  const { sink, layer } = fields;
  if (!fields.hasNeuron()) return true;
  const type = fields.text("neuron/type");
  if (layer.unreadable.has("neuron/type")) return false;
  if (type === undefined) {
    sink.report(messages.fieldMissing({ path: `${layer.path}/neuron`, field: "type" }));
    return false;
  }
  const path = `${layer.path}/neuron`;
  const graded = layer.fields.get("neuron/gradedSpike");
  if (!CUBA_TYPES.includes(type)) {
    const what =
      type === "SDNN" ? "send graded sigma-delta messages" : "have dynamics of their own, not CUBA's,";
    sink.report(messages.neuronUnsupported({ path, type, what }));
  } else if (graded !== undefined && "data" in graded && graded.data.some((flag) => flag !== 0)) {
    sink.report(messages.neuronUnsupported({ path, type, what: "with graded spikes send numbers" }));
  } else return true;
  return false;
}

function warnOfUnused(fields: Fields): void {
  const numberOf = (name: string): number | undefined => {
    const field = fields.layer.fields.get(`neuron/${name}`);
    return field !== undefined && "data" in field ? field.data[0] : undefined;
  };
  const steps = numberOf("refDelay");
  if (steps !== undefined && steps > 1)
    fields.sink.report(messages.refractoryIgnored({ path: fields.path("neuron/refDelay"), steps }));
  const wgtExp = numberOf("wgtExp");
  if (wgtExp !== undefined && wgtExp !== 0)
    fields.sink.report(messages.weightExponentUnknown({ path: fields.path("neuron/wgtExp"), wgtExp }));
}

/** One value for all neurons where they agree; else one for each, channel by channel where the file says it so. */
export function spread(values: Float64Array, shape: readonly number[]): Float64Array {
  if (values.every((value) => value === values[0])) return values.subarray(0, 1);
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (values.length === size) return values;
  const perChannel = size / values.length;
  return Float64Array.from({ length: size }, (_, i) => values[Math.floor(i / perChannel)]);
}
