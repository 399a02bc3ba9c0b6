import { identity, storedWeights } from "#ir/connectivity";
import type {
  Connectivity,
  Dynamics,
  Network,
  NetworkPort,
  Population,
  Projection,
  SparseMatrix,
} from "#ir/network";
import { tooLarge } from "./diagnostics.ts";
import { notFinite, type NodeName } from "./diagnostics-nodes.ts";
import { Refusal } from "./refusal.ts";

/** Most elements of all populations together, and most synapses of a matrix that is made rather than read. */
const LARGEST_NETWORK = 2 ** 26;

export interface NewProjection {
  readonly pre: number;
  readonly connectivity: Connectivity;
  readonly delaySteps?: number;
  readonly layer?: Projection["layer"];
  /** Closes a cycle: silence before the first step. */
  readonly isFeedback?: boolean;
}

export interface NewPopulation {
  /** Made unique by a number at the end. */
  readonly name: string;
  readonly model: string;
  readonly shape: readonly number[];
  readonly params?: Population["params"];
  readonly bias?: Float64Array;
  readonly dynamics?: Dynamics;
  /** The node to blame where a number is not finite. */
  readonly node: NodeName;
}

/** A network in the making: populations and projections in the order of their discovery. */
export class NetworkBuilder {
  readonly populations: Population[] = [];
  readonly projections: Projection[] = [];
  readonly inputs: NetworkPort[] = [];
  readonly outputs: NetworkPort[] = [];
  readonly #names = new Set<string>();
  #elements = 0;

  /** Adds a population and what feeds it. Throws `Refusal` for numbers that are not finite, or too many elements. */
  add(population: NewPopulation, incoming: readonly NewProjection[]): number {
    const { model, shape, params = {}, bias, dynamics, node } = population;
    const size = shape.reduce((product, extent) => product * extent, 1);
    this.#elements += size;
    if (!(this.#elements <= LARGEST_NETWORK))
      throw new Refusal(
        tooLarge({
          what: `the network up to "${node.name}"`,
          elements: this.#elements,
          limit: LARGEST_NETWORK,
        }),
      );
    for (const { connectivity } of incoming) checkFinite(storedWeights(connectivity), node);
    if (bias !== undefined) checkFinite(bias, node);
    const name = this.#unique(population.name);
    const index = this.populations.length;
    this.populations.push({
      name,
      model,
      shape,
      size,
      params,
      ...(bias?.some((value) => value !== 0) && { bias }),
      ...(dynamics && { dynamics }),
    });
    for (const projection of incoming) this.connect(projection, index);
    return index;
  }

  connect({ pre, connectivity, delaySteps = 0, layer, isFeedback }: NewProjection, post: number): void {
    const name = `${this.populations[pre].name}->${this.populations[post].name}`;
    const count = this.projections.filter((other) => other.pre === pre && other.post === post).length;
    this.projections.push({
      name: count === 0 ? name : `${name}#${count + 1}`,
      pre,
      post,
      connectivity,
      weightScale: 1,
      delaySteps,
      ...(isFeedback === true && { beforeStart: "zeros-through" as const }),
      ...(layer && { layer }),
    });
  }

  /** One-to-one, with weight one. */
  wire(pre: number): NewProjection {
    return { pre, connectivity: identity(this.populations[pre].size) };
  }

  network(name: string): Network {
    const { populations, projections, inputs, outputs } = this;
    return { name, populations, projections, inputs, outputs };
  }

  #unique(name: string): string {
    let unique = name;
    for (let n = 2; this.#names.has(unique); n++) unique = `${name}_${n}`;
    this.#names.add(unique);
    return unique;
  }
}

/**
 * Every output takes `factor` times one input, or none.
 *
 * @param source `[cols]`, index of the input of each output; -1: none
 */
export function pickMatrix(
  rows: number,
  source: ArrayLike<number>,
  factor: (output: number) => number,
): SparseMatrix {
  const cols = source.length;
  const rowStart = new Uint32Array(rows + 1);
  for (let c = 0; c < cols; c++) if (source[c] >= 0) rowStart[source[c] + 1]++;
  for (let r = 0; r < rows; r++) rowStart[r + 1] += rowStart[r];
  const at = rowStart.slice(0, rows);
  const colIndex = new Uint32Array(rowStart[rows]);
  const values = new Float64Array(rowStart[rows]);
  for (let c = 0; c < cols; c++) {
    if (source[c] < 0) continue;
    const place = at[source[c]]++;
    colIndex[place] = c;
    values[place] = factor(c);
  }
  return { kind: "sparse", rows, cols, rowStart, colIndex, values };
}

export function checkSynapses(count: number, node: NodeName): void {
  if (count > LARGEST_NETWORK)
    throw new Refusal(
      tooLarge({ what: `the matrix of "${node.name}"`, elements: count, limit: LARGEST_NETWORK }),
    );
}

function checkFinite(values: Float32Array | Float64Array, node: NodeName): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new Refusal(notFinite({ ...pick(node), element: i, found: values[i] }));
}

const pick = ({ name, operator }: NodeName): NodeName => ({ name, operator });
