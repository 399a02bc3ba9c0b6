import { DiagnosticSink } from "#util/diagnostic";
import { Attributes } from "./attributes.ts";
import type { NetworkBuilder } from "./builder.ts";
import { Neurons } from "./cells.ts";
import { cellOf } from "./cell-of.ts";
import { checkOperators, readsOf } from "./check-operators.ts";
import {
  activationRounding,
  attributeValue,
  operand,
  softmaxDropped,
  unsupportedOperator,
} from "./diagnostics-nodes.ts";
import { isComparison, isElementwise, type Expression } from "./expression.ts";
import { fold, isFoldable } from "./fold.ts";
import { refuseOperand } from "./shapes.ts";
import { attempt, readGraph, type Graph, type GraphNode, type GraphPort } from "./graph.ts";
import type { FunctionProto } from "../proto.ts";
import { LAYERS } from "./layers.ts";
import { Refusal } from "./refusal.ts";
import { splitParts } from "./take-apart.ts";
import { denseData, tensorOf } from "./tensor.ts";
import { shapeOf, type Constant, type Flow, type Layout, type Value } from "./values.ts";

export interface InterpretOptions {
  readonly opset: number;
  /** Softmax at an output is left out: only the order of the classes counts. */
  readonly dropSoftmax: boolean;
  /** Those of the model, for the branches of an If. */
  readonly functions: readonly FunctionProto[];
}

/** Branches inside of branches. */
const DEEPEST_IF = 16;

/** A state of one step: the input that holds it, and the output that continues it. */
export interface StatePair {
  readonly input: string;
  readonly output: string;
}

/** Reads a graph node by node, in order, and builds populations as numbers begin to flow. */
export class Interpreter {
  readonly #builder: NetworkBuilder;
  readonly #options: InterpretOptions;
  readonly #sink: DiagnosticSink;
  readonly #values = new Map<string, Value>();
  readonly #producer = new Map<string, GraphNode>();
  readonly #neurons: Neurons;
  readonly #continues = new Map<string, string>();
  readonly #rounded: string[] = [];
  readonly #visited = new Set<GraphNode>();
  #depth = 0;

  constructor(builder: NetworkBuilder, options: InterpretOptions, sink: DiagnosticSink) {
    this.#builder = builder;
    this.#options = options;
    this.#sink = sink;
    this.#neurons = new Neurons(builder, (state) => this.#nextOf(state));
  }

  value(name: string): Value | undefined {
    return this.#values.get(name);
  }

