// A graph that is a loop over time, with layers before and behind it: the network is one step of all of that.
import type { DiagnosticSink } from "#util/diagnostic";
import { Attributes } from "./attributes.ts";
import type { NetworkBuilder } from "./builder.ts";
import { checkOperators, readsOf } from "./check-operators.ts";
import { initialState, lastStep, statesTaken, unrolledTaken } from "./diagnostics-nodes.ts";
import { attempt, readGraph, type Graph, type GraphNode } from "./graph.ts";
import type { InterpretOptions, Interpreter } from "./interpret.ts";
import { nameOf } from "./layer.ts";
import { addOutput, batchOf, layoutOf } from "./ports.ts";
import { denseData, tensorOf } from "./tensor.ts";
import { axisBehind, refuseBesideLoop, timeAxes, timeOperand } from "./time-axis.ts";
import type { TimeLoop } from "./time-loop.ts";
import { shapeOf, type Flow } from "./values.ts";

/**
 * Reads a loop over time into the builder; what is refused goes to the sink.
 *
 * Tensors around the loop keep their axis of time, with one step on it, so that layers there are read as they are
 * written. Inputs without time are the same in every step.
 */
export function readLoop(
  graph: Graph,
  loop: TimeLoop,
  interpreter: Interpreter,
  builder: NetworkBuilder,
  { functions, dropSoftmax }: InterpretOptions,
  sink: DiagnosticSink,
): void {
  const axes = attempt(() => timeAxes(graph, loop.sequences), sink);
  if (axes === undefined) return;
  const { before, behind } = parted(loop);
  const outer = [
    ...graph.constants.keys(),
    ...graph.inputs.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    ...loop.sequences.map(({ frame }) => frame),
  ];
  const body = readGraph(loop.body, new Set(outer), functions, undefined, sink);
  const flows = [
    ...graph.inputs.map(({ name }) => name),
    ...loop.sequences.map(({ frame }) => frame),
    ...loop.states.map(({ input }) => input),
    ...loop.node.outputs,
    ...loop.collected.map(({ name }) => name),
  ];
  checkOperators({ nodes: [...before, ...body.nodes, ...behind] }, flows, dropSoftmax, sink);
  if (sink.hasErrors) return;

  interpreter.constants(graph);
  const around = new Around(interpreter, builder, stepsOf(graph, loop, axes), sink);
  const initial = new Set(loop.states.map((state) => state.initial));
  for (const port of graph.inputs) {
    const axis = axes.get(port.name);
    if (axis === undefined && initial.has(port.name)) continue;
    const dims = axis === undefined ? port.dims : port.dims?.filter((_, at) => at !== axis);
    const layout = layoutOf({ ...port, dims }, sink);
    interpreter.input(port, layout);
    const flow = interpreter.value(port.name);
    if (axis !== undefined && flow?.kind === "flow") around.define(port.name, flow, axis);
  }
  if (sink.hasErrors) return;
  around.run(before);
  interpreter.constants(body);
  if (loop.condition !== undefined)
    interpreter.define(loop.condition, { kind: "constant", tensor: tensorOf("bool", [], [1]) });
  takeStates(graph, loop, interpreter, sink);
  for (const { source, axis, frame } of loop.sequences) {
    const flow = interpreter.flow(source);
    if (flow !== undefined)
      interpreter.define(frame, withoutAxis(flow, axis < 0 ? axis + flow.dims.length : axis));
  }
  if (sink.hasErrors) return;
  interpreter.run(body.nodes);

  const asked = new Set([...graph.outputs.map(({ name }) => name), ...behind.flatMap(readsOf)]);
  for (const { name, axis, ofStep } of loop.collected) {
    const flow = asked.has(name) ? interpreter.flow(ofStep) : undefined;
    if (flow !== undefined) around.define(name, flow, axis < 0 ? axis + flow.dims.length + 1 : axis);
  }
  const last = loop.states.filter((state) => asked.has(state.last));
  const ofLast = dependents(
    behind,
    last.map((state) => state.last),
  );
  const names = graph.outputs.map(({ name }) => name);
  const ports = names.filter((name) => !ofLast.has(name));
  // What is left of a membrane is no output, unless there is nothing else.
  if (ports.length === 0) {
    for (const state of last) {
      const flow = interpreter.flow(state.output);
      if (flow !== undefined) interpreter.define(state.last, flow);
    }
    around.run(behind);
  } else around.run(behind.filter(({ outputs }) => !outputs.some((name) => ofLast.has(name))));
  const sums = dependents(behind, around.sums);
  const lasting = ports.length === 0 ? names : ports.filter((name) => sums.has(name));
  if (lasting.length > 0 && !sink.hasErrors) sink.report(lastStep({ outputs: lasting }));
  if (loop.steps !== undefined && graph.inputs.length > 0 && names.length > 0)
    sink.report(unrolledTaken({ steps: loop.steps, input: graph.inputs[0].name, output: names[0] }));
  for (const name of ports.length === 0 ? names : ports) addOutput(name, name, interpreter, builder);
}

