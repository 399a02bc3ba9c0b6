import type { CoreProgram, IntegerRules, SynapseFormat } from "#ir/deployment";
import type { MachineCore } from "./machine.ts";
import type { MachineMemory } from "./memory.ts";

/** How a core's synapses are stored for the kernels of `kernels/deliver.ts`. */
export interface CorePlan {
  readonly neurons: number;
  /**
   * `packed`: slot and value in one word, all delays one step. `delayed`: the same with a delay array.
   * `wide`: slots and values in words of their own, because they are too large for one.
   */
  readonly mode: "packed" | "delayed" | "wide";
  /** Buffers in the ring of sums, a power of two. */
  readonly depth: number;
  /** Slots of one buffer: neurons x (1 + planes). */
  readonly stride: number;
  /** Plane 1 + p collects a projection of negative weight exponent, whose sum is shifted right by shifts[p]. */
  readonly shifts: readonly number[];
  /** `[formats]`, plane of the entries of a format. */
  readonly planeOf: readonly number[];
  /** Largest magnitude of a value (weight x 2^exponent) in the core. */
  readonly largestValue: number;
}

/** Slots and values that fit the one-word form. */
const PACKED_SLOTS = 2 ** 15;
const PACKED_VALUE = 2 ** 15;

/** Axon-table columns of `MachineMemory.axonTable`, after the words. */
const ENCODING_COLUMN: Readonly<Record<SynapseFormat["encoding"], number>> = {
  dense: 1,
  sparse: 2,
  "run-length": 3,
};

/** Decides how the synapses of a core are stored. */
export function planCore(program: CoreProgram, rules: IntegerRules): CorePlan {
  const { formats, weight, format, delaySteps, neurons } = program;
  const planes = new Map<number, { plane: number; shift: number }>();
  const planeOf = formats.map(({ projection, weightExponent }) => {
    if (rules !== "lava" || weightExponent >= 0) return 0;
    const known = planes.get(projection) ?? { plane: planes.size + 1, shift: -weightExponent };
    planes.set(projection, known);
    return known.plane;
  });

  const factor = formats.map((f) => factorOf(f, rules));
  let largestValue = 0;
  let longestDelay = 1;
  for (let i = 0; i < weight.length; i++) {
    const f = format[i];
    const size = Math.abs(factor[f] === 0 ? rounded(weight[i], formats[f]) : weight[i] * factor[f]);
    if (size > largestValue) largestValue = size;
    if (delaySteps[i] > longestDelay) longestDelay = delaySteps[i];
  }
  const stride = neurons * (1 + planes.size);
  const wide = stride > PACKED_SLOTS || largestValue >= PACKED_VALUE;
  return {
    neurons,
    mode: wide ? "wide" : longestDelay > 1 ? "delayed" : "packed",
    depth: 2 ** Math.ceil(Math.log2(longestDelay)),
    stride,
    shifts: [...planes.values()].map(({ shift }) => shift),
    planeOf,
    largestValue,
  };
}

/**
 * Writes the synapse tables of one core into the machine's memory.
 *
 * @param firstSynapse global index of the core's first synapse
 */
export function packCore(
  program: CoreProgram,
  core: MachineCore,
  memory: MachineMemory,
  firstSynapse: number,
  rules: IntegerRules,
): void {
  const { formats, axonStart, axonWords, target, weight, format, delaySteps } = program;
  const { axonTable, words, slots } = memory;
  const wide = core.mode === "wide";
  const factor = formats.map((f) => factorOf(f, rules));
  const column = formats.map(({ encoding }) => ENCODING_COLUMN[encoding]);
  for (let a = 0; a + 1 < axonStart.length; a++) {
    const row = (core.axonBegin + a) * 4;
    memory.axonStart[core.axonBegin + a] = firstSynapse + axonStart[a];
    axonTable[row] = axonWords[a];
    for (let i = axonStart[a]; i < axonStart[a + 1]; i++) {
      const f = format[i];
      const slot = core.planeOf[f] * core.neurons + target[i];
      const value = factor[f] === 0 ? rounded(weight[i], formats[f]) : weight[i] * factor[f];
      words[firstSynapse + i] = wide ? value : (value << 16) | slot;
      if (wide) slots[firstSynapse + i - core.slotShift] = slot;
      axonTable[row + column[f]]++;
    }
  }
  memory.axonStart[core.axonEnd] = firstSynapse + target.length;
  if (core.mode !== "packed") memory.delaySteps.set(delaySteps, firstSynapse - core.delayShift);
}

/**
 * What one event adds to the sum of its slot is weight x factor. 0 where each weight is rounded by itself: Lava shifts
 * the sum of a projection with negative exponent (a plane of its own), nengo rounds every weight.
 */
function factorOf({ weightExponent }: SynapseFormat, rules: IntegerRules): number {
  if (weightExponent >= 0) return 2 ** weightExponent;
  return rules === "lava" ? 1 : 0;
}

/** weight x 2^exponent, half to even. */
function rounded(weight: number, { weightExponent }: SynapseFormat): number {
  const exact = weight * 2 ** weightExponent;
  const below = Math.floor(exact);
  const rest = exact - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
