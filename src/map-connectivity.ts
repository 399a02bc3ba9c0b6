// `spinec map` as a function: bare connectivity onto cores and a mesh, with what it costs and how far it is from what is possible.
import { evaluatePartition } from "#compiler/hypergraph/evaluate";
import type { NamedCut } from "#compiler/hypergraph/choose-seed";
import { partitionGraph } from "#compiler/hypergraph/partition";
import { coreTraffic } from "#compiler/placement/core-traffic";
import { placementLowerBound } from "#compiler/placement/lower-bound";
import { meshMetrics } from "#compiler/placement/mesh-metrics";
import { placeCores, quickHops } from "#compiler/placement/place";
import type { PlacementObjective } from "#compiler/placement/problem";
import { squareMesh, type Sites } from "#compiler/placement/sites";
import type { CorePlaces } from "#formats/connectivity/placement";
import type { Partition } from "#formats/connectivity/partition";
import type { AxonGraph } from "#ir/axon-graph";
import {
  graphSection,
  linkSections,
  wallSections,
  type MapReport,
  type StageSection,
} from "#report/map-report";
import { RESOURCE_TEXT } from "#report/words";
import { invariant, ToolchainError, type DiagnosticSink } from "#util/diagnostic";
import { capacityOf, type CoreProfile } from "./core-profile.ts";
import { coreBoundsOf } from "./map-bounds.ts";
import {
  balancedPartition,
  linkPrices,
  mapStepCosts,
  stepTimeSection,
  type MapTiming,
} from "./map-step-time.ts";
import { tablesSection } from "./map-tables.ts";
import { coreOverWall, meshTooSmall } from "./map-diagnostics.ts";
import { layersOf } from "./map-layers.ts";
import { GENERATOR } from "./version.ts";

export interface ConnectivityMapOptions {
  /** What reports call it. */
  readonly name: string;
  readonly core: CoreProfile;
  readonly effort?: "fast" | "default" | "best";
  readonly seed?: number;
  /** Cores that are wanted; more are taken where so few do not do. */
  readonly cores?: number;
  /** Of every layer, where layers have places: channels, height, width. */
  readonly shapes?: readonly (readonly [number, number, number])[];
  /** What is made small: `step-time` the busiest core's work, then hops; all others are of the placement. */
  readonly objective?: MapObjective;
  /** Whose times and prices count: needed for `step-time` and `energy`. With `rateSteps`, the report says how long a step takes. */
  readonly timing?: MapTiming;
  /** Default: the smallest nearly square one. */
  readonly mesh?: { readonly columns: number; readonly rows: number };
  /** Also makes the tables of a multicast network: some seconds for large ones. */
  readonly tables?: boolean;
  /** First partitions made already, by `makeMapSeeds`, and what that took, in seconds of CPU time. */
  readonly seeds?: readonly NamedCut[];
  readonly seedSeconds?: number;
  /** Judged instead of found. */
  readonly partition?: Partition;
  /** The same, by core of the partition. */
  readonly placement?: CorePlaces;
  readonly onProgress?: (progress: MapProgress) => void;
  /** Asked often; once it says yes, the best legal map so far is what comes back. */
  readonly shouldStop?: () => boolean;
  /** CPU time of the process so far; default: the wall clock. */
  readonly cpuSeconds?: () => number;
}

export type MapObjective = PlacementObjective | "step-time";

export interface MapProgress {
  readonly stage: string;
  readonly cores?: number;
  readonly cutSpikes?: number;
  /** Of the placement, in the unit of its objective. */
  readonly cost?: number;
  readonly lowerBound?: number;
  /** Predicted, while steps are made shorter. */
  readonly stepNs?: number;
}

export interface ConnectivityMap {
  readonly report: MapReport;
  /** `[neurons]` */
  readonly coreOf: Uint16Array;
  readonly places: CorePlaces;
}

/**
 * Cuts a graph into pieces that fit a core under every wall, and puts these on a mesh; or judges what was given.
 * Same arguments and seed, same map (times apart).
 *
 * Throws `ToolchainError`. Walls that a given partition breaks are warnings in the sink.
 */