/** How many steps the file runs, where that is known. */
function stepsOf(graph: Graph, { steps }: TimeLoop, axes: ReadonlyMap<string, number>): number | undefined {
  if (steps !== undefined) return steps;
  const extents = [...axes].map(
    ([name, axis]) => graph.inputs.find((port) => port.name === name)?.dims?.[axis],
  );
  return extents.find((extent) => typeof extent === "number");
}

/** Nodes around the loop: those that need nothing of it, and the others. */
function parted({ node, collected, outside }: TimeLoop): { before: GraphNode[]; behind: GraphNode[] } {
  const behind = dependents(outside, [...node.outputs, ...collected.map(({ name }) => name)]);
  const isBehind = ({ outputs }: GraphNode): boolean => outputs.some((name) => behind.has(name));
  return { before: outside.filter((each) => !isBehind(each)), behind: outside.filter(isBehind) };
}

/** The names, and all that is computed from them. */
function dependents(nodes: readonly GraphNode[], names: readonly string[]): Set<string> {
  const reached = new Set(names.filter((name) => name !== ""));
  for (const node of nodes)
    if (readsOf(node).some((name) => reached.has(name))) for (const name of node.outputs) reached.add(name);
  return reached;
}

/** States that start at zeros, or wherever a caller of the file wants: then at rest. */
function takeStates(graph: Graph, loop: TimeLoop, interpreter: Interpreter, sink: DiagnosticSink): void {
  for (const { initial, input, output } of loop.states) {
    const value = interpreter.value(initial);
    const port = graph.inputs.find(({ name }) => name === initial);
    if (value?.kind === "constant" && denseData(value.tensor).every((number: number) => number === 0)) {
      const { type, dims } = value.tensor;
      interpreter.state({ input, output }, { type, dims, batchAxis: batchOf(dims) });
    } else if (port !== undefined) interpreter.state({ input, output }, layoutOf(port, sink));
    else sink.report(initialState({ state: initial }));
  }
  if (loop.states.length > 0)
    sink.report(statesTaken({ pairs: loop.states.map(({ input, output }) => [input, output]) }));
}

function withoutAxis(flow: Flow, axis: number): Flow {
  const batchAxis = flow.batchAxis > axis ? flow.batchAxis - 1 : flow.batchAxis;
  return { ...flow, dims: flow.dims.filter((_, at) => at !== axis), batchAxis };
}

/** The nodes around a loop, and where the time lies in what they compute. */
class Around {
  readonly #interpreter: Interpreter;
  readonly #sink: DiagnosticSink;
  readonly #builder: NetworkBuilder;
  readonly #steps: number | undefined;
  readonly #times = new Map<string, number>();
  /** What sums over time: the tensor is whole after the last step. */
  readonly sums: string[] = [];

  constructor(
    interpreter: Interpreter,
    builder: NetworkBuilder,
    steps: number | undefined,
    sink: DiagnosticSink,
  ) {
    this.#interpreter = interpreter;
    this.#builder = builder;
    this.#steps = steps;
    this.#sink = sink;
  }

  /** Defines a tensor with one step of a flow along an axis. */
  define(name: string, flow: Flow, axis: number): void {
    const dims = [...flow.dims];
    dims.splice(axis, 0, 1);
    const batchAxis = flow.batchAxis >= axis ? flow.batchAxis + 1 : flow.batchAxis;
    this.#interpreter.define(name, { ...flow, dims, batchAxis });
    this.#times.set(name, axis);
  }

