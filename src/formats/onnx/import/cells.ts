// From parts of neurons (`Cell`) to populations.
import type { Population } from "#ir/network";
import type { NetworkBuilder, NewProjection } from "./builder.ts";
import { neuronUnknown } from "./diagnostics-nodes.ts";
import { inOrder, leavesOf, type Expression } from "./expression.ts";
import { fitNeuron, type FittedNeuron } from "./fit-neuron.ts";
import type { GraphNode } from "./graph.ts";
import { nameOf } from "./layer.ts";
import { Refusal } from "./refusal.ts";
import { pickLayout } from "./layer.ts";
import { sampleSize, shapeOf, type Cell, type Flow } from "./values.ts";

/** How a state continues: an expression of this step, or undefined where that is refused already. */
export type NextState = (state: string) => Expression | undefined;

/** Makes neurons of cells; equal cells become one population. */
export class Neurons {
  readonly #builder: NetworkBuilder;
  readonly #next: NextState;
  readonly #made = new Map<Expression, Flow>();
  /** Populations that carry a state of the step before, and the state. */
  readonly feedback: { readonly population: number; readonly state: string }[] = [];

  constructor(builder: NetworkBuilder, next: NextState) {
    this.#builder = builder;
    this.#next = next;
  }

  /**
   * The population that gives what a cell computes. Throws `Refusal` where no neuron does.
   *
   * @param node what computes the cell; undefined for a state that is read as it is
   */
  populationOf(cell: Cell, node: GraphNode | undefined): Flow {
    const known = this.#made.get(cell.expression);
    if (known !== undefined) return { ...known, ...pickLayout(cell) };
    const { expression } = cell;
    const flow =
      expression.op === "state" ? this.#previous(cell, expression.state) : this.#neuron(cell, node!);
    this.#made.set(expression, flow);
    return flow;
  }

  /** Spikes of the step before: a relay that is joined to its source when everything has been read. */
  #previous(cell: Cell, state: string): Flow {
    const node = { name: state, operator: "" };
    const population = this.#builder.add({ name: state, model: "relay", shape: shapeOf(cell), node }, []);
    this.feedback.push({ population, state });
    return { kind: "flow", population, ...pickLayout(cell) };
  }

  #neuron(cell: Cell, node: GraphNode): Flow {
    const { flows, states, next } = this.#closure(cell.expression);
    const refuse = (reason: string): never => {
      throw new Refusal(
        neuronUnknown({ outputs: node.outputs.filter((name) => name !== ""), states, reason }),
      );
    };
    const size = isUniform([cell.expression, ...next.values()]) ? 1 : sampleSize(cell);
    const fitted = fitNeuron({ size, output: cell.expression, next, flows });
    if (typeof fitted === "string") return refuse(fitted);
    return this.#build(cell, node, fitted, flows);
  }

  #build(cell: Cell, node: GraphNode, fitted: FittedNeuron, flows: readonly number[]): Flow {
    const rows = sampleSize(cell);
    const incoming = flows.flatMap((pre, k): NewProjection[] => {
      const values = compact(fitted.factors[k]);
      return values.every((factor) => factor === 0)
        ? []
        : [{ pre, connectivity: { kind: "diagonal", rows, cols: rows, values } }];
    });
    const params: Record<string, Float64Array> = {};
    for (const [name, values] of Object.entries(fitted.params)) params[name] = compact(values);
    const bias = compact(fitted.bias);
    const population = this.#builder.add(
      {
        name: nameOf(node),
        model: fitted.model,
        shape: shapeOf(cell),
        params: params satisfies Population["params"],
        bias,
        ...(fitted.dynamics && { dynamics: fitted.dynamics }),
        node,
      },
      incoming,
    );
    const layout = pickLayout(cell);
    const amplitude = compact(fitted.amplitude);
    if (amplitude.every((value) => value === 1)) return { kind: "flow", population, ...layout };
    const graded = this.#builder.add(
      { name: `${nameOf(node)}/value`, model: "relay", shape: shapeOf(cell), node },
      [{ pre: population, connectivity: { kind: "diagonal", rows, cols: rows, values: amplitude } }],
    );
    return { kind: "flow", population: graded, ...layout };
  }

  /** All states that have a say in an expression, how they continue, and the flows that reach any of it. */
  #closure(root: Expression): { flows: number[]; states: string[]; next: Map<string, Expression> } {
    const next = new Map<string, Expression>();
    const queue = leavesOf([root]).states;
    for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
      if (next.has(state)) continue;
      const expression = this.#next(state);
      if (expression === undefined)
        throw new Refusal(
          neuronUnknown({
            outputs: [state],
            states: [state],
            reason: "its next value is no function of one step",
          }),
        );
      next.set(state, expression);
      queue.push(...leavesOf([expression]).states);
    }
    return { flows: leavesOf([root, ...next.values()]).flows, states: [...next.keys()], next };
  }
}

/** All neurons alike: every constant is one number. */
const isUniform = (roots: readonly Expression[]): boolean =>
  roots.every((root) => inOrder(root).every((part) => part.op !== "constant" || part.values.length === 1));

/** One number where all are the same. */
export function compact(values: Float64Array): Float64Array {
  return values.every((value) => value === values[0]) ? values.slice(0, 1) : values;
}
