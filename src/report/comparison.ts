// Two maps side by side.
import { storedWords, type Deployment } from "#ir/deployment";
import { routeHops } from "#targets/route";
import type { Target } from "#targets/target";
import { formatCount } from "#util/units";
import { sourcesOf } from "#formats/deployment-view";
import type { MapReport } from "./map-report.ts";
import { textTable } from "./text-table.ts";
import { RESOURCE_TEXT } from "./words.ts";

/** What `spinec compare` has to say. */
export interface Comparison {
  readonly schema: "spinec/compare/1";
  readonly kind: "maps" | "deployments";
  readonly names: readonly [string, string];
  readonly rows: readonly ComparedValue[];
}

export interface ComparedValue {
  readonly what: string;
  /** Null where one of them has no such value. */
  readonly values: readonly [number | null, number | null];
  /** Second / first. */
  readonly ratio: number | null;
}

type Values = Readonly<Record<string, number>>;

export function compareMaps(
  names: readonly [string, string],
  maps: readonly [MapReport, MapReport],
): Comparison {
  return comparisonOf("maps", names, mapValues(maps[0]), mapValues(maps[1]));
}

export interface DeployedMap {
  readonly deployment: Deployment;
  /** Where it is known: hops need its mesh. */
  readonly target?: Target;
}

export function compareDeployments(
  names: readonly [string, string],
  maps: readonly [DeployedMap, DeployedMap],
): Comparison {
  return comparisonOf("deployments", names, deploymentValues(maps[0]), deploymentValues(maps[1]));
}

function comparisonOf(
  kind: Comparison["kind"],
  names: Comparison["names"],
  first: Values,
  second: Values,
): Comparison {
  const whats = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  const rows = whats.map((what): ComparedValue => {
    const a = first[what] ?? null;
    const b = second[what] ?? null;
    return { what, values: [a, b], ratio: a === null || b === null || a === 0 ? null : b / a };
  });
  return { schema: "spinec/compare/1", kind, names, rows };
}

function mapValues({ graph, partition, walls, placement, stages }: MapReport): Values {
  return {
    neurons: graph.neurons,
    synapses: graph.synapses,
    cores: partition.cores,
    connectivity: partition.connectivity,
    "cut spikes": partition.cutSpikes,
    "synaptic reuse": partition.synapticReuse,
    ...Object.fromEntries(
      walls.flatMap(({ resource, mean, worst, over }) => [
        [`${RESOURCE_TEXT[resource]}, mean of a core`, mean],
        [`${RESOURCE_TEXT[resource]}, worst core`, worst],
        [`${RESOURCE_TEXT[resource]}, cores over`, over],
      ]),
    ),
    "hops, a message to each core": placement.unicastHops,
    "hops, XY trees": placement.treeHops,
    "mean hops of a message": placement.meanHops,
    "busiest link": placement.busiestLink,
    "busiest link, XY trees": placement.busiestTreeLink,
    "CPU seconds": stages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  };
}

function deploymentValues({ deployment, target }: DeployedMap): Values {
  const { cores, chips } = deployment;
  const total = (of: (core: Deployment["cores"][number]) => number): number =>
    cores.reduce((sum, core) => sum + of(core), 0);
  const worst = (of: (core: Deployment["cores"][number]) => number): number =>
    cores.reduce((most, core) => Math.max(most, of(core)), 0);
  return {
    chips,
    cores: cores.length,
    neurons: total((core) => core.neurons),
    synapses: total((core) => core.target.length),
    "synapse words": total(storedWords),
    "synapse words, worst core": worst(storedWords),
    "input axons": total((core) => core.axonWords.length),
    "input axons, worst core": worst((core) => core.axonWords.length),
    "output axons": total((core) => core.routeCore.length),
    "output axons, worst core": worst((core) => core.routeCore.length),
    ...(target === undefined ? {} : hopValues(deployment, target)),
  };
}

/** As if every neuron fired once. */
function hopValues(deployment: Deployment, target: Target): Values {
  let hops = 0;
  let messages = 0;
  let borders = 0;
  for (const { at, routes } of sourcesOf(deployment)) {
    if (at === undefined) continue;
    for (const { core } of routes) {
      const { eastWest, northSouth, chips } = routeHops(target, at.core, core);
      hops += eastWest + northSouth + chips;
      borders += chips;
      messages++;
    }
  }
  return {
    "hops if every neuron fires once": hops,
    "mean hops of a message": messages === 0 ? 0 : hops / messages,
    "chip borders crossed": borders,
  };
}

export function comparisonText({ names, rows }: Comparison): string[] {
  const value = (number: number | null): string =>
    number === null ? "–" : formatCount(Math.abs(number) >= 1000 ? Math.round(number) : number);
  return textTable(
    [
      { heading: "" },
      { heading: names[0], align: "right" },
      { heading: names[1], align: "right" },
      { heading: "ratio", align: "right" },
    ],
    rows.map(({ what, values, ratio }) => [
      what,
      value(values[0]),
      value(values[1]),
      values[0] !== null && values[0] === values[1] ? "=" : ratio === null ? "" : ratio.toFixed(3),
    ]),
  );
}
