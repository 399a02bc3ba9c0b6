import { DEFAULT_DYNAMICS, type Dynamics, type ResetMode } from "#ir/network";
import { broadcastParams, neuronModel } from "#neurons/index";
import { createRng } from "#util/rng";
import { inOrder, type Expression } from "./expression.ts";
import { all, risingEdge, stepBox, type NeuronBox } from "./neuron-probe.ts";

/** A neuron model that computes what a part of a graph computes. */
export interface FittedNeuron {
  readonly model: string;
  readonly params: Readonly<Record<string, Float64Array>>;
  readonly dynamics: Dynamics | undefined;
  /** Constant input, `[size]`. */
  readonly bias: Float64Array;
  /** Factor of each flow, `[size]` each, in the order of `NeuronBox.flows`. */
  readonly factors: readonly Float64Array[];
  /** Value of one spike, `[size]`. */
  readonly amplitude: Float64Array;
}

/**
 * The neuron model that behaves like a part of a graph: coefficients are read off its answers near rest, the threshold
 * is found by bisection, and the reset is the first of all modes that agrees over random inputs.
 *
 * How the graph is written does not matter: any exporter's leaky integrate-and-fire is found, and one that only looks
 * like it is not.
 *
 * @returns the fit, or why there is none
 */
export function fitNeuron(box: NeuronBox): FittedNeuron | string {
  const isSpike = (next: Expression): boolean =>
    isYesOrNo(next) || (next === box.output && inOrder(next).some(fires));
  const spikeStates = [...box.next].filter(([, next]) => isSpike(next));
  const inner = [...box.next.keys()].filter((name) => !spikeStates.some(([spike]) => spike === name));
  if (inner.length === 0) return fitThreshold(box);
  if (inner.length > 2) return `it keeps ${inner.length} states, and neurons keep one or two`;
  const circuit = inner.length === 1 ? leaky(box, inner[0]) : synaptic(box, inner);
  if (typeof circuit === "string") return circuit;
  const isReadout = box.output === box.next.get(circuit.membrane) || !inOrder(box.output).some(fires);
  return isReadout ? fitReadout(box, circuit) : fitFiring(box, circuit);
}

/** Coefficients near rest. */
interface Circuit {
  readonly membrane: string;
  readonly current: string | undefined;
  /** Factor of each flow on what it enters first. */
  readonly factors: readonly Float64Array[];
  readonly bias: Float64Array;
  readonly loss: Float64Array;
  /** Of the synaptic current. */
  readonly synLoss: Float64Array;
  readonly synGain: Float64Array;
  readonly sees: Dynamics["current"];
}

const fires = (part: Expression): boolean =>
  part.op === "call" && /^(Greater|Less|GreaterOrEqual|LessOrEqual|Sign)$/.test(part.operator);

/** True if the outermost operators give 0 or one other value. */
function isYesOrNo(expression: Expression): boolean {
  let part = expression;
  while (part.op === "call" && /^(Identity|ToBool|Mul)$/.test(part.operator))
    part = part.args.find(({ op }) => op !== "constant") ?? part.args[0];
  return fires(part);
}

/** v' = a v + sum of b x + c near rest. */
function leaky(box: NeuronBox, membrane: string): Circuit | string {
  const near = nearRest(box, membrane);
  if (typeof near === "string") return near;
  const stay = near.ofState(membrane);
  const loss = stay.map((a) => 1 - a);
  const none = all(box.size, 0);
  const { factors, offset: bias } = near;
  return { membrane, current: undefined, factors, bias, loss, synLoss: none, synGain: none, sees: "new" };
}

