import { DIGITAL_RESETS, LEAK_KINDS, type LeakKind } from "#ir/digital-neuron";
import type { NeuronModel } from "./neuron.ts";
import { register } from "./params.ts";

export { DIGITAL_RESETS, LEAK_KINDS, type DigitalReset, type LeakKind } from "#ir/digital-neuron";

const MAX_STATE_BITS = 31;
const LOWEST = -(2 ** 31);
const HIGHEST = 2 ** 31 - 1;
const MAX_SPIKES = 255;

/**
 * The neuron of small digital chips and of software on processors: integers only, each register of a width of its own.
 *
 * What a chip can do of it is said by its target (`DigitalNeuronLimits`); `stepDigitalLif` is its arithmetic.
 */
export const digitalLifModel: NeuronModel = {
  name: "digital-lif",
  summary: "integer leaky integrate and fire: shift, linear or fixed-point leak, reset or subtraction",
  params: [
    register("threshold", 1, HIGHEST),
    /** 1: fires above the threshold, 0: at it. */
    register("isStrict", 0, 1, 0),
    register("resetKind", 0, DIGITAL_RESETS.length - 1, 0),
    register("reset", LOWEST, HIGHEST, 0),
    register("leakKind", 0, LEAK_KINDS.length - 1, 0),
    register("leak", 0, HIGHEST, 0),
    register("currentKind", 0, LEAK_KINDS.length - 1, 0),
    register("currentLeak", 0, HIGHEST, 0),
    /** 1: what arrives in a step decays in it already. */
    register("inputFirst", 0, 1, 0),
    register("decayBits", 0, 22, 12),
    register("bias", LOWEST, HIGHEST, 0),
    register("refractorySteps", 0, 2 ** 16 - 1, 0),
    register("vMin", LOWEST, 0, LOWEST),
    register("stateBits", 1, MAX_STATE_BITS, MAX_STATE_BITS),
    /** 1: registers wrap around, 0: they are held at their ends. */
    register("wraps", 0, 1, 0),
    register("maxSpikes", 1, MAX_SPIKES, 1),
    register("u0", LOWEST, HIGHEST, 0),
    register("v0", LOWEST, HIGHEST, 0),
  ],
  state: ["u", "v", "refractory"],
  output: "spikes",
};

/** Place of each parameter. */
export const DIGITAL = Object.fromEntries(
  digitalLifModel.params.map(({ name }, place) => [name, place]),
) as Readonly<Record<DigitalParam, number>>;
export type DigitalParam =
  | "threshold"
  | "isStrict"
  | "resetKind"
  | "reset"
  | "leakKind"
  | "leak"
  | "currentKind"
  | "currentLeak"
  | "inputFirst"
  | "decayBits"
  | "bias"
  | "refractorySteps"
  | "vMin"
  | "stateBits"
  | "wraps"
  | "maxSpikes"
  | "u0"
  | "v0";

/** Registers of a population before its first step: `[u, v, refractory]`, each of length `size`. */
export function initialDigitalState(
  params: readonly (Int32Array | Float64Array)[],
  size: number,
): Int32Array[] {
  const [u0, v0] = params.slice(-2);
  return [Int32Array.from(u0.subarray(0, size)), Int32Array.from(v0.subarray(0, size)), new Int32Array(size)];
}

/**
 * One step of a population of `digital-lif` neurons, slow and plain.
 *
 * 1. u loses its leak and gains the input, or the other way round (`inputFirst`). Without a current the input is what u is.
 * 2. v loses its leak and gains u and the bias. In the `refractorySteps` steps after a spike, it stays instead.
 * 3. A neuron at its threshold (strict: above it) fires and is reset. By subtraction it fires as long as it is there, at
 *    most `maxSpikes` times.
 * 4. v is held at `vMin`.
 *
 * Everything is exact: products stay below 2^53, where doubles hold every integer.
 *
 * u and v are signed registers of `stateBits` bits and a sign: a result that they cannot hold wraps around, or is held at
 * the end of the range.
 *
 * @param state  `[u, v, refractory]`, overwritten; `initialDigitalState` gives the first
 * @param params in the order of `digitalLifModel.params`
 * @param input  `[size]`, summed stored weights of the spikes that arrive
 * @param spikes `[size]`, overwritten: how many spikes
 */
export function stepDigitalLif(
  state: readonly Int32Array[],
  params: readonly (Int32Array | Float64Array)[],
  input: Int32Array | Float64Array,
  spikes: Uint8Array | Float64Array,
): void {
  const [u, v, refractory] = state;
  for (let i = 0; i < u.length; i++) {
    const of = (name: DigitalParam): number => params[DIGITAL[name]][i];
    const held = (value: number): number => heldIn(value, of("stateBits"), of("wraps") === 1);

    let drive = input[i];
    const currentKind = LEAK_KINDS[of("currentKind")];
    if (currentKind !== "none") {
      const decayed = (value: number): number =>
        leaked(value, currentKind, of("currentLeak"), of("decayBits"));
      u[i] = of("inputFirst") === 1 ? decayed(held(u[i] + drive)) : held(decayed(u[i]) + drive);
      drive = u[i];
    }

    spikes[i] = 0;
    if (refractory[i] > 0) {
      refractory[i]--;
      continue;
    }
    let next = held(
      leaked(v[i], LEAK_KINDS[of("leakKind")], of("leak"), of("decayBits")) + drive + of("bias"),
    );
    const threshold = of("threshold");
    const resetKind = DIGITAL_RESETS[of("resetKind")];
    const most = resetKind === "subtract" ? of("maxSpikes") : 1;
    while (spikes[i] < most && (of("isStrict") === 1 ? next > threshold : next >= threshold)) {
      spikes[i]++;
      if (resetKind === "subtract") next -= threshold;
      else next = resetKind === "zero" ? 0 : of("reset");
    }
    v[i] = Math.max(next, of("vMin"));
    if (spikes[i] > 0) refractory[i] = of("refractorySteps");
  }
}

function leaked(value: number, kind: LeakKind, amount: number, decayBits: number): number {
  switch (kind) {
    case "none":
      return value;
    case "linear":
      return Math.sign(value) * Math.max(0, Math.abs(value) - amount);
    case "shift": {
      const loss = Math.floor(value / 2 ** amount);
      return value - (loss === 0 ? Math.sign(value) : loss);
    }
    case "share":
      return Math.trunc((value * (2 ** decayBits - amount)) / 2 ** decayBits);
  }
}

function heldIn(value: number, bits: number, wraps: boolean): number {
  const edge = 2 ** bits;
  if (!wraps) return Math.min(Math.max(value, -edge), edge - 1);
  return value - Math.floor((value + edge) / (2 * edge)) * 2 * edge;
}