export function mapConnectivity(
  graph: AxonGraph,
  options: ConnectivityMapOptions,
  sink: DiagnosticSink,
): ConnectivityMap {
  const { name, core, effort = "default", seed = 1, objective = "hops", shouldStop, onProgress } = options;
  const cpuSeconds = options.cpuSeconds ?? (() => performance.now() / 1000);
  const capacity = capacityOf(core);
  const shapes = layersOf(options.shapes, graph.neurons);
  const { timing } = options;
  invariant(
    timing !== undefined || (objective !== "step-time" && objective !== "energy"),
    "an objective of times or prices comes with whose they are",
  );
  const isTimed = objective === "step-time" || timing?.rateSteps !== undefined;
  const costs = timing !== undefined && isTimed ? mapStepCosts(timing) : undefined;
  const prices = timing !== undefined && objective === "energy" ? linkPrices(timing) : undefined;
  const stages: StageSection[] = [];
  let { partition } = options;
  let beforeNs: number | undefined;
  if (partition === undefined) {
    const found = partitionGraph(graph, capacity, {
      effort,
      seed,
      ...(options.cores !== undefined && { cores: options.cores }),
      ...(shapes !== undefined && { shapes }),
      ...(onProgress !== undefined && {
        onProgress: (stage: string, state: { readonly cores: number; readonly cutSpikes: number }) => {
          onProgress({ stage, ...state });
        },
      }),
      ...(options.seeds !== undefined && { seeds: options.seeds }),
      clock: cpuSeconds,
      ...(shouldStop !== undefined && { shouldStop }),
      score: (coreOf, cores) => quickHops(coreTraffic(graph, coreOf, cores)),
      place: (coreOf, cores) => {
        const mesh = sitesOf(cores, options);
        const { siteOf } = placeCores(coreTraffic(graph, coreOf, cores), mesh, { seed, workShare: 0.3 });
        return {
          x: Array.from(siteOf, (site) => mesh.x[site]),
          y: Array.from(siteOf, (site) => mesh.y[site]),
        };
      },
    });
    const { coreOf, cores, history } = found;
    if (options.seedSeconds !== undefined)
      stages.push({ stage: "first partitions", cpuSeconds: options.seedSeconds });
    stages.push(...stagesOf(history));
    partition = { coreOf, cores, numberOf: Uint32Array.from({ length: cores }, (_, c) => c) };
    if (objective === "step-time" && costs !== undefined && found.isLegal) {
      const begin = cpuSeconds();
      const made = balancedPartition(graph, capacity, partition, costs, {
        maxCores: timing?.maxCores,
        effort,
        shouldStop,
        onProgress: ({ stage, stepNs, cores: used }) => {
          onProgress?.({ stage: `balance: ${stage}`, cores: used, stepNs });
        },
      });
      partition = made.partition;
      beforeNs = made.balanced.stepNsBefore;
      const { cutSpikes } = evaluatePartition(graph, partition.coreOf, capacity);
      stages.push({ stage: "balance", cpuSeconds: cpuSeconds() - begin, cores: partition.cores, cutSpikes });
    }
  }
  const { coreOf, cores, numberOf } = partition;

  const traffic = coreTraffic(graph, coreOf, cores);
  const sites = sitesOf(cores, options);
  const begin = cpuSeconds();
  const siteOf = options.placement
    ? siteNumbers(options.placement, sites)
    : placeCores(traffic, sites, {
        effort,
        seed,
        objective: objective === "step-time" ? "hops" : objective,
        ...(prices !== undefined && { prices }),
        ...(onProgress !== undefined && {
          onProgress: ({ stage, cost, lowerBound }) => {
            onProgress({ stage: `place: ${stage}`, cores, cost, lowerBound });
          },
        }),
        ...(shouldStop !== undefined && { shouldStop }),
      }).siteOf;
  const placeSeconds = cpuSeconds() - begin;

  const metrics = evaluatePartition(graph, coreOf, capacity);
  const mesh = meshMetrics(traffic, sites, siteOf);
  if (options.placement === undefined)
    stages.push({ stage: "placement", cpuSeconds: placeSeconds, hops: mesh.unicastHops });
  const limits = {
    neurons: core.neurons,
    synapseWords: core.synapseWords,
    axonsIn: core.axonsIn,
    axonsOut: core.axonsOut,
  };
  const walls = wallSections(metrics, limits, numberOf);
  for (const { resource, over, worst, limit } of walls)
    if (over > 0 && limit !== null)
      sink.report(
        coreOverWall({
          resource: RESOURCE_TEXT[resource],
          cores: over,
          of: cores,
          worst,
          limit,
          isGiven: options.partition !== undefined,
        }),
      );
  const tables = options.tables === true ? tablesSection(traffic, sites, siteOf, sink) : undefined;
  const links = linkSections(traffic, sites, siteOf);
  const stepTime =
    costs === undefined || timing === undefined
      ? undefined
      : stepTimeSection(graph, capacity, partition, costs, timing, {
          beforeNs,
          busiestLink: mesh.busiestLink,
        });
  const report: MapReport = {
    schema: "spinec/map/1",
    generator: GENERATOR,
    name,
    graph: graphSection(graph),
    core: { name: core.name, limits },
    effort,
    seed,
    stopped: shouldStop?.() ?? false,
    partition: {
      from: options.partition === undefined ? "spinec" : "file",
      cores,
      connectivity: metrics.connectivity,
      cutSpikes: metrics.cutSpikes,
      synapticReuse: metrics.synapticReuse,
    },
    walls,
    placement: {
      from: options.placement === undefined ? "spinec" : "file",
      objective,
      columns: sites.columns,
      rows: sites.rows,
      ...mesh,
      ...(prices !== undefined && {
        energyPj: links.reduce(
          (sum, { to, unicast }) => sum + unicast * (isRow(to) ? prices.x : prices.y),
          0,
        ),
      }),
      meanLink: links.length === 0 ? 0 : links.reduce((sum, { unicast }) => sum + unicast, 0) / links.length,
    },
    ...(tables !== undefined && { tables }),
    ...(stepTime !== undefined && { stepTime }),
    bounds: {
      cores: coreBoundsOf(graph, capacity, metrics),
      unicastHops: placementLowerBound(traffic, sites, "hops"),
      treeHops: placementLowerBound(traffic, sites, "tree"),
      busiestLink: placementLowerBound(traffic, sites, "busiest-link"),
      ...(prices !== undefined && { energyPj: placementLowerBound(traffic, sites, "energy", prices) }),
    },
    stages,
    cores: Array.from({ length: cores }, (_, c) => ({
      core: numberOf[c],
      x: sites.x[siteOf[c]],
      y: sites.y[siteOf[c]],
      neurons: metrics.neurons[c],
      synapseWords: metrics.synapseWords[c],
      axonsIn: metrics.axonsIn[c],
      axonsOut: metrics.axonsOut[c],
    })),
    links,
  };
  const places = {
    x: Int32Array.from(siteOf, (site) => sites.x[site]),
    y: Int32Array.from(siteOf, (site) => sites.y[site]),
  };
  return { report, coreOf, places };
}

