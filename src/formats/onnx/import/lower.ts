import type { Network } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { DiagnosticSink } from "#util/diagnostic";
import { NetworkBuilder } from "./builder.ts";
import { dynamicAxis } from "./diagnostics.ts";
import {
  initialState,
  statesTaken,
  unknownOperator,
  unrolledTaken,
  unrolledUnknown,
  unsupportedOperator,
} from "./diagnostics-nodes.ts";
import { isComparison, isElementwise } from "./expression.ts";
import { isFoldable } from "./fold.ts";
import { attempt, readGraph, type Graph, type GraphNode, type GraphPort, type Model } from "./graph.ts";
import { Interpreter, type InterpretOptions, type StatePair } from "./interpret.ts";
import { LAYERS } from "./layers.ts";
import { findScan, type ScanLoop } from "./scan.ts";
import { STANDARD_OPERATORS } from "./standard-operators.ts";
import { findStates } from "./states.ts";
import { denseData } from "./tensor.ts";
import { rollUp, type RolledUp } from "./unrolled.ts";
import type { Layout } from "./values.ts";

/** From a checked model to a network; every fault goes to the sink. */
export function lowerModel(
  model: Model,
  options: { readonly name: string; readonly dropSoftmax: boolean },
  sink: DiagnosticSink,
): Network | undefined {
  const { graph, opset } = model;
  const builder = new NetworkBuilder();
  const settings = { opset, ...options };
  const interpreter = new Interpreter(builder, settings, sink);
  const loop = attempt(() => findScan(graph), sink);
  if (sink.hasErrors) return undefined;
  if (loop !== undefined) {
    const names = [...graph.constants.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)];
    const body = readGraph(loop.body, new Set(names), model.functions, undefined, sink);
    checkOperators(body, body.inputs, options.dropSoftmax, sink);
    checkOperators({ ...graph, nodes: loop.outside }, [], options.dropSoftmax, sink);
    if (!sink.hasErrors) readLoop(graph, body, loop, interpreter, builder, sink);
  } else readPlain(graph, interpreter, builder, settings, sink);
  interpreter.closeLoops();
  if (sink.hasErrors) return undefined;
  const network = builder.network(options.name);
  validateNetwork(network, sink, { models: NEURON_MODELS });
  return sink.hasErrors ? undefined : network;
}

function readPlain(
  graph: Graph,
  interpreter: Interpreter,
  builder: NetworkBuilder,
  settings: InterpretOptions,
  sink: DiagnosticSink,
): void {
  checkOperators(graph, graph.inputs, settings.dropSoftmax, sink);
  const layouts = new Map(graph.inputs.map((port) => [port.name, layoutOf(port, sink)]));
  if (sink.hasErrors) return;

  const rolled = attempt(() => rollUp(graph), sink);
  if (sink.hasErrors) return;
  if (rolled === undefined) readWhole(graph, layouts, interpreter, builder, sink);
  else readStep(graph, rolled, layouts.get(rolled.input)!, interpreter, builder, settings, sink);
}