/** i' = a i + sum of b x + c, and v' = a v + g i' (or i). */
function synaptic(box: NeuronBox, names: readonly string[]): Circuit | string {
  for (const [current, membrane] of [names, [...names].reverse()]) {
    const syn = nearRest(box, current);
    const mem = nearRest(box, membrane);
    if (typeof syn === "string" || typeof mem === "string") continue;
    if (syn.ofState(membrane).some((share) => share !== 0)) continue;
    const synLoss = syn.ofState(current).map((a) => 1 - a);
    const fromCurrent = mem.ofState(current);
    const direct = mem.factors.some((factor) => factor.some((b) => b !== 0));
    const synGain = direct
      ? fromCurrent.map((g, i) =>
          synLoss[i] === 1 ? mem.factors[0][i] / syn.factors[0][i] : g / (1 - synLoss[i]),
        )
      : fromCurrent;
    const loss = mem.ofState(membrane).map((a) => 1 - a);
    const { factors, offset: bias } = syn;
    return { membrane, current, factors, bias, loss, synLoss, synGain, sees: direct ? "new" : "old" };
  }
  return "neither of its states is a synaptic current";
}

interface NearRest {
  readonly offset: Float64Array;
  readonly factors: readonly Float64Array[];
  readonly ofState: (state: string) => Float64Array;
}

/** The linear part of one state's next value, from steps with -1 for one thing and 0 for all others. */
function nearRest(box: NeuronBox, state: string): NearRest | string {
  const rest = stepBox(box, new Map(), new Map());
  const offset = rest.next.get(state)!;
  const minus = all(box.size, -1);
  const difference = (probed: ReadonlyMap<string, Float64Array>): Float64Array =>
    probed.get(state)!.map((value, i) => offset[i] - value);
  return {
    offset,
    factors: box.flows.map((flow) => difference(stepBox(box, new Map(), new Map([[flow, minus]])).next)),
    ofState: (other) => difference(stepBox(box, new Map([[other, minus]]), new Map()).next),
  };
}

/** One gain for each neuron where all flows share it; factors of their own otherwise. */
function inputsOf(
  { factors, bias }: Circuit,
  size: number,
): { gain: Float64Array; factors: Float64Array[]; bias: Float64Array } {
  const [first = all(size, 1)] = factors;
  const shared = factors.every((factor) => factor.every((b, i) => b === first[i]));
  const gain = shared && first.every((b) => b !== 0) ? first : all(size, 1);
  return {
    gain,
    factors: factors.map((factor) => factor.map((b, i) => b / gain[i])),
    bias: bias.map((c, i) => c / gain[i]),
  };
}

/** Longest time constant: a loss of nothing, where others of the population lose something. */
const FOREVER = 2 ** 60;
const tauOf = (loss: Float64Array): Float64Array => loss.map((share) => (share === 0 ? FOREVER : 1 / share));

/** The model of a circuit, without threshold. */
function modelOf(
  circuit: Circuit,
  size: number,
): Pick<FittedNeuron, "model" | "params" | "bias" | "factors"> | string {
  const { loss, synLoss, synGain, current } = circuit;
  const bad = [...loss, ...synLoss].find((share) => !(share >= 0 && share <= 1));
  if (bad !== undefined)
    return `a state keeps ${(1 - bad).toPrecision(4)} of itself, and a leak keeps 0 to 1`;
  const { gain, factors, bias } = inputsOf(circuit, size);
  const scaled = (tau: Float64Array, by: Float64Array): Float64Array => tau.map((t, i) => t * by[i]);
  if (current !== undefined) {
    const tauSynSteps = tauOf(synLoss);
    const tauMemSteps = tauOf(loss);
    const params = {
      tauSynSteps,
      tauMemSteps,
      r: scaled(tauMemSteps, synGain),
      vLeak: all(size, 0),
      wIn: scaled(tauSynSteps, gain),
    };
    return { model: "cuba-li", params, factors, bias };
  }
  if (loss.every((share) => share === 0)) return { model: "i", params: { r: gain }, factors, bias };
  const tauSteps = tauOf(loss);
  return { model: "li", params: { tauSteps, r: scaled(tauSteps, gain), vLeak: all(size, 0) }, factors, bias };
}

