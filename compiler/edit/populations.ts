import { expand } from "#ir/connectivity";
import type { Network, Population, Projection } from "#ir/network";
import type { DiagnosticSink } from "#util/diagnostic";
import { channelsOutOfRange, fixedPopulation, partsOutOfRange, unknownPopulation } from "./diagnostics.ts";
import type { ChannelsEdit, SplitEdit } from "./edits.ts";
import { channelsOf, selectChannels, selectSide } from "./select.ts";

/**
 * Removes the weakest channels of populations: those with the smallest sum of squared weights in and out. What is left
 * computes what it did, but for what the others sent it.
 */
export function keepChannels(
  network: Network,
  edits: readonly ChannelsEdit[],
  sink: DiagnosticSink,
): Network {
  let current = network;
  for (const { population: name, channels } of edits) {
    const p = changeable(current, name, sink);
    if (p === undefined) continue;
    const { count } = channelsOf(current.populations[p]);
    if (!(Number.isInteger(channels) && channels >= 1 && channels <= count)) {
      sink.report(channelsOutOfRange({ population: name, channels, has: count }));
      continue;
    }
    if (channels < count) current = partsOf(current, p, [strongest(current, p, channels)], [name]);
  }
  return current;
}

/**
 * Cuts populations into several, by channels: every neuron keeps its synapses, so the network does exactly the same. The
 * parts are called `name.1`, `name.2` and so on.
 */
export function splitPopulations(
  network: Network,
  edits: readonly SplitEdit[],
  sink: DiagnosticSink,
): Network {
  let current = network;
  for (const { population: name, parts } of edits) {
    const p = changeable(current, name, sink);
    if (p === undefined) continue;
    const { count } = channelsOf(current.populations[p]);
    if (!(Number.isInteger(parts) && parts >= 2 && parts <= count)) {
      sink.report(partsOutOfRange({ population: name, parts, channels: count }));
      continue;
    }
    const edge = (part: number): number => Math.floor((part * count) / parts);
    const kept = Array.from({ length: parts }, (_, part) =>
      Array.from({ length: edge(part + 1) - edge(part) }, (_, k) => edge(part) + k),
    );
    current = partsOf(
      current,
      p,
      kept,
      kept.map((_, part) => `${name}.${part + 1}`),
    );
  }
  return current;
}

/** The population of that name, if anything but the rest of the network depends on its size. */
function changeable(network: Network, name: string, sink: DiagnosticSink): number | undefined {
  const p = network.populations.findIndex((population) => population.name === name);
  const isInput = p >= 0 && network.populations[p].model === "input";
  const isPort = [...network.inputs, ...network.outputs].some(({ population }) => population === p);
  if (p >= 0 && !isInput && !isPort) return p;
  const known = changeableNames(network);
  sink.report(
    p < 0
      ? unknownPopulation({ population: name, known })
      : fixedPopulation({
          population: name,
          why: isInput
            ? "it is an input, whose width is that of the data"
            : "it is read out or driven from outside",
        }),
  );
  return undefined;
}

/** Populations that may be split or lose channels. */
export function changeableNames({ populations, inputs, outputs }: Network): string[] {
  const ports = new Set([...inputs, ...outputs].map(({ population }) => population));
  return populations.flatMap(({ name, model }, p) => (model === "input" || ports.has(p) ? [] : [name]));
}

/** The channels with the largest weights in and out, ascending; of equals the first. */
function strongest(network: Network, p: number, channels: number): number[] {
  const { count, elements } = channelsOf(network.populations[p]);
  const power = new Float64Array(count);
  for (const { pre, post, connectivity, weightScale } of network.projections) {
    if (pre !== p && post !== p) continue;
    const { rows, rowStart, colIndex, values } = expand(connectivity);
    for (let r = 0; r < rows; r++)
      for (let i = rowStart[r]; i < rowStart[r + 1]; i++) {
        const part = (values[i] * weightScale) ** 2;
        if (pre === p) power[Math.floor(r / elements)] += part;
        if (post === p) power[Math.floor(colIndex[i] / elements)] += part;
      }
  }
  return Array.from(power.keys())
    .sort((a, b) => power[b] - power[a] || a - b)
    .slice(0, channels)
    .sort((a, b) => a - b);
}

/** Puts parts of a population in its place; what went in and out of it goes in and out of each part. */
function partsOf(
  network: Network,
  p: number,
  kept: readonly (readonly number[])[],
  names: readonly string[],
): Network {
  const whole = network.populations[p];
  const channels = channelsOf(whole);
  const parts = kept.map((list, part) => selectChannels(whole, list, names[part]));
  const populations: Population[] = network.populations.flatMap((population, index) =>
    index === p ? parts : [population],
  );
  const moved = (index: number): number => (index > p ? index + parts.length - 1 : index);
  const suffix = (part: number): string => (parts.length === 1 ? "" : `.${part + 1}`);
  const projections = network.projections.flatMap((projection): Projection[] => {
    const { pre, post, connectivity, name } = projection;
    const ends = (side: number): number[] => (side === p ? kept.map((_, part) => part) : [-1]);
    return ends(pre).flatMap((from) =>
      ends(post).map((to): Projection => {
        const sent = from < 0 ? connectivity : selectSide(connectivity, "pre", kept[from], channels);
        const received = to < 0 ? sent : selectSide(sent, "post", kept[to], channels);
        return {
          ...projection,
          name: `${name}${from < 0 ? "" : suffix(from)}${to < 0 ? "" : suffix(to)}`,
          pre: from < 0 ? moved(pre) : p + from,
          post: to < 0 ? moved(post) : p + to,
          connectivity: received,
        };
      }),
    );
  });
  const port = <P extends { readonly population: number }>(given: P): P => ({
    ...given,
    population: moved(given.population),
  });
  return {
    ...network,
    populations,
    projections,
    inputs: network.inputs.map(port),
    outputs: network.outputs.map(port),
  };
}