/** The body of a Scan is one step; its states start where the loop does. */
function readLoop(
  graph: Graph,
  body: Graph,
  loop: ScanLoop,
  interpreter: Interpreter,
  builder: NetworkBuilder,
  sink: DiagnosticSink,
): void {
  interpreter.constants(graph);
  // Outside, only constants are computed; the inputs are known by their extents.
  const layouts = loop.sequences.map(({ input, timeAxis }) => {
    const port = graph.inputs.find(({ name }) => name === input)!;
    const dims = port.dims?.filter((_, axis) => axis !== timeAxis);
    const layout = layoutOf({ ...port, dims }, sink);
    const whole = [...layout.dims];
    whole.splice(timeAxis, 0, 1);
    interpreter.define(input, {
      kind: "flow",
      population: -1,
      ...layout,
      dims: whole,
      batchAxis: layout.batchAxis + 1 - timeAxis,
    });
    return layout;
  });
  if (sink.hasErrors) return;
  const moving = new Set(loop.sequences.map(({ input }) => input));
  interpreter.run(
    loop.outside.filter(({ operator, inputs, outputs }) => {
      const isMoving =
        operator !== "Shape" && inputs.some((name) => moving.has(name) || loop.node.outputs.includes(name));
      if (isMoving) for (const name of outputs) moving.add(name);
      return !isMoving;
    }),
  );
  interpreter.constants(body);
  const states = loop.initial.map((name, i) => ({
    initial: name,
    pair: { input: body.inputs[i].name, output: body.outputs[i].name },
  }));
  for (const { initial, pair } of states) {
    const value = interpreter.value(initial);
    const isOpen = graph.inputs.some(({ name }) => name === initial);
    if (value?.kind === "constant" && denseData(value.tensor).every((number: number) => number === 0))
      interpreter.state(pair, {
        type: value.tensor.type,
        dims: value.tensor.dims,
        batchAxis: batchOf(value.tensor.dims),
      });
    else if (isOpen)
      interpreter.state(
        pair,
        layoutOf(
          graph.inputs.find(({ name }) => name === initial)!,
          sink,
        ),
      );
    else sink.report(initialState({ state: initial }));
  }
  if (sink.hasErrors) return;
  loop.sequences.forEach(({ input }, i) => {
    const port = graph.inputs.find(({ name }) => name === input)!;
    interpreter.input(port, layouts[i]);
    interpreter.define(body.inputs[states.length + i].name, interpreter.value(input)!);
  });
  if (states.length > 0)
    sink.report(statesTaken({ pairs: states.map(({ pair }) => [pair.input, pair.output]) }));
  interpreter.run(body.nodes);
  for (const { name, position } of loop.outputs)
    addOutput(name, body.outputs[states.length + position].name, interpreter, builder);
}

/** A feed-forward graph, or one step with its states as inputs and outputs. */
function readWhole(
  graph: Graph,
  layouts: ReadonlyMap<string, Layout>,
  interpreter: Interpreter,
  builder: NetworkBuilder,
  sink: DiagnosticSink,
): void {
  const states = findStates(graph);
  if (states.length > 0)
    sink.report(statesTaken({ pairs: states.map(({ input, output }) => [input, output]) }));
  interpreter.constants(graph);
  for (const port of graph.inputs) {
    const pair = states.find(({ input }) => input === port.name);
    if (pair === undefined) interpreter.input(port, layouts.get(port.name)!);
    else interpreter.state(pair, layouts.get(port.name)!);
  }
  interpreter.run(graph.nodes);
  for (const name of portNames(graph, states, interpreter)) addOutput(name, name, interpreter, builder);
}

/** The second of many equal steps. The first, which starts from constants, says what shapes the states have. */
function readStep(
  graph: Graph,
  rolled: RolledUp,
  sequence: Layout,
  interpreter: Interpreter,
  builder: NetworkBuilder,
  settings: InterpretOptions,
  sink: DiagnosticSink,
): void {
  const { input, steps, states, outputs } = rolled;
  const port = graph.inputs.find(({ name }) => name === input)!;
  const layout = { ...sequence, dims: sequence.dims.slice(1), batchAxis: sequence.batchAxis - 1 };
  const begin = (reader: Interpreter, frame: string, nodes: readonly GraphNode[]): void => {
    reader.constants(graph);
    reader.input(port, layout);
    const flow = reader.value(input)!;
    reader.define(frame, flow);
    if (flow.kind === "flow") reader.define(input, { ...flow, ...sequence });
    reader.run([...rolled.constantNodes, ...nodes]);
  };
  const first = new Interpreter(new NetworkBuilder(), settings, new DiagnosticSink());
  begin(first, rolled.firstFrame, rolled.firstNodes);
  for (const pair of states) {
    const value = first.value(pair.input);
    const known = value?.kind === "cell" || value?.kind === "flow";
    if (known) interpreter.state(pair, { type: value.type, dims: value.dims, batchAxis: value.batchAxis });
    else
      sink.report(unrolledUnknown({ output: outputs[0].name, reason: `"${pair.input}" has no known shape` }));
  }
  for (const name of rolled.initial) {
    const value = first.value(name);
    const starts = value?.kind === "constant" ? denseData(value.tensor) : [NaN];
    if (starts.some((number: number) => number !== 0)) sink.report(initialState({ state: name }));
  }
  if (sink.hasErrors) return;
  sink.report(unrolledTaken({ steps, input, output: outputs[0].name }));
  begin(interpreter, rolled.frame, rolled.stepNodes);
  for (const { name, ofStep } of outputs) addOutput(name, ofStep, interpreter, builder);
}

