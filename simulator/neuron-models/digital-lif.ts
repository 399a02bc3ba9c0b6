import { STATUS } from "#neurons/clocked";
import {
  DIGITAL,
  DIGITAL_RESETS,
  LEAK_KINDS,
  digitalLifModel,
  type DigitalParam,
} from "#neurons/digital-lif";
import type { NeuronKernel, NeuronStepper, NoteEvent } from "../kernels/neuron-kernel.ts";
import { STATE_EVENT } from "../kernels/tables.ts";

const NONE = LEAK_KINDS.indexOf("none");
const LINEAR = LEAK_KINDS.indexOf("linear");
const SHIFT = LEAK_KINDS.indexOf("shift");
const SUBTRACT = DIGITAL_RESETS.indexOf("subtract");
const VALUE = DIGITAL_RESETS.indexOf("value");

/** `stepDigitalLif`, in 32-bit integers where they do, and with an eye on what registers cannot hold. */
export const digitalLifKernel: NeuronKernel = {
  model: digitalLifModel.name,
  create(params, size, note): NeuronStepper {
    const initial = { u: params[DIGITAL.u0], v: params[DIGITAL.v0] };
    const u = new Int32Array(size);
    const v = new Int32Array(size);
    const waiting = new Int32Array(size);
    const spikes = new Uint8Array(size);
    let maxSpikes = 1;
    for (let i = 0; i < size; i++)
      if (params[DIGITAL.resetKind][i] === SUBTRACT)
        maxSpikes = Math.max(maxSpikes, params[DIGITAL.maxSpikes][i]);
    const registers = registersOf(params, size);
    const state = { u, v, waiting, spikes };
    const reset = (): void => {
      u.set(initial.u);
      v.set(initial.v);
      waiting.fill(0);
      spikes.fill(0);
    };
    reset();
    return {
      reset,
      step(_step, sums, sumsAt, status, statusAt): void {
        stepGroup(registers, state, sums, sumsAt, status, statusAt, note);
      },
      u,
      v,
      ...(maxSpikes > 1 ? { spikes, maxSpikes } : {}),
    };
  },
};

interface State {
  readonly u: Int32Array;
  readonly v: Int32Array;
  readonly waiting: Int32Array;
  readonly spikes: Uint8Array;
}

/** The parameters, `[size]` each, as the loop wants them. */
interface Registers {
  readonly threshold: Int32Array;
  readonly isStrict: Uint8Array;
  readonly resetKind: Uint8Array;
  readonly reset: Int32Array;
  readonly v: Leaks;
  readonly u: Leaks;
  readonly inputFirst: Uint8Array;
  readonly bias: Int32Array;
  readonly refractorySteps: Int32Array;
  readonly vMin: Int32Array;
  /** 2^stateBits. */
  readonly edge: Float64Array;
  readonly spare: Uint8Array;
  readonly wraps: Uint8Array;
  readonly maxSpikes: Uint8Array;
}

/** What a register loses: units or a shift, or what it keeps of a share. */
interface Leaks {
  readonly kind: Uint8Array;
  readonly amount: Int32Array;
  readonly keep: Float64Array;
}

function registersOf(params: readonly (Int32Array | Float64Array)[], size: number): Registers {
  const whole = (name: DigitalParam): Int32Array => Int32Array.from(params[DIGITAL[name]]);
  const small = (name: DigitalParam): Uint8Array => Uint8Array.from(params[DIGITAL[name]]);
  const each = (value: (i: number) => number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => value(i));
  const leaks = (kind: "leakKind" | "currentKind", amount: "leak" | "currentLeak"): Leaks => ({
    kind: small(kind),
    amount: whole(amount),
    // A power of two as a divisor: the quotient is exact.
    keep: each((i) => 1 - params[DIGITAL[amount]][i] / 2 ** params[DIGITAL.decayBits][i]),
  });
  return {
    threshold: whole("threshold"),
    isStrict: small("isStrict"),
    resetKind: small("resetKind"),
    reset: whole("reset"),
    v: leaks("leakKind", "leak"),
    u: leaks("currentKind", "currentLeak"),
    inputFirst: small("inputFirst"),
    bias: whole("bias"),
    refractorySteps: whole("refractorySteps"),
    vMin: whole("vMin"),
    edge: each((i) => 2 ** params[DIGITAL.stateBits][i]),
    spare: Uint8Array.from(params[DIGITAL.stateBits], (bits) => 31 - bits),
    wraps: small("wraps"),
    maxSpikes: small("maxSpikes"),
  };
}

function stepGroup(
  registers: Registers,
  { u, v, waiting, spikes }: State,
  sums: Int32Array,
  sumsAt: number,
  status: Uint8Array,
  statusAt: number,
  note: NoteEvent,
): void {
  const { threshold, isStrict, resetKind, reset, inputFirst, bias, refractorySteps, vMin } = registers;
  const { edge: edges, spare, wraps, maxSpikes, v: leakV, u: leakU } = registers;
  for (let i = 0; i < v.length; i++) {
    const sum = sums[sumsAt + i];
    const isIdle = sum === 0 && u[i] === 0 && v[i] === 0 && bias[i] === 0;
    spikes[i] = 0;
    status[statusAt + i] = isIdle ? STATUS.idle : STATUS.updated;
    if (isIdle && waiting[i] === 0) continue;

    const edge = edges[i];
    let drive = sum >> 1;
    if (leakU.kind[i] !== NONE) {
      const isFirst = inputFirst[i] === 1;
      let next = (isFirst ? u[i] : leaked(u[i], leakU, i)) + drive;
      if (next < -edge || next >= edge) {
        note(STATE_EVENT.currentWrap, i);
        next = wraps[i] === 1 ? (next << spare[i]) >> spare[i] : next < 0 ? -edge : edge - 1;
      }
      if (isFirst) next = leaked(next, leakU, i);
      u[i] = next;
      drive = next;
    }
    if (waiting[i] > 0) {
      waiting[i]--;
      continue;
    }

    let next = leaked(v[i], leakV, i) + drive + bias[i];
    let isLow = false;
    if (next < -edge || next >= edge) {
      if (wraps[i] === 1) {
        note(STATE_EVENT.driveWrap, i);
        next = (next << spare[i]) >> spare[i];
      } else if (next < 0) {
        isLow = true;
        next = -edge;
      } else {
        note(STATE_EVENT.membraneHigh, i);
        next = edge - 1;
      }
    }
    if (isStrict[i] === 1 ? next > threshold[i] : next >= threshold[i]) {
      let count = 1;
      if (resetKind[i] === SUBTRACT) {
        const times = next / threshold[i];
        count = Math.min(maxSpikes[i], isStrict[i] === 1 ? Math.ceil(times) - 1 : Math.floor(times));
        next -= count * threshold[i];
      } else next = resetKind[i] === VALUE ? reset[i] : 0;
      spikes[i] = count;
      status[statusAt + i] = STATUS.fired;
      waiting[i] = refractorySteps[i];
    }
    if (next < vMin[i]) {
      isLow = true;
      next = vMin[i];
    }
    if (isLow) note(STATE_EVENT.membraneLow, i);
    v[i] = next;
  }
}

function leaked(value: number, { kind, amount, keep }: Leaks, i: number): number {
  const how = kind[i];
  if (how === NONE || value === 0) return value;
  if (how === SHIFT) {
    const loss = value >> Math.min(amount[i], 31);
    return loss === 0 ? value - 1 : value - loss;
  }
  if (how === LINEAR) return value > 0 ? Math.max(0, value - amount[i]) : Math.min(0, value + amount[i]);
  return Math.trunc(value * keep[i]);
}
