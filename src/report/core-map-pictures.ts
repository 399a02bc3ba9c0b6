// Pictures of maps of both kinds: of bare connectivity, and of deployments.
import { sourcesOf } from "#formats/deployment-view";
import { storedWords, type CoreProgram, type Deployment } from "#ir/deployment";
import { tileOf, type Target } from "#targets/target";
import { formatCount, formatShare } from "#util/units";
import type { CoreMapPicture, PanelTitle, PicturedLink } from "./core-map-svg.ts";
import { MAP_RESOURCES, type LinkSection, type MapReport, type MapResource } from "./map-report.ts";
import { RESOURCE_TEXT } from "./words.ts";

export function mapPicture(report: MapReport): CoreMapPicture {
  const { name, graph, core, partition, placement, cores, links } = report;
  const { limits } = core;
  return {
    title: `${name} on ${formatCount(partition.cores)} cores like ${core.name}`,
    subtitle: `${formatCount(graph.neurons)} neurons, ${formatCount(graph.synapses)} synapses; ${short(partition.cutSpikes)} spikes between cores, ${placement.meanHops.toFixed(2)} hops on average`,
    columns: placement.columns,
    rows: placement.rows,
    coresPerRouter: 1,
    cores: cores.map((each) => ({
      name: `core ${each.core} at ${each.x}, ${each.y}`,
      x: each.x,
      y: each.y,
      place: 0,
      shares: MAP_RESOURCES.map((resource) => shareOf(each[resource], limits[resource])),
      texts: MAP_RESOURCES.map((resource) => useText(resource, each[resource], limits[resource])),
    })),
    resources: MAP_RESOURCES.map((resource) =>
      panelOf(
        resource,
        cores.map((each) => each[resource]),
        limits[resource],
      ),
    ),
    links: linksPanel("spikes", links),
  };
}

/** Links are as busy as if every neuron and every input line fired once; ways from outside the chip are not drawn. */
export function deploymentPicture(deployment: Deployment, target: Target): CoreMapPicture {
  const { columns, rows, coresPerTile } = target.mesh;
  const used: Readonly<Record<MapResource, (program: CoreProgram) => number>> = {
    neurons: ({ neurons }) => neurons,
    synapseWords: storedWords,
    axonsIn: ({ axonWords }) => axonWords.length,
    axonsOut: ({ routeCore }) => routeCore.length,
  };
  const limitOf = (resource: MapResource): number | null => target.walls[resource]?.value ?? null;
  const { cores, chips } = deployment;
  return {
    title: `${deployment.network} on ${formatCount(cores.length)} cores of ${deployment.target}`,
    subtitle: `${formatCount(cores.reduce((sum, { neurons }) => sum + neurons, 0))} neurons, ${formatCount(cores.reduce((sum, program) => sum + program.target.length, 0))} synapses${chips > 1 ? `; ${chips} chips, from left to right` : ""}`,
    columns: chips * columns,
    rows,
    coresPerRouter: coresPerTile,
    cores: cores.map((program) => {
      const { chip, x, y } = tileOf(target, program.core);
      return {
        name: `core ${program.core}`,
        x: chip * columns + x,
        y,
        place: program.core % coresPerTile,
        shares: MAP_RESOURCES.map((resource) => shareOf(used[resource](program), limitOf(resource))),
        texts: MAP_RESOURCES.map((resource) => useText(resource, used[resource](program), limitOf(resource))),
      };
    }),
    resources: MAP_RESOURCES.map((resource) =>
      panelOf(resource, cores.map(used[resource]), limitOf(resource)),
    ),
    links: linksPanel("messages if every neuron fires once", routeLinks(deployment, target)),
  };
}

const shareOf = (used: number, limit: number | null): number | null => (limit === null ? null : used / limit);

function useText(resource: MapResource, used: number, limit: number | null): string {
  const share = limit === null ? "" : ` of ${formatCount(limit)} (${formatShare(used / limit)})`;
  return `${formatCount(used)}${share} ${RESOURCE_TEXT[resource]}`;
}

function panelOf(resource: MapResource, used: readonly number[], limit: number | null): PanelTitle {
  const mean = used.reduce((a, b) => a + b, 0) / Math.max(1, used.length);
  const worst = used.reduce((a, b) => Math.max(a, b), 0);
  const over = limit === null ? 0 : used.filter((value) => value > limit).length;
  const words = (value: number): string =>
    limit === null ? formatCount(Math.round(value)) : formatShare(value / limit);
  const name = RESOURCE_TEXT[resource];
  return {
    title: `${name[0].toUpperCase()}${name.slice(1)}${limit === null ? "" : ` (${formatCount(limit)} a core)`}`,
    note: `mean ${words(mean)}, worst ${words(worst)}${over === 0 ? "" : `, ${over} cores over`}`,
  };
}

function linksPanel(
  unit: string,
  links: readonly Pick<LinkSection, "x" | "y" | "to" | "unicast">[],
): CoreMapPicture["links"] {
  const busiest = links.reduce((most, { unicast }) => Math.max(most, unicast), 0);
  const mean = links.reduce((sum, { unicast }) => sum + unicast, 0) / Math.max(1, links.length);
  const list = links.map(({ x, y, to, unicast }): PicturedLink => ({
    x,
    y,
    to,
    load: unicast,
    text: `from ${x}, ${y} to ${to}: ${formatCount(Math.round(unicast))} ${unit}`,
  }));
  return {
    title: `Links (${unit})`,
    note: `busiest ${short(busiest)}, mean of those in use ${short(mean)}`,
    list,
  };
}

/** Messages over every link, ways along the row first, then along the column. */
function routeLinks(deployment: Deployment, target: Target): LinkSection[] {
  const { columns } = target.mesh;
  const byLink = new Map<string, { x: number; y: number; to: LinkSection["to"]; unicast: number }>();
  const place = (core: number): [number, number] => {
    const { chip, x, y } = tileOf(target, core);
    return [chip * columns + x, y];
  };
  const pass = (x: number, y: number, to: LinkSection["to"]): void => {
    const key = `${x} ${y} ${to}`;
    const known = byLink.get(key);
    if (known === undefined) byLink.set(key, { x, y, to, unicast: 1 });
    else known.unicast++;
  };
  for (const { at, routes } of sourcesOf(deployment)) {
    if (at === undefined) continue;
    for (const { core } of routes) {
      let [x, y] = place(at.core);
      const [toX, toY] = place(core);
      for (; x !== toX; x += x < toX ? 1 : -1) pass(x, y, x < toX ? "+x" : "-x");
      for (; y !== toY; y += y < toY ? 1 : -1) pass(x, y, y < toY ? "+y" : "-y");
    }
  }
  return [...byLink.values()].map((link) => ({ ...link, tree: link.unicast }));
}

/** Three significant digits: `53.6 k`. */
function short(value: number): string {
  if (value < 1000) return formatCount(Math.round(value));
  const [unit, factor] = value < 1e6 ? ["k", 1e3] : value < 1e9 ? ["M", 1e6] : ["G", 1e9];
  return `${(value / Number(factor)).toPrecision(3)} ${unit}`;
}
