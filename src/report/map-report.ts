import type { PartitionMetrics } from "#compiler/hypergraph/evaluate";
import type { CoreTraffic } from "#compiler/placement/core-traffic";
import { xyLinks } from "#compiler/placement/mesh-metrics";
import { meshExtent, type Sites } from "#compiler/placement/sites";
import type { AxonGraph } from "#ir/axon-graph";

/** Resources of a core that bare connectivity uses, in the order of tables. */
export const MAP_RESOURCES = ["neurons", "synapseWords", "axonsIn", "axonsOut"] as const;
export type MapResource = (typeof MAP_RESOURCES)[number];

/** What `spinec map` has to say. Spikes are of the window that the file's rates are of. */
export interface MapReport {
  readonly schema: "spinec/map/1";
  readonly generator: string;
  readonly name: string;
  readonly graph: {
    readonly neurons: number;
    readonly synapses: number;
    /** Neurons that have targets. */
    readonly axons: number;
    /** Spikes of all axons. */
    readonly spikes: number;
  };
  readonly core: { readonly name: string; readonly limits: Readonly<Record<MapResource, number | null>> };
  readonly effort: string;
  readonly seed: number;
  /** Ended before its time: the best so far. */
  readonly stopped: boolean;
  readonly partition: PartitionSection;
  readonly walls: readonly WallSection[];
  readonly placement: PlacementSection;
  readonly tables?: TablesSection;
  /** Where somebody said over how many steps the rates were counted. */
  readonly stepTime?: StepTimeSection;
  readonly bounds: BoundsSection;
  readonly stages: readonly StageSection[];
  readonly cores: readonly CoreSection[];
  /** Those that carry anything. */
  readonly links: readonly LinkSection[];
}

export interface PartitionSection {
  readonly from: "spinec" | "file";
  readonly cores: number;
  /** Sum over axons of the cores other than the own that hold targets. */
  readonly connectivity: number;
  /** The same, each axon times its rate. */
  readonly cutSpikes: number;
  /** Synapses for each synapse list. */
  readonly synapticReuse: number;
}

/** How full cores are of one resource. */
export interface WallSection {
  readonly resource: MapResource;
  /** Null: there is none. */
  readonly limit: number | null;
  readonly mean: number;
  readonly worst: number;
  readonly worstCore: number;
  /** Cores above the limit. */
  readonly over: number;
}

export interface PlacementSection {
  readonly from: "spinec" | "file";
  readonly objective: string;
  readonly columns: number;
  readonly rows: number;
  readonly unicastHops: number;
  readonly treeHops: number;
  /** Links on the way of a message to one core. */
  readonly meanHops: number;
  readonly busiestLink: number;
  readonly busiestTreeLink: number;
  /** Over the links in use. */
  readonly meanLink: number;
  /** Of all messages over all links; where links have prices. */
  readonly energyPj?: number;
}

/** A step in which every neuron fires as often as its rate says, by the law of a profile. */
export interface StepTimeSection {
  readonly target: string;
  readonly profile: string;
  readonly law: string;
  readonly rateSteps: number;
  /** Barrier included. */
  readonly stepNs: number;
  /** Before steps were made shorter. */
  readonly beforeNs?: number;
  /** No partition into `boundCores` cores is below. */
  readonly boundNs: number;
  readonly boundCores: number;
  /** Were the work of this partition spread evenly over its cores. */
  readonly evenNs: number;
  readonly barrierNs: number;
  /** What a step waits for, and on which core, by its number in the partition; absent: no core. */
  readonly phase: string;
  readonly core?: number;
  /** Until the busiest link has carried its messages. */
  readonly busiestLinkNs?: number;
  /** Actions without a time, counted as none. */
  readonly untimed: readonly string[];
}

/** Of routers that copy packets by table: keys and masks, XY trees, the first match counts. */
export interface TablesSection {
  /** Of all routers. */
  readonly entries: number;
  /** Of the router that has most. */
  readonly fullest: number;
  /** Were no two flows to share an entry. */
  readonly unmerged: number;
  readonly keyBits: number;
}

