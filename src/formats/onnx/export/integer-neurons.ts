import type { IntegerRules } from "#ir/deployment";
import type { Population } from "#ir/network";
import { broadcastParams } from "#neurons/index";
import {
  LOIHI_ACCUMULATOR_BITS,
  LOIHI_INPUT_SHIFT,
  LOIHI_STATE_BITS,
  LOIHI_V_MAX,
  loihiCubaModel,
} from "#neurons/loihi-cuba";
import type { NeuronCall } from "./float-neurons.ts";
import { FunctionBody } from "./functions.ts";

const DECAY_ONE = 4096;
const INPUT_FACTOR = 2 ** LOIHI_INPUT_SHIFT;
/** Bias exponents reach down to -7. */
const BIAS_SHIFT = 7;

/** Initial registers of a population, where any is not zero. */
export interface InitialRegisters {
  readonly u0: Float64Array;
  readonly v0: Float64Array;
}

export function initialRegisters({ params, size }: Population): InitialRegisters | undefined {
  const [u0, v0] = broadcastParams(loihiCubaModel, params, size).slice(-2);
  return u0.some((u) => u !== 0) || v0.some((v) => v !== 0) ? { u0, v0 } : undefined;
}

/**
 * A population of `loihi-cuba` neurons as a call of a function in 64-bit integers, where every product is exact;
 * registers and spikes are 32-bit. Division truncates toward zero as the decays do; Mod follows the divisor's
 * sign, which makes it the wrap of two's complement.
 */
export function integerNeuron({ params, size }: Population, rules: IntegerRules, opset: number): NeuronCall {
  const values = broadcastParams(loihiCubaModel, params, size);
  const used = loihiCubaModel.params
    .map(({ name }, i) => ({ name, values: values[i] }))
    .filter(
      ({ name }) => name !== "u0" && name !== "v0" && (rules === "nengo" || name !== "refractorySteps"),
    );
  const states = rules === "nengo" ? ["u", "v", "refractory"] : ["u", "v"];
  const f = new FunctionBody(
    ["x", ...states, ...used.map(({ name }) => name)],
    ["y", ...states.map((state) => `${state}_next`)],
    "int64",
  );
  writeBody(f, rules);
  const summary = `${loihiCubaModel.summary}, rules of ${rules}: u and v lose their decay in 4096ths, rounded toward zero; the input is shifted left by ${LOIHI_INPUT_SHIFT}.`;
  return {
    function: f.function(`LoihiCuba_${rules}`, summary, opset),
    states,
    params: used,
    isOwn: () => true,
  };
}

function writeBody(f: FunctionBody, rules: IntegerRules): void {
  const nengo = rules === "nengo";
  const [x, u, v] = ["x", "u", "v"].map((name) => f.cast(name, "int64"));
  const shiftedInput = f.op("Mul", x, f.number(INPUT_FACTOR));
  const arriving = nengo ? wrapSigned(f, shiftedInput, LOIHI_ACCUMULATOR_BITS) : shiftedInput;
  const sum = f.op("Add", decayed(f, u, f.op("Add", "uDecay", f.number(1))), arriving);
  const uNext = nengo ? wrapSigned(f, sum, LOIHI_STATE_BITS) : wrapOnce(f, sum);
  const driven = f.op("Add", uNext, bias(f));
  const drive = nengo ? wrapSigned(f, driven, LOIHI_STATE_BITS) : driven;
  const raised = f.op("Add", decayed(f, v, "vDecay"), drive);
  const clipped = f.op("Min", f.op("Max", raised, "vMin"), f.number(LOIHI_V_MAX));
  const refractory = nengo ? f.cast("refractory", "int64") : undefined;
  const reached =
    refractory === undefined
      ? clipped
      : f.op("Where", f.op("Greater", refractory, f.number(0)), f.number(0), clipped);
  const fires = f.op("Greater", reached, f.op("Mul", "thresholdMantissa", f.number(INPUT_FACTOR)));
  f.result(f.cast(fires, "int32"), "y");
  f.result(f.cast(uNext, "int32"), "u_next");
  f.result(f.cast(f.op("Where", fires, f.number(0), reached), "int32"), "v_next");
  if (refractory === undefined) return;
  const left = f.op("Sub", f.op("Where", fires, "refractorySteps", refractory), f.number(1));
  f.result(f.cast(f.op("Max", left, f.number(0)), "int32"), "refractory_next");
}

function decayed(f: FunctionBody, value: string, decay: string): string {
  const kept = f.op("Sub", f.number(DECAY_ONE), decay);
  return f.op("Div", f.op("Mul", value, kept), f.number(DECAY_ONE));
}

/** mantissa · 2^exponent, rounded down where the exponent is negative. */
function bias(f: FunctionBody): string {
  const power = f.op("Pow", f.number(2), f.op("Add", "biasExponent", f.number(BIAS_SHIFT)));
  const scaled = f.op("Mul", "biasMantissa", power);
  const one = f.number(2 ** BIAS_SHIFT);
  return f.op("Div", f.op("Sub", scaled, f.op("Mod", scaled, one)), one);
}

/** Into [-2^bits, 2^bits). */
function wrapSigned(f: FunctionBody, value: string, bits: number): string {
  const edge = f.number(2 ** bits);
  return f.op("Sub", f.op("Mod", f.op("Add", value, edge), f.number(2 ** (bits + 1))), edge);
}

/** Once, into (-2^23, 2^23]. */
function wrapOnce(f: FunctionBody, value: string): string {
  const edge = 2 ** LOIHI_STATE_BITS;
  const range = f.number(2 * edge);
  const isBelow = f.op("Not", f.op("Greater", value, f.number(-edge)));
  const raised = f.op("Where", isBelow, f.op("Add", value, range), value);
  return f.op("Where", f.op("Greater", value, f.number(edge)), f.op("Sub", value, range), raised);
}