function fitReadout(box: NeuronBox, circuit: Circuit): FittedNeuron | string {
  const base = modelOf(circuit, box.size);
  if (typeof base === "string") return base;
  const dynamics = circuit.current === undefined ? undefined : { ...DEFAULT_DYNAMICS, current: circuit.sees };
  const fitted = { ...base, dynamics, amplitude: all(box.size, 1) };
  return agrees(box, fitted, circuit, all(box.size, 1)) ? fitted : "it is no leaky sum of its inputs";
}

/** Order of trial; the first that agrees is taken. */
const TRIALS: readonly ResetMode[] = [
  "value",
  "subtract",
  "delayed-value",
  "delayed-subtract",
  "snntorch-subtract",
  "multi-subtract",
];

function fitFiring(box: NeuronBox, circuit: Circuit): FittedNeuron | string {
  const { size } = box;
  const base = modelOf(circuit, size);
  if (typeof base === "string") return base;
  const drive = driveOf(box, circuit);
  if (drive === undefined) return "no input reaches its membrane";
  const edge = risingEdge(size, -(2 ** -20), (x) =>
    Array.from(stepDriven(box, drive, x).output, (y) => y !== 0),
  );
  if (edge === undefined) return "it does not fire, or fires at rest";
  const level = (x: Float64Array): Float64Array => x.map((value, i) => neat(drive.toMembrane(value, i)));
  const compare = compareOf(box, drive, edge);
  const vThreshold = level(compare === ">" ? edge.no : edge.yes);
  const over = stepDriven(
    box,
    drive,
    edge.yes.map((x) => 2 * x + 1),
  );
  const amplitude = over.output;
  const after = over.next.get(circuit.membrane)!;
  const resets = after.every(
    (v, i) =>
      v ===
      stepDriven(
        box,
        drive,
        edge.yes.map((x) => 3 * x + 2),
      ).next.get(circuit.membrane)![i],
  );
  const vReset = resets ? after : all(size, 0);
  const model = base.model.replace(/i$/, "if");
  const params = { ...base.params, vThreshold, vReset };
  for (const reset of TRIALS) {
    const dynamics: Dynamics = { ...DEFAULT_DYNAMICS, compare, reset, current: circuit.sees };
    const fitted = { ...base, model, params, dynamics, amplitude };
    if (agrees(box, fitted, circuit, vThreshold)) return fitted;
  }
  return `none of the resets ${TRIALS.join(", ")} does what it does after a spike`;
}

/** What to turn to move the membrane, and where that takes it in one step from rest. */
interface Drive {
  readonly flow: number | undefined;
  readonly state: string | undefined;
  readonly toMembrane: (x: number, neuron: number) => number;
}

function driveOf(box: NeuronBox, circuit: Circuit): Drive | undefined {
  const { factors, bias, membrane, current, loss } = circuit;
  const k = factors.findIndex((factor) => factor.every((b) => b > 0));
  if (current === undefined && k >= 0)
    return { flow: box.flows[k], state: undefined, toMembrane: (x, i) => factors[k][i] * x + bias[i] };
  if (current === undefined)
    return { flow: undefined, state: membrane, toMembrane: (x, i) => (1 - loss[i]) * x + bias[i] };
  const near = nearRest(box, membrane);
  if (typeof near === "string") return undefined;
  const share = near.ofState(current);
  if (!share.every((g) => g > 0)) return undefined;
  return { flow: undefined, state: current, toMembrane: (x, i) => share[i] * x + near.offset[i] };
}

function stepDriven(box: NeuronBox, { flow, state }: Drive, x: Float64Array): ReturnType<typeof stepBox> {
  return stepBox(
    box,
    state === undefined ? new Map() : new Map([[state, x]]),
    flow === undefined ? new Map() : new Map([[flow, x]]),
  );
}