const isRow = (to: MapReport["links"][number]["to"]): boolean => to === "+x" || to === "-x";

/** The history counts from the beginning; stages from the one before. */
function stagesOf(history: ReturnType<typeof partitionGraph>["history"]): StageSection[] {
  return history.map((stage, s) => ({
    ...stage,
    cpuSeconds: stage.cpuSeconds - (s === 0 ? 0 : history[s - 1].cpuSeconds),
  }));
}

type Mesh = Sites & { readonly columns: number; readonly rows: number };

/** The mesh that was asked for, or the smallest nearly square one; large enough for all places that are given. */
function sitesOf(cores: number, { mesh, placement }: ConnectivityMapOptions): Mesh {
  const square = squareMesh(cores);
  const wanted = mesh ?? square;
  const used = {
    columns: placement === undefined ? 0 : 1 + placement.x.reduce((a, b) => Math.max(a, b), -1),
    rows: placement === undefined ? 0 : 1 + placement.y.reduce((a, b) => Math.max(a, b), -1),
  };
  const columns = Math.max(wanted.columns, mesh === undefined ? used.columns : 0);
  const rows = Math.max(wanted.rows, mesh === undefined ? used.rows : 0);
  if (columns * rows < cores || used.columns > columns || used.rows > rows) {
    const needed =
      placement === undefined ? `${cores} cores` : `places up to ${used.columns - 1}, ${used.rows - 1}`;
    throw new ToolchainError([meshTooSmall({ columns, rows, needed })]);
  }
  const count = columns * rows;
  return {
    ...square,
    columns,
    rows,
    count,
    x: Int32Array.from({ length: count }, (_, s) => s % columns),
    y: Int32Array.from({ length: count }, (_, s) => Math.floor(s / columns)),
    chip: new Int32Array(count),
  };
}

const siteNumbers = ({ x, y }: CorePlaces, { columns }: Mesh): Uint32Array =>
  Uint32Array.from(x, (column, core) => y[core] * columns + column);
