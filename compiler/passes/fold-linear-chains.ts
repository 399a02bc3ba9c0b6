import { carriesAnything, compose, propagate, synapseCount } from "#ir/connectivity";
import type { Network, Population, Projection } from "#ir/network";
import type { Pass, PassContext } from "../pass.ts";
import { disconnected, foldGrowth, lateBias, relayLoop } from "./diagnostics.ts";
import { mergeParallel } from "./merge-parallel.ts";
import { relayOrder, repeatedNeurons } from "./relays.ts";

/**
 * Removes `relay` populations: whatever lies between two populations of neurons becomes one projection.
 *
 * Importers write a population for every node of a file, and chips only have neurons. Folding is exact: maps
 * are multiplied (identities, factors and single kernels keep their form), delays add up, biases are pushed
 * through the maps into the neurons behind. Parallel paths of one delay become one sparse projection; paths of
 * different delays stay apart. A relay that is read out and only repeats one population of neurons becomes that
 * population; other relays that are read out stay, and `quantize` refuses them.
 *
 * One thing cannot be kept: a bias before a delay whose past is empty acts from the first step on once it
 * is folded (`passes/late-bias`). Projections without a synapse are dropped (`passes/disconnected`). Runs first.
 */
export const foldLinearChains: Pass = {
  name: "fold-linear-chains",
  summary: "multiply the maps between neurons into one projection",

  run(network: Network, context: PassContext): Network {
    const order = relayOrder(network);
    if ("loop" in order) {
      context.sink.report(relayLoop({ populations: order.loop.map((p) => network.populations[p].name) }));
      return network;
    }
    const folding = new Folding(network, context);
    for (const relay of order.relays) folding.remove(relay);
    return folding.result();
  },
};

/** Bias of a population while relays are being removed. */
interface BiasParts {
  /** Acts from the first step on and belongs to what the population gives in silence. */
  quiet: Float64Array | undefined;
  /** Arrived through a delay: the past of a feedback edge does not know it. */
  arrived: Float64Array | undefined;
}

/** The network while relays are taken out one by one, sources first: a removed relay is fed by no other relay. */
class Folding {
  readonly #network: Network;
  readonly #context: PassContext;
  readonly #bias: BiasParts[];
  readonly #kept: ReadonlySet<number>;
  readonly #outputs: number[];
  readonly #removed = new Set<number>();
  #projections: readonly Projection[];
  #changed = false;

