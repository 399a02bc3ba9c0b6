// A network while it grows: names stay unique, indices are handed out.
import type { Connectivity, Network, Population, Projection } from "#ir/network";
import { sizeOf } from "../graph.ts";

export class NetworkBuilder {
  readonly populations: Population[] = [];
  readonly projections: Projection[] = [];
  readonly #names = new Set<string>();

  /** @returns its index */
  add(name: string, shape: readonly number[], rest: Partial<Population> & Pick<Population, "model">): number {
    let free = name;
    for (let i = 1; this.#names.has(free); i++) free = `${name}_${i}`;
    this.#names.add(free);
    return this.populations.push({ name: free, shape, size: sizeOf(shape), params: {}, ...rest }) - 1;
  }

  relay(name: string, shape: readonly number[], bias?: Float64Array): number {
    return this.add(name, shape, { model: "relay", ...(bias === undefined ? {} : { bias }) });
  }

  join(pre: number, post: number, connectivity: Connectivity, layer?: Projection["layer"]): void {
    this.projections.push({
      name: `${this.populations[pre].name}->${this.populations[post].name}`,
      pre,
      post,
      connectivity,
      weightScale: 1,
      delaySteps: 0,
      ...(layer === undefined ? {} : { layer }),
    });
  }

  /** One to one, `times` over. */
  copy(pre: number, post: number, times = 1): void {
    const size = this.populations[pre].size;
    this.join(pre, post, { kind: "diagonal", rows: size, cols: size, values: Float64Array.of(times) });
  }

  network(name: string, input: number, output: number): Network {
    return {
      name,
      populations: this.populations,
      projections: this.projections,
      inputs: [{ name: "input", population: input }],
      outputs: [{ name: "output", population: output }],
    };
  }
}
