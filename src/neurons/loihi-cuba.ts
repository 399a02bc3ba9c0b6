import type { IntegerRules } from "#ir/deployment";
import type { NeuronModel } from "./neuron.ts";
import { register } from "./params.ts";

/** |u| and |v| stay at or below 2^23; v is clipped to one less. */
export const LOIHI_STATE_BITS = 23;
export const LOIHI_V_MAX: number = 2 ** LOIHI_STATE_BITS - 1;
/** Bits of the synaptic input of one step under nengo's rules, sign not counted. */
export const LOIHI_ACCUMULATOR_BITS = 21;
/** Fixed left shift of summed weights into u, and of the threshold mantissa. */
export const LOIHI_INPUT_SHIFT = 6;

const INPUT_FACTOR = 2 ** LOIHI_INPUT_SHIFT;
const DECAY_ONE = 4096;
const U_RANGE = 2 ** (LOIHI_STATE_BITS + 1);
const U_EDGE = 2 ** LOIHI_STATE_BITS;

/**
 * The digital neuron of Loihi 1: two leaky integer registers.
 *
 * Exists in integers only: `stepLoihiCuba` is its arithmetic.
 */
export const loihiCubaModel: NeuronModel = {
  name: "loihi-cuba",
  summary: "integer current-based leaky integrate and fire of Loihi 1",
  params: [
    register("uDecay", 0, DECAY_ONE - 1),
    register("vDecay", 0, DECAY_ONE - 1),
    register("thresholdMantissa", 0, 2 ** 17 - 1),
    register("biasMantissa", -4096, 4095, 0),
    register("biasExponent", -7, 7, 0),
    register("refractorySteps", 0, 63, 0),
    register("vMin", -LOIHI_V_MAX, 0, -LOIHI_V_MAX),
    register("u0", -U_EDGE, U_EDGE, 0),
    register("v0", -LOIHI_V_MAX, LOIHI_V_MAX, 0),
  ],
  state: ["u", "v", "refractory"],
  output: "spikes",
};

/** Registers of a population before its first step: `[u, v, refractory]`, each of length `size`. */
export function initialLoihiState(
  params: readonly (Int32Array | Float64Array)[],
  size: number,
): Int32Array[] {
  const [u0, v0] = params.slice(-2);
  return [Int32Array.from(u0.subarray(0, size)), Int32Array.from(v0.subarray(0, size)), new Int32Array(size)];
}

/**
 * One step of a population of `loihi-cuba` neurons, slow and plain.
 *
 * u keeps (4096 - (uDecay + 1)) / 4096 of itself, v keeps (4096 - vDecay) / 4096, both rounded toward
 * zero; the input is shifted left by 6 into u; the new u and the bias go into v; v is clipped; a neuron
 * fires if v > 64 · thresholdMantissa, and v becomes 0. The two rule sets differ at the edges:
 *
 * - `lava`: the input has no limit, u wraps once to (-2^23, 2^23], u + bias does not wrap, no refractory time.
 * - `nengo`: the input wraps to 21 bits and sign, u and u + bias wrap to [-2^23, 2^23), and a refractory
 *   counter holds v at 0 for `refractorySteps` - 1 steps after a spike.
 *
 * Everything is exact: products stay below 2^36, where doubles hold every integer.
 *
 * @param state  `[u, v, refractory]`, overwritten; `initialLoihiState` gives the first
 * @param params in the order of `loihiCubaModel.params`
 * @param input  `[size]`, summed stored weights of the spikes that arrive, each times 2^weightExponent
 * @param fired  `[size]`, overwritten: 1 where the neuron fired, else 0
 * @param vMax   upper clip of v
 *
 * Source: the step rules of Lava's fixed-point LIF process model and of nengo-loihi's emulator, as observed
 * on both (`test/simulator/loihi-int.test.ts`).
 */
export function stepLoihiCuba(
  state: readonly Int32Array[],
  params: readonly (Int32Array | Float64Array)[],
  input: Int32Array,
  fired: Uint8Array,
  rules: IntegerRules,
  vMax: number = LOIHI_V_MAX,
): void {
  const [u, v, refractory] = state;
  const [uDecay, vDecay, thresholdMantissa, biasMantissa, biasExponent, refractorySteps, vMin] = params;
  const nengo = rules === "nengo";
  for (let i = 0; i < u.length; i++) {
    const arriving = loihiInput(input[i], rules);
    const sum = decayed(u[i], uDecay[i] + 1) + arriving;
    u[i] = nengo ? wrapSigned(sum, LOIHI_STATE_BITS) : wrapOnce(sum);

    const bias = shifted(biasMantissa[i], biasExponent[i]);
    const drive = nengo ? wrapSigned(u[i] + bias, LOIHI_STATE_BITS) : u[i] + bias;
    let next = Math.min(Math.max(decayed(v[i], vDecay[i]) + drive, vMin[i]), vMax);
    if (nengo && refractory[i] > 0) next = 0;

    const fires = next > thresholdMantissa[i] * INPUT_FACTOR;
    v[i] = fires ? 0 : next;
    fired[i] = fires ? 1 : 0;
    if (nengo) refractory[i] = Math.max(0, (fires ? refractorySteps[i] : refractory[i]) - 1);
  }
}

/** What reaches u of the summed weights of one step: times 64, and wrapped where the rules have an accumulator. */
export function loihiInput(summedWeights: number, rules: IntegerRules): number {
  const shiftedSum = summedWeights * INPUT_FACTOR;
  return rules === "nengo" ? wrapSigned(shiftedSum, LOIHI_ACCUMULATOR_BITS) : shiftedSum;
}

/** Two's complement of `bits` bits and a sign: the range is [-2^bits, 2^bits). */
export function wrapSigned(value: number, bits: number): number {
  const edge = 2 ** bits;
  const turns = Math.floor((value + edge) / (2 * edge));
  return value - turns * 2 * edge;
}

/** Lava's wrap of u: once, and -2^23 becomes +2^23, not the other way round. */
function wrapOnce(value: number): number {
  if (value > U_EDGE) return value - U_RANGE;
  return value <= -U_EDGE ? value + U_RANGE : value;
}

/** Loses `decay` 4096ths, rounded toward zero. */
function decayed(value: number, decay: number): number {
  return Math.trunc((value * (DECAY_ONE - decay)) / DECAY_ONE);
}

/** mantissa · 2^exponent, rounded down where the exponent is negative. */
function shifted(mantissa: number, exponent: number): number {
  return Math.floor(mantissa * 2 ** exponent);
}