  constructor(network: Network, context: PassContext) {
    this.#network = network;
    this.#context = context;
    this.#projections = network.projections;
    this.#bias = network.populations.map(({ bias, size }) => ({
      quiet: bias === undefined || bias.length === size ? bias : new Float64Array(size).fill(bias[0]),
      arrived: undefined,
    }));
    this.#kept = new Set(network.outputs.map(({ population }) => population));
    this.#outputs = network.outputs.map(({ population }) => population);
  }

  remove(relay: number): void {
    const incoming = this.#projections.filter(({ post }) => post === relay);
    const outgoing = this.#projections.filter(({ pre }) => pre === relay);
    const stays = this.#kept.has(relay) && !this.#becomesItsSource(relay, incoming);
    if (stays && outgoing.length === 0) return;
    this.#changed = true;
    if (!stays) this.#removed.add(relay);
    const paths = outgoing.flatMap((second) => {
      this.#pushBias(relay, second);
      return incoming.map((first) => this.#join(first, second));
    });
    this.#projections = [
      ...this.#projections.filter(({ pre, post }) => pre !== relay && (stays || post !== relay)),
      ...paths,
    ];
  }

  /** An output that only repeats neurons: its port moves to them. */
  #becomesItsSource(relay: number, incoming: readonly Projection[]): boolean {
    const { quiet, arrived } = this.#bias[relay];
    const silent = arrived === undefined && (quiet === undefined || quiet.every((value) => value === 0));
    const source = silent ? repeatedNeurons(this.#network, incoming) : undefined;
    if (source === undefined) return false;
    this.#outputs.forEach((population, o) => {
      if (population === relay) this.#outputs[o] = source;
    });
    return true;
  }

  #join(first: Projection, second: Projection): Projection {
    const { populations } = this.#network;
    const connectivity = compose(first.connectivity, second.connectivity);
    const layers = [first.layer, second.layer].filter((layer) => layer !== undefined);
    const [layer] = layers.length === 1 ? layers : [];
    const name = layer?.node ?? `${populations[first.pre].name}->${populations[second.post].name}`;
    this.#noteGrowth(name, first, second, synapseCount(connectivity));
    return {
      name,
      pre: first.pre,
      post: second.post,
      connectivity,
      weightScale: first.weightScale * second.weightScale,
      delaySteps: first.delaySteps + second.delaySteps,
      ...(layer === undefined ? {} : { layer }),
    };
  }

  #noteGrowth(projection: string, first: Projection, second: Projection, synapsesAfter: number): void {
    const synapsesBefore = synapseCount(first.connectivity) + synapseCount(second.connectivity);
    if (synapsesAfter <= GROWTH_FACTOR * synapsesBefore) return;
    if (synapsesAfter - synapsesBefore <= GROWTH_SYNAPSES) return;
    this.#context.sink.report(foldGrowth({ projection, synapsesBefore, synapsesAfter }));
  }

  /** Lets the relay's bias act behind `second` as the relay would have sent it. */
  #pushBias(relay: number, second: Projection): void {
    const { quiet, arrived } = this.#bias[relay];
    const into = this.#bias[second.post];
    const { delaySteps } = second;
    if (delaySteps === 0) {
      into.quiet = added(into.quiet, quiet, second);
      into.arrived = added(into.arrived, arrived, second);
      return;
    }
    const late = second.beforeStart === "zeros-through" ? [arrived] : [quiet, arrived];
    const { populations } = this.#network;
    if (late.some((values) => values !== undefined && moves(values, second))) {
      const [from, to] = [populations[relay].name, populations[second.post].name];
      this.#context.sink.report(lateBias({ population: to, relay: from, steps: delaySteps }));
    }
    into.arrived = added(added(into.arrived, quiet, second), arrived, second);
  }

  result(): Network {
    const { populations, outputs, inputs } = this.#network;
    const projections = this.#withoutEmpty(mergeParallel(this.#projections, populations));
    if (!this.#changed && projections === this.#network.projections) return this.#network;
    const newIndex = new Int32Array(populations.length).fill(-1);
    const left: Population[] = [];
    populations.forEach((population, p) => {
      if (this.#removed.has(p)) return;
      newIndex[p] = left.length;
      left.push(this.#withBias(population, p));
    });
    return {
      ...this.#network,
      populations: left,
      projections: withUniqueNames(projections).map((projection) => ({
        ...projection,
        pre: newIndex[projection.pre],
        post: newIndex[projection.post],
      })),
      inputs: inputs.map((port) => ({ ...port, population: newIndex[port.population] })),
      outputs: outputs.map((port, o) => ({ ...port, population: newIndex[this.#outputs[o]] })),
    };
  }

  #withoutEmpty(projections: readonly Projection[]): readonly Projection[] {
    const { populations } = this.#network;
    const left = projections.filter(({ name, pre, post, connectivity }) => {
      if (carriesAnything(connectivity)) return true;
      const facts = { projection: name, pre: populations[pre].name, post: populations[post].name };
      this.#context.sink.report(disconnected(facts));
      return false;
    });
    return left.length === projections.length ? projections : left;
  }

  #withBias(population: Population, index: number): Population {
    const { quiet, arrived } = this.#bias[index];
    const old = population.bias;
    if (arrived === undefined && (quiet === undefined || quiet === old || isSpread(quiet, old)))
      return population;
    const bias = arrived === undefined ? quiet! : sum(quiet, arrived);
    return { ...population, bias };
  }
}

/** A layer that feeds several populations gives its name to several projections: "fc", "fc#2", ... */
function withUniqueNames(projections: readonly Projection[]): Projection[] {
  const taken = new Map<string, number>();
  return projections.map((projection) => {
    const times = (taken.get(projection.name) ?? 0) + 1;
    taken.set(projection.name, times);
    return times === 1 ? projection : { ...projection, name: `${projection.name}#${times}` };
  });
}

/** Folding is worth a note when it makes more than this many times the synapses, and this many more. */
const GROWTH_FACTOR = 4;
const GROWTH_SYNAPSES = 1e6;

function isSpread(quiet: Float64Array, bias: Float64Array | undefined): boolean {
  return bias?.length === 1 && quiet.every((value) => value === bias[0]);
}

/** `sum` plus what `values` give through the projection; the arrays handed in stay as they are. */
function added(
  sum: Float64Array | undefined,
  values: Float64Array | undefined,
  { connectivity, weightScale }: Projection,
): Float64Array | undefined {
  if (values === undefined) return sum;
  const result = sum?.slice() ?? new Float64Array(connectivity.cols);
  propagate(
    connectivity,
    values.map((value) => value * weightScale),
    result,
  );
  return result;
}

function sum(a: Float64Array | undefined, b: Float64Array): Float64Array {
  return a === undefined ? b : a.map((value, i) => value + b[i]);
}

function moves(values: Float64Array, projection: Projection): boolean {
  return added(undefined, values, projection)!.some((value) => value !== 0);
}
