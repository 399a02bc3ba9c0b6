import type { Slice } from "#ir/block-graph";
import type { Network, Population, Projection } from "#ir/network";
import { sparseFromTriplets } from "#ir/sparse";
import { invariant } from "#util/diagnostic";
import type { Workload } from "../encode/workload.ts";
import type { Piece } from "./destinations.ts";
import { relayPopulation, RELAY_WEIGHT } from "./relay-neuron.ts";
import { splitterCores, type Splitters } from "./splitters.ts";

/** How many neurons have to send what one of the model sends, so that each of them reaches one place. */
export interface FanOut {
  /** `[size]` by population: the neuron itself and its copies. At least 1. */
  readonly instances: readonly Uint32Array[];
  /** By population; undefined: its neurons reach their targets themselves. */
  readonly splitters: readonly (Splitters | undefined)[];
}

/** A population of the new network that sends for one of the old. */
interface Sender {
  readonly population: number;
  readonly row: number;
}

/** Synapses of a new projection under construction. */
interface Draft {
  readonly projection: number;
  readonly pre: number;
  readonly post: number;
  readonly row: number[];
  readonly col: number[];
  readonly value: number[];
}

/**
 * The network in which every neuron reaches one input axon at most. It does the same: copies have the parameters and the
 * inputs of their originals, relays repeat a spike a step later. Populations of the old network keep their numbers, their ports
 * and their neurons; copies and relays come after them. Delays say what they did, less the step of a relay; they are to be
 * aligned afterwards.
 *
 * @param pieces of the old network, whose input axons are what has to be reached
 * @returns the slices of all cores: those of the pieces with their copies, then the splitters
 */
export function buildStandIns(
  workload: Workload,
  pieces: readonly Piece[],
  fanOut: FanOut,
): { network: Network; slices: Slice[][] } {
  const { network } = workload;
  const populations: Population[] = [...network.populations];
  const copies = network.populations.map((population, p) => {
    const start = copyStarts(fanOut.instances[p]);
    if (start[population.size] === 0) return { index: -1, start };
    populations.push(copyPopulation(population, p, start));
    return { index: populations.length - 1, start };
  });
  const relays = network.populations.map((population, p) => {
    const plan = fanOut.splitters[p];
    if (plan === undefined || plan.coreOf.length === 0) return -1;
    populations.push(relayPopulation(population, p, plan.neuron));
    return populations.length - 1;
  });

  const drafts = new Map<string, Draft>();
  const draft = (projection: number, pre: number, post: number): Draft => {
    const key = `${projection} ${pre} ${post}`;
    let known = drafts.get(key);
    if (known === undefined)
      drafts.set(key, (known = { projection, pre, post, row: [], col: [], value: [] }));
    return known;
  };
  const used = network.populations.map(({ size }) => new Uint32Array(size));
  /** Who sends to the next place that a neuron has to reach. */
  const nextSender = (population: number, neuron: number): Sender => {
    if (!workload.mapped[population]) return { population, row: neuron };
    const place = used[population][neuron]++;
    const plan = fanOut.splitters[population];
    if (plan !== undefined && plan.start[neuron + 1] > plan.start[neuron])
      return { population: relays[population], row: plan.start[neuron] + place };
    return instanceOf(population, neuron, place);
  };
  const instanceOf = (population: number, neuron: number, place: number): Sender =>
    place === 0
      ? { population, row: neuron }
      : { population: copies[population].index, row: copies[population].start[neuron] + place - 1 };

  for (const { slices, lists } of pieces) {
    const owners = ownersOf(slices);
    for (let axon = 0; axon < lists.sourceNeuron.length; axon++) {
      const sender = nextSender(lists.sourcePopulation[axon], lists.sourceNeuron[axon]);
      for (let part = lists.partStart[axon]; part < lists.partStart[axon + 1]; part++) {
        const projection = lists.partProjection[part];
        for (let i = lists.entryStart[part]; i < lists.entryStart[part + 1]; i++) {
          const { population, neuron } = owners(lists.target[i]);
          const add = (post: number, col: number): void => {
            const { row, col: cols, value } = draft(projection, sender.population, post);
            row.push(sender.row);
            cols.push(col);
            value.push(lists.weight[i]);
          };
          add(population, neuron);
          const { index, start } = copies[population];
          for (let copy = start[neuron]; copy < start[neuron + 1]; copy++) add(index, copy);
        }
      }
    }
  }

  const slices: Slice[][] = pieces.map((piece) => [...piece.slices, ...copySlices(piece.slices, copies)]);
  const toRelays: Projection[] = [];
  fanOut.splitters.forEach((plan, p) => {
    if (plan === undefined || relays[p] < 0) return;
    slices.push(...relaySlices(plan, relays[p]));
    toRelays.push(
      ...relayInputs(populations, plan, relays[p], (neuron, place) => instanceOf(p, neuron, place)),
    );
  });
  const silent = network.projections.filter(
    ({ pre }) => !workload.mapped[pre] && !network.inputs.some(({ population }) => population === pre),
  );
  const projections = [...drafts.values()]
    .sort((a, b) => a.projection - b.projection || a.pre - b.pre || a.post - b.post)
    .map((one) => projectionOf(network, populations, one, relays));
  return {
    network: { ...network, populations, projections: [...projections, ...toRelays, ...silent] },
    slices,
  };
}

