import type { IntegerRules } from "#ir/deployment";
import type { Network, Population } from "#ir/network";
import { attribute, SPINEC_DOMAIN, type FunctionProto } from "../proto.ts";
import type { OwnPopulation, OwnProjection, OwnState } from "../own-layout.ts";
import { Clock } from "./clock.ts";
import { connector, type ConnectContext, type Connector, type Value } from "./connect.ts";
import type { Constants } from "./constants.ts";
import { DelayLines } from "./delay-lines.ts";
import { floatNeuron, type NeuronCall } from "./float-neurons.ts";
import { initialRegisters, integerNeuron } from "./integer-neurons.ts";
import type { Names } from "./names.ts";
import { NodeList } from "./nodes.ts";
import { silentValues } from "./order.ts";
import { compact } from "./spread.ts";

export interface StepSettings {
  /** Of what flows. */
  readonly type: "float" | "double" | "int32";
  readonly rules: IntegerRules;
  readonly int8: boolean;
  readonly opset: number;
}

/** One step of a network as nodes, and all that the graphs around it must know. */
export interface StepGraph {
  readonly nodes: NodeList;
  /** Nodes that depend on constants only. */
  readonly prelude: NodeList;
  readonly functions: readonly FunctionProto[];
  readonly states: readonly OwnState[];
  readonly populations: readonly OwnPopulation[];
  readonly projections: readonly OwnProjection[];
  /** By population: what it gives. */
  readonly values: readonly Value[];
  /** By population, where it has one: the membrane after the step. */
  readonly membranes: ReadonlyMap<number, string>;
}

/**
 * Writes one step: populations in an order in which each comes after those that feed it without delay.
 *
 * Every state starts at zeros. Delays are lines of what a population sent, newest first; what differs before
 * the first step (silent feedback paths with biases, start steps, initial registers) is switched by a step counter.
 *
 * @param order  of evaluation, all populations
 * @param inputs tensor of each input port in this step
 */
export function buildStep(
  network: Network,
  order: readonly number[],
  inputs: readonly string[],
  names: Names,
  constants: Constants,
  settings: StepSettings,
): StepGraph {
  return new StepBuilder(network, order, inputs, names, constants, settings).build();
}

class StepBuilder {
  readonly #network: Network;
  readonly #order: readonly number[];
  readonly #inputs: readonly string[];
  readonly #names: Names;
  readonly #settings: StepSettings;
  readonly #constants: Constants;
  readonly #context: ConnectContext;
  readonly #step: NodeList;
  readonly #functions = new Map<string, FunctionProto>();
  readonly #states: OwnState[] = [];
  readonly #values: Value[] = [];
  readonly #membranes = new Map<number, string>();
  readonly #connectors: readonly Connector[];
  readonly #populations: OwnPopulation[] = [];
  readonly #silent: readonly Float64Array[];
  readonly #lines: DelayLines;
  readonly #clock: Clock;
  #batchSize: string | undefined;

