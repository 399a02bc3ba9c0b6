import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Target } from "#targets/target";
import { ENTRY_ACTION } from "./entry-actions.ts";
import { hopsOf } from "./hops.ts";
import { ACTIONS, COLUMN, type Action, type RunResult } from "./result.ts";
import { linkLoads, type Flow, type LinkLoad } from "./timing/noc/links.ts";

/**
 * Who caused what a run counted. Every column of `RunResult.counts` is shared out without rest: over populations, and
 * hops also over links.
 */
export interface Attribution {
  /**
   * `[populations, ACTIONS.length]`. A population is charged with what its neurons do and send; the receiving one with
   * messages in, words and synaptic operations; input populations with the messages of the host.
   */
  readonly populationCounts: Float64Array;
  /** Links that messages crossed, from west to east; each message counts on its own, as the run counts hops. */
  readonly links: readonly LinkUse[];
}

export interface LinkUse extends LinkLoad {
  /** The hop that a message on it counts as. */
  readonly action: Action;
}

/**
 * Shares the counts of a run out over populations and links. All of them are spikes times tables of the deployment, so
 * nothing has to be recorded during the run but the spikes of each neuron.
 *
 * @returns undefined for a result that does not have them (`RunResult.spikesOf`, `updatesOf`)
 */
export function attributeRun(
  run: RunResult,
  deployment: Deployment,
  target: Target,
): Attribution | undefined {
  const { spikesOf, updatesOf } = run;
  if (spikesOf === undefined || updatesOf === undefined) return undefined;
  const { populations, cores, inputs } = deployment;
  const counts = new Float64Array(populations.length * ACTIONS.length);
  const add = (population: number, action: Action, count: number): void => {
    counts[population * ACTIONS.length + COLUMN[action]] += count;
  };
  const rowOf = new Map(cores.map(({ core }, row) => [core, row]));
  const fired = spikesOfCompartments(deployment, spikesOf, rowOf);
  /** `[rows][axons]`, messages of the run. */
  const arrived = cores.map(({ axonWords }) => new Float64Array(axonWords.length));

  const flows: Flow[] = [];
  const chipSteps = run.steps * run.samples;
  const isInput = new Set<number>();
  cores.forEach((program, row) => {
    for (const { population, model, begin, end } of program.groups) {
      const sends = model === "input";
      if (sends) isInput.add(population);
      add(population, sends ? "inputAccess" : "neuronAccess", (end - begin) * chipSteps);
      const sent = new Float64Array(cores.length);
      for (let n = begin; n < end; n++) {
        const spikes = fired[row][n];
        if (spikes === 0) continue;
        add(population, sends ? "inputSpike" : "spikeOut", spikes);
        for (let r = program.routeStart[n]; r < program.routeStart[n + 1]; r++) {
          const to = rowOf.get(program.routeCore[r])!;
          sent[to] += spikes;
          arrived[to][program.routeAxon[r]] += spikes;
        }
      }
      sent.forEach((messages, to) => {
        if (messages === 0) return;
        add(population, "messageOut", messages);
        flows.push({ from: program.core, to: [cores[to].core], messages });
        for (const [action, hops] of hopsOf(target, program.core, cores[to].core))
          add(population, action, messages * hops);
      });
    }
  });
  updatesOf.forEach((updates, population) =>
    add(population, isInput.has(population) ? "inputUpdate" : "neuronUpdate", updates),
  );

  for (const { population, routeStart, routeCore, routeAxon } of inputs) {
    if (isInput.has(population)) continue;
    for (let line = 0; line + 1 < routeStart.length; line++) {
      for (let r = routeStart[line]; r < routeStart[line + 1]; r++) {
        const messages = spikesOf[population][line];
        add(population, "inputMessage", messages);
        arrived[rowOf.get(routeCore[r])!][routeAxon[r]] += messages;
      }
    }
  }
  cores.forEach((program, row) => addArrivals(program, arrived[row], counts));

  return { populationCounts: counts, links: linksOf(target, flows) };
}

const LINK_ACTION: Readonly<Record<LinkLoad["direction"], readonly [byAxis: Action, byDirection: Action]>> = {
  east: ["hopEastWest", "hopEast"],
  west: ["hopEastWest", "hopWest"],
  north: ["hopNorthSouth", "hopNorth"],
  south: ["hopNorthSouth", "hopSouth"],
};

function linksOf(target: Target, flows: readonly Flow[]): LinkUse[] {
  // Copies of one packet share links of a multicast mesh, but the run counts, and prices, a hop for each.
  const unicast: Target = { ...target };
  delete (unicast as { noc?: unknown }).noc;
  const isDirected = target.mesh.hopClasses === "directions";
  return linkLoads(unicast, flows).links.map((link) => ({
    ...link,
    action: link.chip === link.toChip ? LINK_ACTION[link.direction][isDirected ? 1 : 0] : "hopChip",
  }));
}

/**
 * What messages cause at their receiver. A synaptic operation belongs to the population of its target. A list that
 * serves several populations shares its words, and each message, by their numbers of entries, in whole numbers.
 */
function addArrivals(program: CoreProgram, arrived: Float64Array, counts: Float64Array): void {
  const { groups, axonStart, axonWords, target, format, formats } = program;
  const width = ACTIONS.length;
  const owner = new Uint32Array(program.neurons);
  for (const { population, begin, end } of groups) owner.fill(population, begin, end);
  const columns = formats.map(({ encoding }) => COLUMN[ENTRY_ACTION[encoding]]);
  const entries = new Float64Array(counts.length / width);
  arrived.forEach((messages, axon) => {
    if (messages === 0) return;
    entries.fill(0);
    for (let e = axonStart[axon]; e < axonStart[axon + 1]; e++) {
      const population = owner[target[e]];
      entries[population]++;
      counts[population * width + columns[format[e]]] += messages;
    }
    if (axonStart[axon] === axonStart[axon + 1]) entries[groups[0].population] = 1;
    const give = (action: Action, each: number): void =>
      apportion(each, entries, (population, share) => {
        counts[population * width + COLUMN[action]] += share * messages;
      });
    give("messageIn", 1);
    give("synapseWordRead", axonWords[axon]);
  });
}

/** Shares a whole number out by weight, in whole numbers: rounded down, and the rest to the largest remainders. */
export function apportion(
  total: number,
  weights: Float64Array,
  give: (index: number, share: number) => void,
): void {
  const sum = weights.reduce((a, b) => a + b, 0);
  let rest = total;
  const parts: { index: number; share: number; remainder: number }[] = [];
  weights.forEach((weight, index) => {
    if (weight === 0) return;
    const share = Math.floor((total * weight) / sum);
    rest -= share;
    parts.push({ index, share, remainder: total * weight - share * sum });
  });
  // Sorting is stable: of equals, the first.
  parts
    .toSorted((a, b) => b.remainder - a.remainder)
    .forEach(({ index, share }, rank) => give(index, share + (rank < rest ? 1 : 0)));
}

/** `[rows][neurons]`. */
function spikesOfCompartments(
  { populations, cores }: Deployment,
  spikesOf: readonly Float64Array[],
  rowOf: ReadonlyMap<number, number>,
): Float64Array[] {
  const fired = cores.map(({ neurons }) => new Float64Array(neurons));
  populations.forEach(({ core, compartment }, population) => {
    core.forEach((id, i) => (fired[rowOf.get(id)!][compartment[i]] = spikesOf[population][i]));
  });
  return fired;
}
