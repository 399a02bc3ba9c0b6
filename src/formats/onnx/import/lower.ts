import type { Network } from "#ir/network";
import { validateNetwork } from "#ir/validate";
import { NEURON_MODELS } from "#neurons/index";
import { DiagnosticSink } from "#util/diagnostic";
import { NetworkBuilder } from "./builder.ts";
import { checkOperators } from "./check-operators.ts";
import { initialState, statesTaken, unrolledTaken, unrolledUnknown } from "./diagnostics-nodes.ts";
import { attempt, type Graph, type GraphNode, type Model } from "./graph.ts";
import { Interpreter, type InterpretOptions, type StatePair } from "./interpret.ts";
import { addOutput, layoutOf } from "./ports.ts";
import { readLoop } from "./read-loop.ts";
import { findStates } from "./states.ts";
import { findTimeLoop } from "./time-loop.ts";
import { denseData } from "./tensor.ts";
import { rollUp, type RolledUp } from "./unrolled.ts";
import type { Layout } from "./values.ts";

/** From a checked model to a network; every fault goes to the sink. */
export function lowerModel(
  model: Model,
  options: { readonly name: string; readonly dropSoftmax: boolean },
  sink: DiagnosticSink,
): Network | undefined {
  const { graph, opset, functions } = model;
  const builder = new NetworkBuilder();
  const settings = { opset, functions, ...options };
  const interpreter = new Interpreter(builder, settings, sink);
  const loop = attempt(() => findTimeLoop(graph), sink);
  if (sink.hasErrors) return undefined;
  if (loop !== undefined) readLoop(graph, loop, interpreter, builder, settings, sink);
  else readPlain(graph, interpreter, builder, settings, sink);
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
  checkOperators(
    graph,
    graph.inputs.map(({ name }) => name),
    settings.dropSoftmax,
    sink,
  );
  const layouts = new Map(graph.inputs.map((port) => [port.name, layoutOf(port, sink)]));
  if (sink.hasErrors) return;

  const rolled = attempt(() => rollUp(graph), sink);
  if (sink.hasErrors) return;
  if (rolled === undefined) readWhole(graph, layouts, interpreter, builder, sink);
  else readStep(graph, rolled, layouts.get(rolled.input)!, interpreter, builder, settings, sink);
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
