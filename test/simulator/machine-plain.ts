// The machine once more, slow and obvious: objects, Maps and one neuron at a time. What `simulate` must equal.
import type { Deployment } from "#ir/deployment";
import type { SpikeEvents } from "#ir/spikes";
import { LOIHI_V_MAX, loihiInput, stepLoihiCuba, wrapSigned } from "#neurons/loihi-cuba";
import { routeHops } from "#targets/route";
import type { Action, StateEventKind } from "#simulator/result";
import type { Target } from "#targets/target";

/** Counts of one step by core id. */
export type StepCounts = Map<number, Partial<Record<Action, number>>>;

export interface PlainRun {
  /** `[hardware steps]`: "population index" of every neuron that fired, sorted. */
  readonly fired: string[][];
  readonly counts: StepCounts[];
  /** `[hardware steps]`: "population index" of every neuron that was updated, sorted. */
  readonly updated: string[][];
  /** `[hardware steps]`: v by "population index". */
  readonly membranes: Map<string, number>[];
  /** `[hardware steps]`: "core/axon" of every message from the host, in order. */
  readonly hostMessages: string[][];
  /** In the order in which they happen: step, "population index", what. */
  readonly stateEvents: { readonly step: number; readonly name: string; readonly kind: StateEventKind }[];
}

const EVENT = {
  sparse: "synapseSparse",
  dense: "synapseDense",
  "run-length": "synapseRunLength",
  kernel: "synapseConv",
} as const;

/** One sample. */
export function plainMachine(
  deployment: Deployment,
  target: Target,
  inputs: Record<string, SpikeEvents>,
  steps: number,
): PlainRun {
  const nameOf = new Map<string, string>();
  for (const { name, core, compartment } of deployment.populations)
    core.forEach((id, i) => nameOf.set(`${id}/${compartment[i]}`, `${name} ${i}`));

  const neurons = deployment.cores.flatMap((program) =>
    program.groups.flatMap((group) =>
      Array.from({ length: group.end - group.begin }, (_, i) => {
        const params = group.params.map((values) => Int32Array.from(values.slice(i, i + 1)));
        const [u0, v0] = params.slice(-2);
        return {
          program,
          compartment: group.begin + i,
          startStep: deployment.populations[group.population].startStep,
          params,
          bias: Math.floor(params[3][0] * 2 ** params[4][0]),
          state: [u0.slice(), v0.slice(), new Int32Array(1)],
        };
      }),
    ),
  );

  /** What is on its way: "step core/compartment" -> sums by projection. */
  const arriving = new Map<string, Map<number, { sum: number; exponent: number }>>();
  const run: PlainRun = {
    fired: [],
    counts: [],
    updated: [],
    membranes: [],
    hostMessages: [],
    stateEvents: [],
  };
  for (let step = 0; step < steps; step++) {
    const counts: StepCounts = new Map();
    const count = (core: number, action: Action, by = 1): void => {
      const row = counts.get(core) ?? {};
      row[action] = (row[action] ?? 0) + by;
      counts.set(core, row);
    };
    const messages: { core: number; axon: number }[] = [];

    const names: string[] = [];
    const updated: string[] = [];
    const hostMessages: string[] = [];
    const membranes = new Map<string, number>();
    for (const neuron of neurons) {
      const { program, compartment, state, params } = neuron;
      count(program.core, "neuronAccess");
      const key = `${step} ${program.core}/${compartment}`;
      const sums = arriving.get(key);
      arriving.delete(key);
      const name = nameOf.get(`${program.core}/${compartment}`)!;
      if (step >= neuron.startStep) {
        let input = 0;
        for (const { sum, exponent } of sums?.values() ?? []) input += Math.floor(sum * 2 ** exponent);
        const active = state[0][0] !== 0 || state[1][0] !== 0 || neuron.bias !== 0 || sums !== undefined;
        const fired = new Uint8Array(1);
        for (const kind of eventsOf(state, params, neuron.bias, input, deployment.rules))
          run.stateEvents.push({ step, name, kind });
        stepLoihiCuba(state, params, Int32Array.of(input), fired, deployment.rules);
        if (active || fired[0] === 1) {
          count(program.core, "neuronUpdate");
          updated.push(name);
        }
        if (fired[0] === 1) {
          names.push(name);
          count(program.core, "spikeOut");
          for (let r = program.routeStart[compartment]; r < program.routeStart[compartment + 1]; r++) {
            const to = program.routeCore[r];
            messages.push({ core: to, axon: program.routeAxon[r] });
            count(program.core, "messageOut");
            const hops = routeHops(target, program.core, to);
            count(program.core, "hopEastWest", hops.eastWest);
            count(program.core, "hopNorthSouth", hops.northSouth);
            count(program.core, "hopChip", hops.chips);
            count(program.core, "hopTile", hops.withinTile);
          }
        }
      }
      membranes.set(name, state[1][0]);
    }
    run.fired.push(names.toSorted());
    run.updated.push(updated.toSorted());
    run.membranes.push(membranes);

    for (const port of deployment.inputs) {
      const events = inputs[port.name];
      const modelStep = step - deployment.populations[port.population].startStep;
      events.step.forEach((at, e) => {
        if (at !== modelStep) return;
        for (let k = 0; k < (events.value?.[e] ?? 1); k++)
          for (let r = port.routeStart[events.index[e]]; r < port.routeStart[events.index[e] + 1]; r++) {
            messages.push({ core: port.routeCore[r], axon: port.routeAxon[r] });
            hostMessages.push(`${port.routeCore[r]}/${port.routeAxon[r]}`);
            count(port.routeCore[r], "inputMessage");
          }
      });
    }

    for (const { core, axon } of messages) {
      const program = deployment.cores.find((other) => other.core === core)!;
      count(core, "messageIn");
      count(core, "synapseWordRead", program.axonWords[axon]);
      for (let i = program.axonStart[axon]; i < program.axonStart[axon + 1]; i++) {
        const { projection, weightExponent, encoding } = program.formats[program.format[i]];
        count(core, EVENT[encoding as keyof typeof EVENT]);
        const key = `${step + program.delaySteps[i]} ${core}/${program.target[i]}`;
        const sums = arriving.get(key) ?? new Map<number, { sum: number; exponent: number }>();
        arriving.set(key, sums);
        // Lava shifts a projection's sum; nengo rounds each weight.
        const lava = deployment.rules === "lava";
        const weight = lava ? program.weight[i] : halfToEven(program.weight[i] * 2 ** weightExponent);
        const sum = sums.get(projection) ?? { sum: 0, exponent: lava ? weightExponent : 0 };
        sum.sum += weight;
        sums.set(projection, sum);
      }
    }
    run.counts.push(counts);
    run.hostMessages.push(hostMessages);
  }
  return run;
}