/** What nothing can be below. */
export interface BoundsSection {
  readonly cores: readonly CoresBound[];
  readonly unicastHops: number;
  readonly treeHops: number;
  readonly busiestLink: number;
  readonly energyPj?: number;
}

export interface CoresBound {
  readonly resource: MapResource;
  readonly cores: number;
  /** False: holds as long as connectivity is what it is. */
  readonly always: boolean;
}

export interface StageSection {
  readonly stage: string;
  readonly cpuSeconds: number;
  readonly cores?: number;
  readonly cutSpikes?: number;
  readonly hops?: number;
}

export type CoreSection = Readonly<Record<MapResource, number>> & {
  /** Number of the core: that of the partition file. */
  readonly core: number;
  readonly x: number;
  readonly y: number;
};

export interface LinkSection {
  /** Router that the link leaves. */
  readonly x: number;
  readonly y: number;
  readonly to: "+x" | "-x" | "+y" | "-y";
  /** Spikes, a message to each core. */
  readonly unicast: number;
  /** Spikes, a message to all cores of an axon. */
  readonly tree: number;
}

export const graphSection = ({ neurons, axonStart, target, rate }: AxonGraph): MapReport["graph"] => {
  let axons = 0;
  let spikes = 0;
  for (let n = 0; n < neurons; n++)
    if (axonStart[n + 1] > axonStart[n]) {
      axons++;
      spikes += rate[n];
    }
  return { neurons, synapses: target.length, axons, spikes };
};

export function wallSections(
  metrics: PartitionMetrics,
  limits: MapReport["core"]["limits"],
  numberOf: ArrayLike<number>,
): WallSection[] {
  return MAP_RESOURCES.map((resource) => {
    const used = metrics[resource];
    let worst = 0;
    used.forEach((value, core) => {
      if (value > used[worst]) worst = core;
    });
    return {
      resource,
      limit: limits[resource],
      mean: used.length === 0 ? 0 : used.reduce((a, b) => a + b, 0) / used.length,
      worst: used[worst] ?? 0,
      worstCore: numberOf[worst] ?? 0,
      over: used.filter((value) => value > (limits[resource] ?? Infinity)).length,
    };
  });
}

const DIRECTIONS = ["+x", "-x", "+y", "-y"] as const;

/** Spikes over every link that carries any, in the order of routers. XY ways, as `meshMetrics` counts them. */
export function linkSections(traffic: CoreTraffic, sites: Sites, siteOf: ArrayLike<number>): LinkSection[] {
  const { columns, rows } = meshExtent(sites);
  const unicast = new Float64Array(4 * columns * rows);
  const tree = new Float64Array(4 * columns * rows);
  const stamp = new Int32Array(4 * columns * rows).fill(-1);
  const { flows, source, spikes, sinkStart, sink } = traffic;
  for (let f = 0; f < flows; f++)
    for (let s = sinkStart[f]; s < sinkStart[f + 1]; s++)
      for (const link of xyLinks(sites, siteOf[source[f]], siteOf[sink[s]], columns)) {
        unicast[link] += spikes[f];
        if (stamp[link] !== f) tree[link] += spikes[f];
        stamp[link] = f;
      }
  const links: LinkSection[] = [];
  unicast.forEach((load, link) => {
    if (load === 0) return;
    const router = link >> 2;
    const place = { x: router % columns, y: Math.floor(router / columns), to: DIRECTIONS[link & 3] };
    links.push({ ...place, unicast: load, tree: tree[link] });
  });
  return links;
}

/** The largest bound on cores that holds whatever the connectivity. */
export function coresAtLeast({ cores }: BoundsSection): CoresBound | undefined {
  const always = cores.filter((bound) => bound.always);
  return always.toSorted((a, b) => b.cores - a.cores)[0];
}