/** `[size + 1]`: copies of neuron n are start[n] .. start[n + 1]. */
function copyStarts(instances: Uint32Array): Uint32Array {
  const start = new Uint32Array(instances.length + 1);
  instances.forEach((count, n) => (start[n + 1] = start[n] + count - 1));
  return start;
}

function copyPopulation(population: Population, index: number, start: Uint32Array): Population {
  const size = start[population.size];
  const neuron = new Uint32Array(size);
  for (let n = 0; n < population.size; n++) neuron.fill(n, start[n], start[n + 1]);
  const pick = (values: Float64Array): Float64Array =>
    values.length === 1 ? values : Float64Array.from(neuron, (n) => values[n]);
  const { params, bias, membraneQuantum } = population;
  return {
    ...population,
    name: `${population.name}.copy`,
    shape: [size],
    size,
    params: Object.fromEntries(Object.entries(params).map(([key, values]) => [key, pick(values)])),
    ...(bias !== undefined && { bias: pick(bias) }),
    ...(membraneQuantum !== undefined && { membraneQuantum: pick(membraneQuantum) }),
    standsFor: { kind: "copy", population: index, neuron },
  };
}

/** Who is on each compartment of a core. */
function ownersOf(slices: readonly Slice[]): (compartment: number) => { population: number; neuron: number } {
  const starts: number[] = [];
  let compartments = 0;
  for (const { begin, end } of slices) {
    starts.push(compartments);
    compartments += end - begin;
  }
  return (compartment) => {
    let s = starts.length - 1;
    while (starts[s] > compartment) s--;
    return { population: slices[s].population, neuron: slices[s].begin + compartment - starts[s] };
  };
}

function copySlices(
  slices: readonly Slice[],
  copies: readonly { readonly index: number; readonly start: Uint32Array }[],
): Slice[] {
  return slices.flatMap(({ population, begin, end }) => {
    const { index, start } = copies[population];
    return start[end] > start[begin] ? [{ population: index, begin: start[begin], end: start[end] }] : [];
  });
}

function relaySlices(plan: Splitters, population: number): Slice[][] {
  const slices: Slice[][] = [];
  let begin = 0;
  for (let core = 0; core < splitterCores(plan); core++) {
    let end = begin;
    while (end < plan.coreOf.length && plan.coreOf[end] === core) end++;
    slices.push([{ population, begin, end }]);
    begin = end;
  }
  return slices;
}

/** Synapses onto the relays of a population: from the neuron itself on the first of its splitters, from a copy on each other. */
function relayInputs(
  populations: readonly Population[],
  plan: Splitters,
  relay: number,
  instanceOf: (neuron: number, place: number) => Sender,
): Projection[] {
  const bySender = new Map<number, Draft>();
  plan.neuron.forEach((neuron, r) => {
    const place = plan.coreOf[r] - plan.coreOf[plan.start[neuron]];
    const sender = instanceOf(neuron, place);
    let draft = bySender.get(sender.population);
    if (draft === undefined)
      bySender.set(
        sender.population,
        (draft = { projection: -1, pre: sender.population, post: relay, row: [], col: [], value: [] }),
      );
    draft.row.push(sender.row);
    draft.col.push(r);
    draft.value.push(RELAY_WEIGHT.weight);
  });
  return [...bySender.values()].map(({ pre, post, row, col, value }) => ({
    name: `${populations[pre].name} -> ${populations[post].name}`,
    pre,
    post,
    connectivity: sparseFromTriplets(populations[pre].size, populations[post].size, { row, col, value }),
    weightScale: 1,
    delaySteps: 1,
    quantization: RELAY_WEIGHT.quantization,
  }));
}

function projectionOf(
  network: Network,
  populations: readonly Population[],
  { projection, pre, post, row, col, value }: Draft,
  relays: readonly number[],
): Projection {
  const model = network.projections[projection];
  const [from, to] = [populations[pre], populations[post]];
  const isRelayed = relays.includes(pre);
  const isOwn = pre === model.pre && post === model.post;
  invariant(model.delaySteps >= 1, "delays are aligned before neurons are copied");
  return {
    ...model,
    name: isOwn ? model.name : `${model.name} (${from.name} -> ${to.name})`,
    pre,
    post,
    connectivity: sparseFromTriplets(from.size, to.size, { row, col, value }),
    delaySteps: isRelayed ? model.delaySteps - 1 : model.delaySteps,
  };
}