function halfToEven(x: number): number {
  const nearest = Math.round(x);
  return Math.abs(x - Math.trunc(x)) === 0.5 ? 2 * Math.round(x / 2) : nearest;
}

/** What the registers of a neuron cannot hold in the step that comes. */
function eventsOf(
  [[u], [v]]: readonly Int32Array[],
  [[uDecay], [vDecay], , , , , [vMin]]: readonly Int32Array[],
  bias: number,
  input: number,
  rules: Deployment["rules"],
): StateEventKind[] {
  const kinds: StateEventKind[] = [];
  const kept = (value: number, decay: number): number => Math.trunc((value * (4096 - decay)) / 4096);
  const arriving = loihiInput(input, rules);
  if (arriving !== input * 64) kinds.push("input-wrap");
  const sum = kept(u, uDecay + 1) + arriving;
  let current = sum;
  if (rules === "nengo") current = wrapSigned(sum, 23);
  else if (sum > 2 ** 23) current -= 2 ** 24;
  else if (sum <= -(2 ** 23)) current += 2 ** 24;
  if (current !== sum) kinds.push("current-wrap");
  const drive = rules === "nengo" ? wrapSigned(current + bias, 23) : current + bias;
  if (drive !== current + bias) kinds.push("drive-wrap");
  const membrane = kept(v, vDecay) + drive;
  if (membrane > LOIHI_V_MAX) kinds.push("membrane-high");
  else if (membrane < vMin) kinds.push("membrane-low");
  return kinds;
}