  define(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  constants(graph: Graph): void {
    for (const [name, tensor] of graph.constants)
      this.#values.set(name, tensor === undefined ? { kind: "unknown" } : { kind: "constant", tensor });
  }

  /** A population driven from outside. */
  input(port: GraphPort, layout: Layout): void {
    const node = { name: port.name, operator: "input" };
    const made = attempt((): Flow => {
      const population = this.#builder.add(
        { name: port.name, model: "input", shape: shapeOf(layout), node },
        [],
      );
      this.#builder.inputs.push({ name: port.name, population });
      return { kind: "flow", population, ...layout };
    }, this.#sink);
    this.#values.set(port.name, made ?? { kind: "unknown" });
  }

  /** An input that holds what an output gave in the step before. */
  state(pair: StatePair, layout: Layout): void {
    this.#continues.set(pair.input, pair.output);
    this.#values.set(pair.input, { kind: "cell", expression: { op: "state", state: pair.input }, ...layout });
  }

  /** Reads all nodes of a graph; what is refused goes to the sink. */
  run(nodes: readonly GraphNode[]): void {
    for (const node of nodes)
      for (const output of node.outputs) if (output !== "") this.#producer.set(output, node);
    for (const node of nodes) this.#visit(node);
  }

  /** The population that gives a tensor; undefined if it is refused, which is reported. */
  flow(name: string): Flow | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value.kind === "unknown") return undefined;
    if (value.kind === "flow") return value;
    if (value.kind === "cell")
      return attempt(() => this.#neurons.populationOf(value, this.#producer.get(name)), this.#sink);
    this.#sink.report(
      operand({
        name,
        operator: "output",
        operand: "source",
        needed: "the output of a layer",
        found: "a constant",
      }),
    );
    return undefined;
  }

  /** True if a state that this output continues is read by a layer, as spikes are and membranes are not. */
  isFedBack(output: string): boolean {
    return this.#neurons.feedback.some(({ state }) => this.#continues.get(state) === output);
  }

  /** Joins the relays of previous spikes to their sources. Call when all nodes have been read. */
  closeLoops(): void {
    for (let i = 0; i < this.#neurons.feedback.length; i++) {
      const { population, state } = this.#neurons.feedback[i];
      const source = this.flow(this.#continues.get(state)!);
      if (source === undefined) continue;
      this.#builder.connect(
        { ...this.#builder.wire(source.population), delaySteps: 1, isFeedback: true },
        population,
      );
    }
    if (this.#rounded.length > 0) this.#sink.report(activationRounding({ nodes: this.#rounded }));
  }

  /** How a state continues; reads the nodes that compute it, if that has not been done. */
  #nextOf(state: string): Expression | undefined {
    const output = this.#continues.get(state)!;
    for (const node of this.#ancestors(output)) this.#visit(node);
    const value = this.#values.get(output);
    if (value?.kind === "flow") return { op: "flow", population: value.population };
    if (value?.kind === "constant")
      return { op: "constant", values: Float64Array.from(denseData(value.tensor)) };
    return value?.kind === "cell" ? value.expression : undefined;
  }

  /** Nodes that a tensor depends on and that have not been read, in order of computation. */
  #ancestors(name: string): GraphNode[] {
    const needed = new Set<GraphNode>();
    const stack = [name];
    for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
      const node = this.#producer.get(top);
      if (node === undefined || needed.has(node) || this.#visited.has(node)) continue;
      needed.add(node);
      stack.push(...readsOf(node));
    }
    return [...new Set(this.#producer.values())].filter((node) => needed.has(node));
  }

  #visit(node: GraphNode): void {
    if (this.#visited.has(node)) return;
    this.#visited.add(node);
    if (node.domain === "" && node.operator === "If") return this.#branch(node);
    if (node.domain === "" && node.operator === "Split") return this.#split(node);
    const value = attempt(() => this.#compute(node), this.#sink) ?? { kind: "unknown" as const };
    const [first, ...others] = node.outputs;
    if (first !== undefined && first !== "") this.#values.set(first, value);
    for (const name of others) if (name !== "") this.#values.set(name, { kind: "unknown" });
  }

  /** The branch of an If that its constant condition chooses, read as if it stood in its place. */
  #branch(node: GraphNode): void {
    const chosen = attempt((): Graph | undefined => {
      const condition = this.#values.get(node.inputs[0]);
      if (condition?.kind === "unknown") return undefined;
      if (condition?.kind !== "constant" || this.#depth >= DEEPEST_IF) {
        const advice =
          condition?.kind === "constant"
            ? `${DEEPEST_IF} of them may lie inside of each other.`
            : "export the model so that its condition is constant.";
        throw new Refusal(unsupportedOperator({ operator: "If", nodes: [node.name], advice }));
      }
      const name = denseData(condition.tensor)[0] !== 0 ? "then_branch" : "else_branch";
      const attributes = new Attributes(node);
      const body = attributes.graph(name) ?? attributes.refuse(name, "missing", "a graph");
      const outer = new Set([...this.#values.keys(), ...this.#producer.keys()]);
      return readGraph(body, outer, this.#options.functions, undefined, this.#sink);
    }, this.#sink);
    if (chosen !== undefined) {
      this.constants(chosen);
      const flows = [...this.#values].flatMap(([name, { kind }]) => (kind === "constant" ? [] : [name]));
      const found = new DiagnosticSink();
      checkOperators(chosen, flows, this.#options.dropSoftmax, found);
      for (const diagnostic of found.diagnostics) this.#sink.report(diagnostic);
      if (!found.hasErrors) {
        this.#depth++;
        this.run(chosen.nodes);
        this.#depth--;
      }
    }
    node.outputs.forEach((output, i) => {
      const source = chosen?.outputs[i]?.name ?? "";
      this.#values.set(output, this.#values.get(source) ?? { kind: "unknown" });
      const producer = this.#producer.get(source);
      if (producer !== undefined) this.#producer.set(output, producer);
    });
  }

  /** A Split as one Slice for each output. */
  #split(node: GraphNode): void {
    const [x, sizes] = node.inputs.map((name) => this.#values.get(name));
    const parts = attempt(() => {
      if (x === undefined || x.kind === "unknown" || sizes?.kind === "unknown") return undefined;
      if (sizes !== undefined && sizes.kind !== "constant")
        return refuseOperand(node, "sizes", "constants", "the output of a layer");
      const dims = x.kind === "constant" ? x.tensor.dims : x.dims;
      return splitParts(node, new Attributes(node), dims, sizes?.tensor);
    }, this.#sink);
    for (const output of node.outputs) this.#values.set(output, { kind: "unknown" });
    for (const { output, starts, ends, axes } of parts ?? []) {
      if (output === "") continue;
      const name = node.outputs.length === 1 ? node.name : `${node.name}/${node.outputs.indexOf(output)}`;
      const inputs = [node.inputs[0], ...["starts", "ends", "axes"].map((part) => `${output}/${part}`)];
      [starts, ends, axes].forEach((tensor, i) => {
        this.#values.set(inputs[i + 1], { kind: "constant", tensor });
      });
      const slice: GraphNode = {
        ...node,
        name,
        operator: "Slice",
        inputs,
        outputs: [output],
        attributes: new Map(),
      };
      this.#producer.set(output, slice);
      this.#visit(slice);
    }
  }

  #compute(node: GraphNode): Value {
    const attributes = new Attributes(node);
    const operands = node.inputs.map((name) => (name === "" ? undefined : this.#values.get(name)));
    if (operands.some((value) => value?.kind === "unknown")) return { kind: "unknown" };
    const { operator } = node;
    // A Slice that stands for a Split has operands, as Slices have since opset 10.
    const opset =
      operator === "Slice" && operands.length > 1 ? Math.max(this.#options.opset, 10) : this.#options.opset;
    if (operator === "Shape") return shapeConstant(attributes, operands[0]);
    if (operator === "QuantizeLinear" || operator === "DequantizeLinear") checkScale(node, operands[1]);
    if (operands.every((value) => value === undefined || value.kind === "constant")) {
      if (!isFoldable(operator))
        return refuseOperand(node, "operands", "the output of a layer", "constants only");
      const constants = operands.map((value) => (value?.kind === "constant" ? value.tensor : undefined));
      const tensor = fold({ node, attributes, opset, operands: constants });
      return tensor === undefined ? { kind: "unknown" } : { kind: "constant", tensor };
    }
    if (operator === "QuantizeLinear" || operator === "DequantizeLinear")
      return this.#rounding(node, operands[0]);
    if (operator === "Softmax" || operator === "LogSoftmax") return this.#softmax(node, operands[0]);
    const hasCell = operands.some((value) => value?.kind === "cell");
    if (isComparison(operator) || (hasCell && (isElementwise(operator) || operator === "Cast")))
      return cellOf(node, attributes, operands);
    const layer = LAYERS.get(operator);
    if (layer === undefined) return refuseOperand(node, "operands", "constants", "the output of a layer");
    const settled = operands.map((value, i): Constant | Flow | undefined =>
      value?.kind === "cell"
        ? this.#neurons.populationOf(value, this.#producer.get(node.inputs[i]))
        : value?.kind === "unknown"
          ? undefined
          : value,
    );
    return layer({ node, attributes, opset, operands: settled, builder: this.#builder });
  }

  /** Activations stay real numbers. */
  #rounding(node: GraphNode, x: Value | undefined): Value {
    if (x?.kind !== "flow" && x?.kind !== "cell")
      return refuseOperand(node, "operand 1", "the output of a layer", "a constant");
    if (node.operator === "QuantizeLinear") this.#rounded.push(node.name);
    return x;
  }

  #softmax(node: GraphNode, x: Value | undefined): Value {
    this.#sink.report(softmaxDropped(node));
    return x ?? { kind: "unknown" };
  }
}

/** `Shape` knows all there is to know before anything flows. */
function shapeConstant(attributes: Attributes, x: Value | undefined): Value {
  if (x === undefined || x.kind === "unknown") return { kind: "unknown" };
  const dims = x.kind === "constant" ? x.tensor.dims : x.dims;
  const part = dims.slice(
    attributes.int("start", 0),
    attributes.has("end") ? attributes.int("end", 0) : undefined,
  );
  return { kind: "constant", tensor: tensorOf("int64", [part.length], part) };
}

function checkScale({ name, operator }: GraphNode, scale: Value | undefined): void {
  if (scale?.kind !== "constant") return;
  const bad = Array.from(denseData(scale.tensor)).find((value) => !(value > 0 && value < Infinity));
  if (bad === undefined) return;
  throw new Refusal(
    attributeValue({ name, operator, attribute: "scale", needed: "numbers above 0", found: String(bad) }),
  );
}
