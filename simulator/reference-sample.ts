import { propagate, scaleConnectivity } from "#ir/connectivity";
import { DEFAULT_DYNAMICS, type Connectivity, type Dynamics, type Network } from "#ir/network";
import type { SpikeEvents } from "#ir/spikes";
import { broadcast, broadcastParams, neuronModel, type NeuronModel } from "#neurons/index";
import { feedOf, type InputFeed } from "./input-feed.ts";
import { incomingProjections, quietValues } from "./reference-order.ts";

/** A network as the float reference steps it; the same for all samples. */
export interface Circuit {
  readonly units: readonly Unit[];
  /** One for each projection. */
  readonly wires: readonly Wire[];
  readonly inputs: Network["inputs"];
}

interface Unit {
  readonly model: NeuronModel;
  readonly params: readonly Float64Array[];
  readonly dynamics: Dynamics;
  readonly bias: Float64Array | undefined;
  readonly startStep: number;
  readonly size: number;
  /** Indices of the projections into it. */
  readonly incoming: readonly number[];
  /** How many steps of its output are still needed, this one included. */
  readonly depth: number;
}

interface Wire {
  readonly pre: number;
  readonly connectivity: Connectivity;
  readonly delaySteps: number;
  /** What arrives before anything was sent, `[size of pre]`; undefined: nothing. */
  readonly before: Float64Array | undefined;
}

/** @param order populations, each after those that feed it without delay */
export function prepareCircuit(network: Network, order: readonly number[]): Circuit {
  const incoming = incomingProjections(network);
  const quiet = quietValues(network, order);
  const depths = new Uint32Array(network.populations.length).fill(1);
  for (const { pre, delaySteps } of network.projections) depths[pre] = Math.max(depths[pre], 1 + delaySteps);
  const units = network.populations.map((population, p): Unit => {
    const { size, params, bias, startStep = 0, dynamics = DEFAULT_DYNAMICS } = population;
    const model = neuronModel(population.model);
    return {
      model,
      params: broadcastParams(model, params, size),
      dynamics,
      bias: bias === undefined ? undefined : broadcast(bias, size),
      startStep,
      size,
      incoming: incoming[p],
      depth: depths[p],
    };
  });
  const wires = network.projections.map(
    ({ pre, connectivity, weightScale, delaySteps, beforeStart }): Wire => ({
      pre,
      connectivity:
        weightScale === 1 ? connectivity : scaleConnectivity(connectivity, [weightScale], undefined),
      delaySteps,
      before: beforeStart === "zeros-through" ? quiet[pre] : undefined,
    }),
  );
  return { units, wires, inputs: network.inputs };
}

/** All that changes while one sample runs. Steps are computed in ascending order. */
export class Sample {
  /** `[populations]` of the model's state variables. */
  readonly states: readonly (readonly Float64Array[])[];
  readonly #circuit: Circuit;
  /** What population p gave in step t is at `[p][t mod depth]`. */
  readonly #history: readonly (readonly Float64Array[])[];
  readonly #feeds: readonly { readonly population: number; readonly feed: InputFeed }[];

  constructor(circuit: Circuit, eventsOf: (port: string) => SpikeEvents) {
    const zeros = (count: number, size: number): Float64Array[] =>
      Array.from({ length: count }, () => new Float64Array(size));
    this.#circuit = circuit;
    this.states = circuit.units.map(({ model, size }) => zeros(model.state.length, size));
    this.#history = circuit.units.map(({ depth, size }) => zeros(depth, size));
    this.#feeds = circuit.inputs.map(({ name, population }) => ({
      population,
      feed: feedOf(eventsOf(name)),
    }));
  }

  /** What a population gave in a step that is not too long ago. */
  output(p: number, step: number): Float64Array {
    return this.#history[p][step % this.#circuit.units[p].depth];
  }

  /** What a projection carries in a step; undefined where nothing has been sent yet. */
  carried(projection: number, step: number): Float64Array | undefined {
    const { pre, delaySteps, before } = this.#circuit.wires[projection];
    const sent = step - delaySteps;
    return sent < this.#circuit.units[pre].startStep ? before : this.output(pre, sent);
  }

  /** Steps one population, all that feed it without delay having been stepped. */
  compute(p: number, step: number): void {
    if (step < this.#circuit.units[p].startStep) this.output(p, step).fill(0);
    else this.#stepUnit(p, step, this.#summedInput(p, step));
  }

  /** The same, and shows the membrane (or the output, where there is none), `[size]`. */
  computeAndWatch(p: number, step: number, moment: "after-reset" | "before-reset"): Float64Array {
    const unit = this.#circuit.units[p];
    const output = this.output(p, step);
    if (step < unit.startStep) {
      output.fill(0);
      return membraneOf(unit, this.states[p], output);
    }
    const input = this.#summedInput(p, step);
    const before = moment === "before-reset" ? integrated(unit, this.states[p], input) : undefined;
    this.#stepUnit(p, step, input);
    return before ?? membraneOf(unit, this.states[p], output);
  }

  /** Bias, outside data, and what arrives, in this order. */
  #summedInput(p: number, step: number): Float64Array {
    const { bias, size, startStep, incoming } = this.#circuit.units[p];
    const input = bias?.slice() ?? new Float64Array(size);
    for (const { population, feed } of this.#feeds) {
      if (population === p) feed.add(step - startStep, input);
    }
    for (const projection of incoming) {
      const carried = this.carried(projection, step);
      if (carried !== undefined) propagate(this.#circuit.wires[projection].connectivity, carried, input);
    }
    return input;
  }

  #stepUnit(p: number, step: number, input: Float64Array): void {
    const { model, params, dynamics, size } = this.#circuit.units[p];
    model.stepFloat!({ state: this.states[p], params, dynamics, input, output: this.output(p, step), size });
  }
}

function membraneOf({ model }: Unit, state: readonly Float64Array[], output: Float64Array): Float64Array {
  const at = model.state.indexOf("v");
  return at < 0 ? output : state[at];
}

/** The membrane after this step's integration, as if nothing could fire; the state stays as it is. */
function integrated(unit: Unit, state: readonly Float64Array[], input: Float64Array): Float64Array {
  const { model, size } = unit;
  const copy = state.map((values) => values.slice());
  const output = new Float64Array(size);
  const params = model.params.map(({ name }, i) =>
    name === "vThreshold" ? new Float64Array(size).fill(Infinity) : unit.params[i],
  );
  const dynamics: Dynamics = { ...unit.dynamics, reset: "value" };
  model.stepFloat!({ state: copy, params, dynamics, input, output, size });
  return membraneOf(unit, copy, output);
}