  constructor(
    network: Network,
    order: readonly number[],
    inputs: readonly string[],
    names: Names,
    constants: Constants,
    settings: StepSettings,
  ) {
    this.#network = network;
    this.#order = order;
    this.#inputs = inputs;
    this.#names = names;
    this.#settings = settings;
    this.#constants = constants;
    this.#step = new NodeList(names);
    this.#context = {
      constants,
      prelude: new NodeList(names),
      step: this.#step,
      type: settings.type,
      int8: settings.int8,
    };
    this.#connectors = network.projections.map((projection) =>
      connector(projection, network.populations[projection.post].shape, this.#context),
    );
    this.#silent = silentValues(network, order);
    this.#lines = new DelayLines(network, names, constants, this.#step);
    this.#clock = new Clock(names, constants, this.#step);
  }

  build(): StepGraph {
    for (const p of this.#order) this.#population(p);
    for (const line of this.#lines.close(this.#values))
      this.#states.push({ ...line, type: this.#settings.type });
    const counter = this.#clock.close();
    if (counter !== undefined) this.#states.push({ ...counter, type: "int64", shape: [] });
    return {
      nodes: this.#step,
      prelude: this.#context.prelude,
      functions: [...this.#functions.values()],
      states: this.#states,
      populations: this.#populations,
      projections: this.#ownProjections(),
      values: this.#values,
      membranes: this.#membranes,
    };
  }

  #population(p: number): void {
    const population = this.#network.populations[p];
    const { name, model, shape } = population;
    const { stored: bias, own: ownBias } = this.#bias(population);
    const x = this.#summed(p, bias);
    const own: OwnPopulation = {
      name,
      model,
      shape,
      params: {},
      ...ownBias,
      ...(population.dynamics !== undefined && { dynamics: population.dynamics }),
      ...(population.startStep !== undefined && { startStep: population.startStep }),
      ...(population.periodicReset !== undefined && { periodicReset: population.periodicReset }),
      ...(population.membraneQuantum !== undefined && { membraneQuantum: [...population.membraneQuantum] }),
    };
    if (model === "input" || model === "relay" || model === "relu") {
      this.#values[p] = { tensor: model === "relu" ? this.#step.op("Relu", [x], name) : x, shape };
      this.#populations[p] = own;
      return;
    }
    const { type, rules, opset } = this.#settings;
    const call =
      type === "int32" ? integerNeuron(population, rules, opset) : floatNeuron(population, type, opset);
    this.#populations[p] = this.#neuron(p, call, x, own);
  }

  /** Calls the neuron's function, holding it before its start step. */
  #neuron(p: number, call: NeuronCall, x: string, own: OwnPopulation): OwnPopulation {
    const population = this.#network.populations[p];
    const { name, shape, startStep = 0 } = population;
    const isInteger = this.#settings.type === "int32";
    const functionName = call.function.name!;
    if (!this.#functions.has(functionName)) this.#functions.set(functionName, call.function);
    const params: Record<string, string> = {};
    const spread: string[] = [...own.spread];
    const paramTensors = call.params.map((param) => {
      const { dims, values, isSpread } = compact(population, param.values);
      const type = isInteger ? "int64" : this.#settings.type;
      const tensor = this.#constants.add(`${name}.${param.name}`, type, dims, values);
      if (!call.isOwn(param.name)) return tensor;
      params[param.name] = tensor;
      if (isSpread && population.params[param.name]?.length !== 1) spread.push(param.name);
      return tensor;
    });
    const stateNames = call.states.map((state) => this.#names.take(`state.${name}.${state}`));
    const held = this.#resetAtTimes(
      population,
      this.#initialised(population, call.states, stateNames, params),
    );
    const outputs = this.#step.call(
      SPINEC_DOMAIN,
      functionName,
      [x, ...held, ...paramTensors],
      [name, ...stateNames.map((state) => `${state}.stepped`)],
    );
    const started = startStep === 0 ? undefined : this.#clock.reached(startStep, shape.length);
    const orHeld = (tensor: string, other: string, wished: string): string =>
      started === undefined ? tensor : this.#step.op("Where", [started, tensor, other], wished);
    const none = (): string => this.#constants.add(`${name}.none`, "int32", [1], [0]);
    this.#values[p] = {
      tensor: started === undefined ? outputs[0] : orHeld(outputs[0], none(), `${name}/started`),
      shape,
    };
    call.states.forEach((state, s) => {
      const next = orHeld(outputs[s + 1], held[s], `${stateNames[s]}.held`);
      const output = this.#step.op("Identity", [next], `${stateNames[s]}.next`);
      const type = this.#settings.type;
      if (state === "v") this.#membranes.set(p, output);
      this.#states.push({ input: stateNames[s], output, type, shape });
    });
    return { ...own, params, spread };
  }

  /** States as a step starts from them: initial registers of integer neurons that are not zero come in here. */
  #initialised(
    population: Population,
    states: readonly string[],
    tensors: readonly string[],
    params: Record<string, string>,
  ): string[] {
    const initial = this.#settings.type === "int32" ? initialRegisters(population) : undefined;
    if (initial === undefined) return [...tensors];
    const { name, shape, startStep = 0 } = population;
    const started = this.#clock.reached(startStep + 1, shape.length);
    return tensors.map((tensor, s) => {
      if (states[s] !== "u" && states[s] !== "v") return tensor;
      const param = `${states[s]}0` as const;
      const { dims, values } = compact(population, initial[param]);
      const first = this.#constants.add(`${name}.${param}`, "int32", dims, values);
      params[param] = first;
      return this.#step.op("Where", [started, tensor, first], `${tensor}.started`);
    });
  }

  /** Zeros in place of the states in the steps in which the population forgets everything. */
  #resetAtTimes({ periodicReset, startStep = 0, shape }: Population, states: readonly string[]): string[] {
    if (periodicReset === undefined) return [...states];
    const resets = this.#clock.resets(periodicReset, startStep, shape.length);
    const zero = this.#constants.add("reset.zero", this.#settings.type, [1], [0]);
    return states.map((state) => this.#step.op("Where", [resets, zero, state], `${state}.reset`));
  }

  /** Sum of bias, input ports and projections, in this order, `[batch, ...shape]`. */
  #summed(p: number, bias: string | undefined): string {
    const { name, shape } = this.#network.populations[p];
    const terms = this.#network.inputs.flatMap(({ population }, port) =>
      population === p ? [this.#inputs[port]] : [],
    );
    this.#network.projections.forEach(({ post }, q) => {
      if (post === p) terms.push(this.#arriving(q));
    });
    if (terms.length === 0) terms.push(this.#zeros(name, shape));
    if (bias !== undefined) terms.unshift(bias);
    return terms.reduce((sum, term) => this.#step.op("Add", [sum, term], `${name}/in`));
  }

  /** What a projection delivers in this step, in the shape of the post population. */
  #arriving(q: number): string {
    const { pre, name, delaySteps, beforeStart, quantization } = this.#network.projections[q];
    const carried =
      delaySteps === 0 ? this.#values[pre] : this.#fromLine(pre, delaySteps, beforeStart === "zeros-through");
    const { tensor } = this.#connectors[q].apply(carried);
    if (this.#settings.type !== "int32") return tensor;
    return this.#shifted(tensor, quantization?.weightExponent ?? 0, name);
  }

  /** Times 2^exponent, rounded down. */
  #shifted(tensor: string, exponent: number, name: string): string {
    if (exponent === 0) return tensor;
    const factor = this.#constants.add(`${name}.power`, "int32", [1], [2 ** Math.abs(exponent)]);
    if (exponent > 0) return this.#step.op("Mul", [tensor, factor], `${name}/shifted`);
    const rest = this.#step.op("Mod", [tensor, factor], `${name}/rest`);
    const whole = this.#step.op("Sub", [tensor, rest], `${name}/whole`);
    return this.#step.op("Div", [whole, factor], `${name}/shifted`);
  }

  #fromLine(pre: number, delaySteps: number, silence: boolean): Value {
    const { name, shape } = this.#network.populations[pre];
    const sent = this.#lines.sent(pre, delaySteps);
    const silent = this.#silent[pre];
    if (!silence || silent.every((value) => value === 0)) return sent;
    const { dims, values } = compact({ shape, size: silent.length }, silent);
    const constant = this.#constants.add(`${name}.silent`, this.#settings.type, dims, values);
    const reached = this.#clock.reached(delaySteps, shape.length);
    return { tensor: this.#step.op("Where", [reached, sent.tensor, constant], `${name}/or_silent`), shape };
  }

  /** Nothing arrives: zeros of the batch's size. */
  #zeros(name: string, shape: readonly number[]): string {
    this.#batchSize ??= this.#step.op(
      "Slice",
      [
        this.#step.op("Shape", [this.#inputs[0]], "batch/shape"),
        this.#constants.list([0]),
        this.#constants.list([1]),
      ],
      "batch/size",
    );
    const dims =
      shape.length === 0
        ? this.#batchSize
        : this.#step.op("Concat", [this.#batchSize, this.#constants.list(shape)], `${name}/dims`, [
            attribute("axis", { int: 0 }),
          ]);
    const zero = this.#constants.add(`${name}.zero`, this.#settings.type, [1], [0]);
    return this.#step.op("Expand", [zero, dims], `${name}/zeros`);
  }

  #bias(population: Population): {
    stored: string | undefined;
    own: Pick<OwnPopulation, "spread"> & { bias?: string };
  } {
    const { name, bias, size } = population;
    if (bias === undefined) return { stored: undefined, own: { spread: [] } };
    const full = bias.length === size ? bias : new Float64Array(size).fill(bias[0]);
    const { dims, values, isSpread } = compact(population, full);
    const stored = this.#constants.add(`${name}.bias`, this.#settings.type, dims, values);
    return { stored, own: { bias: stored, spread: isSpread && bias.length !== 1 ? ["bias"] : [] } };
  }

  #ownProjections(): OwnProjection[] {
    const isInteger = this.#settings.type === "int32";
    return this.#network.projections.map((projection, q) => {
      const { name, pre, post, delaySteps, beforeStart, layer, quantization, connectivity } = projection;
      return {
        name,
        pre,
        post,
        rows: connectivity.rows,
        cols: connectivity.cols,
        ...this.#connectors[q].stored,
        // Real weights have their scale in them.
        weightScale: isInteger ? projection.weightScale : 1,
        delaySteps,
        ...(beforeStart !== undefined && { beforeStart }),
        ...(layer !== undefined && { layer }),
        ...(quantization !== undefined && { quantization }),
      };
    });
  }
}