/** Outputs that are read out: not membranes, unless there is nothing else. */
function portNames(graph: Graph, states: readonly StatePair[], interpreter: Interpreter): string[] {
  const continued = new Set(states.map(({ output }) => output));
  const names = graph.outputs.map(({ name }) => name);
  const ports = names.filter((name) => !continued.has(name) || interpreter.isFedBack(name));
  return ports.length > 0 ? ports : names;
}

function addOutput(name: string, tensor: string, interpreter: Interpreter, builder: NetworkBuilder): void {
  const flow = interpreter.flow(tensor);
  if (flow === undefined) return;
  builder.outputs.push({ name, population: flow.population });
}

/** Every operator that is unknown or cannot be expressed, all at once, with the names of its nodes. */
function checkOperators(
  graph: Graph,
  inputs: readonly GraphPort[],
  dropSoftmax: boolean,
  sink: DiagnosticSink,
): void {
  const flowing = new Set(inputs.map(({ name }) => name));
  const unknown = new Map<string, GraphNode[]>();
  const unsupported = new Map<string, GraphNode[]>();
  const note = (map: Map<string, GraphNode[]>, key: string, node: GraphNode): void => {
    map.set(key, [...(map.get(key) ?? []), node]);
  };
  for (const node of graph.nodes) {
    const { operator, domain } = node;
    const isFlowing = operator !== "Shape" && node.inputs.some((name) => flowing.has(name));
    if (isFlowing) for (const name of node.outputs) flowing.add(name);
    if (domain !== "" || !STANDARD_OPERATORS.has(operator)) note(unknown, `${domain}:${operator}`, node);
    else if (!(isFlowing ? isReadable(operator, dropSoftmax) : isKnown(operator)))
      note(unsupported, operator, node);
  }
  const names = (list: readonly GraphNode[]): string[] => list.map(({ name }) => name);
  for (const list of unknown.values())
    sink.report(unknownOperator({ domain: list[0].domain, operator: list[0].operator, nodes: names(list) }));
  for (const [operator, list] of unsupported)
    sink.report(
      unsupportedOperator({
        operator,
        nodes: names(list),
        ...(/Softmax$/.test(operator) && {
          advice: `leave it out (it keeps the order of the classes), or read the file with --convert ann, which does.`,
        }),
      }),
    );
}

/** Whether an operator can be read where numbers flow. */
function isReadable(operator: string, dropSoftmax: boolean): boolean {
  if (operator === "Softmax" || operator === "LogSoftmax") return dropSoftmax;
  return (
    LAYERS.has(operator) ||
    isElementwise(operator) ||
    isComparison(operator) ||
    ["QuantizeLinear", "DequantizeLinear"].includes(operator)
  );
}

/** Whether an operator can be read where all is constant. */
const isKnown = (operator: string): boolean => operator === "Shape" || isFoldable(operator);

/** Extents and batch of an input: the axis left open, or the first of several. */
export function layoutOf({ name, type, dims }: GraphPort, sink: DiagnosticSink): Layout {
  const open = (dims ?? []).flatMap((extent, axis) => (typeof extent === "string" ? [axis] : []));
  if (dims === undefined || open.length > 1)
    sink.report(dynamicAxis({ input: name, dims: dims?.map(String) ?? ["?"] }));
  const extents = (dims ?? []).map((extent) => (typeof extent === "string" ? 1 : extent));
  const batchAxis = open[0] ?? (extents.length > 1 ? 0 : -1);
  return { type: type ?? "float", dims: extents, batchAxis };
}

/** The batch is the first of several axes. */
const batchOf = (dims: readonly number[]): number => (dims.length > 1 ? 0 : -1);