  run(nodes: readonly GraphNode[]): void {
    for (const node of nodes) {
      const moves = node.inputs.some((name) => this.#times.has(name));
      if (moves && node.operator === "Shape") this.#shape(node);
      else if (moves && /^Reduce(Sum|Mean)$/.test(node.operator)) {
        const value = attempt(() => this.#sum(node), this.#sink);
        this.#interpreter.define(node.outputs[0], value ?? { kind: "unknown" });
      } else {
        const axis = moves ? attempt(() => this.#axisOf(node), this.#sink) : undefined;
        if (moves && axis === undefined)
          for (const name of node.outputs) this.#interpreter.define(name, { kind: "unknown" });
        else this.#interpreter.run([node]);
        if (axis !== undefined) this.#times.set(node.outputs[0], axisBehind(node, axis));
      }
    }
  }

  /** A sum over time is an integrator; a mean is one where the file says how many steps there are. */
  #sum(node: GraphNode): Flow {
    const axis = this.#times.get(node.inputs[0]);
    const flow = this.#interpreter.flow(node.inputs[0]);
    if (axis === undefined || flow === undefined) return refuseBesideLoop(node, "axes that change over time");
    const attributes = new Attributes(node);
    const operand = this.#interpreter.value(node.inputs[1] ?? "");
    const given =
      operand?.kind === "constant" ? Array.from(denseData(operand.tensor)) : (attributes.ints("axes") ?? []);
    const axes = given.map((at) => (at < 0 ? at + flow.dims.length : at));
    if (axes.length !== 1 || axes[0] !== axis) return refuseBesideLoop(node, "other axes than the time");
    const isMean = node.operator === "ReduceMean";
    if (isMean && this.#steps === undefined)
      return refuseBesideLoop(node, "a mean over an unknown number of steps");
    const { dims, batchAxis, type } = attributes.int("keepdims", 1) === 1 ? flow : withoutAxis(flow, axis);
    const layout = { dims, batchAxis, type };
    const population = this.#builder.add(
      {
        name: nameOf(node),
        model: "i",
        shape: shapeOf(layout),
        params: { r: Float64Array.of(isMean ? 1 / this.#steps! : 1) },
        node,
      },
      [this.#builder.wire(flow.population)],
    );
    this.sums.push(node.outputs[0]);
    return { kind: "flow", population, ...layout };
  }

  /** The number of steps is not known: whoever computes with it is refused. */
  #shape(node: GraphNode): void {
    const value = this.#interpreter.value(node.inputs[0]);
    if (value?.kind !== "flow") return this.#interpreter.define(node.outputs[0], { kind: "unknown" });
    const attributes = new Attributes(node);
    const axis = this.#times.get(node.inputs[0]);
    const dims = value.dims.map((extent, at) => (at === axis ? NaN : extent));
    const end = attributes.has("end") ? attributes.int("end", 0) : undefined;
    const part = dims.slice(attributes.int("start", 0), end);
    this.#interpreter.define(node.outputs[0], {
      kind: "constant",
      tensor: tensorOf("int64", [part.length], part),
    });
  }

  /** Axis of the time in what a node reads. Throws `Refusal` if it does not work on every step alike. */
  #axisOf(node: GraphNode): number {
    const first = timeOperand(node, (name) => this.#times.has(name));
    const axis = this.#times.get(node.inputs[first])!;
    const value = this.#interpreter.value(node.inputs[first]);
    const rank = value?.kind === "flow" ? value.dims.length : 0;
    node.inputs.forEach((name, i) => {
      const other = this.#interpreter.value(name);
      if (i === first || other === undefined || other.kind === "unknown") return;
      if (node.operator === "MatMul") {
        if (other.kind !== "constant" || other.tensor.dims.length !== 2 || axis === rank - 1)
          refuseBesideLoop(node, "a product that is not one of a matrix with every step");
      } else if (other.kind === "constant") {
        const at = axis - rank + other.tensor.dims.length;
        if (at >= 0 && other.tensor.dims[at] > 1) refuseBesideLoop(node, "a constant that changes over time");
      } else if (this.#times.get(name) !== axis || other.dims.length !== rank)
        refuseBesideLoop(node, "operands with the time along different axes");
    });
    return axis;
  }
}