/** At the threshold itself: does it fire? Where rounding hides it, the operator in the graph decides. */
function compareOf(box: NeuronBox, drive: Drive, edge: { no: Float64Array; yes: Float64Array }): ">" | ">=" {
  const isNeat = (x: number, i: number): boolean => {
    const v = drive.toMembrane(x, i);
    return Math.fround(v) === v;
  };
  const neatNo = edge.no.filter(isNeat).length;
  const neatYes = edge.yes.filter(isNeat).length;
  if (neatNo !== neatYes) return neatNo > neatYes ? ">" : ">=";
  const atLeast = inOrder(box.output).some((part) => part.op === "call" && /OrEqual|Not/.test(part.operator));
  return atLeast ? ">=" : ">";
}

/** Files hold thresholds in single precision: what is within rounding of one is that. */
function neat(value: number): number {
  const single = Math.fround(value);
  return Math.abs(single - value) <= 1e-14 * Math.abs(value) ? single : value;
}

/** A comparison of one flow with a level. */
function fitThreshold(box: NeuronBox): FittedNeuron | string {
  const { size, flows } = box;
  if (flows.length !== 1) return `it compares ${flows.length} inputs and keeps no state`;
  const give = (x: Float64Array): Float64Array => stepBox(box, new Map(), new Map([[flows[0], x]])).output;
  const edge = risingEdge(size, -(2 ** 40), (x) => Array.from(give(x), (y) => y !== 0));
  if (edge === undefined) return "it does not switch on as its input rises";
  const amplitude = give(edge.yes);
  const drive: Drive = { flow: flows[0], state: undefined, toMembrane: (x) => x };
  const compare = compareOf(box, drive, edge);
  const threshold = (compare === ">" ? edge.no : edge.yes).map(neat);
  const dynamics = { ...DEFAULT_DYNAMICS, compare };
  const fitted = {
    model: "threshold",
    params: { threshold },
    dynamics,
    bias: all(size, 0),
    factors: [all(size, 1)],
    amplitude,
  };
  const rng = createRng(5);
  for (let round = 0; round < 16; round++) {
    const x = threshold.map((level) => level + 4 * (Math.abs(level) + 1) * (rng() - 0.5));
    const wanted = give(x);
    if (!x.every((value, i) => wanted[i] === (value > threshold[i] ? amplitude[i] : 0)))
      return "it does more than compare its input with a level";
  }
  return fitted;
}

const TRIAL_STEPS = 60;

/** Whether the fit gives what the graph gives, over several runs from rest with random inputs. */
function agrees(box: NeuronBox, fitted: FittedNeuron, circuit: Circuit, level: Float64Array): boolean {
  const { size, flows } = box;
  const model = neuronModel(fitted.model);
  const params = broadcastParams(model, fitted.params, size);
  const rng = createRng(11);
  for (const strength of [0.3, 0.8, 2.5]) {
    const state = model.state.map(() => new Float64Array(size));
    const output = new Float64Array(size);
    let states: ReadonlyMap<string, Float64Array> = new Map();
    for (let step = 0; step < TRIAL_STEPS; step++) {
      const inputs = new Map(
        flows.map((flow, k) => [
          flow,
          level.map(
            (l, i) =>
              ((rng() - 0.3) * strength * (Math.abs(l) + 1e-3)) / (Math.abs(circuit.factors[k][i]) || 1),
          ),
        ]),
      );
      const wanted = stepBox(box, states, inputs);
      states = wanted.next;
      const input = fitted.bias.slice();
      flows.forEach((flow, k) => {
        const x = inputs.get(flow)!;
        for (let i = 0; i < size; i++) input[i] += fitted.factors[k][i] * x[i];
      });
      const dynamics = fitted.dynamics ?? DEFAULT_DYNAMICS;
      model.stepFloat!({ state, params, dynamics, input, output, size });
      for (let i = 0; i < size; i++) {
        const tolerance = 1e-7 * (Math.abs(wanted.output[i]) + Math.abs(level[i]));
        if (!(Math.abs(output[i] * fitted.amplitude[i] - wanted.output[i]) <= tolerance)) return false;
      }
    }
  }
  return true;
}
