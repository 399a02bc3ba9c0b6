import { DIRECTIONS, type NocMesh } from "./mesh.ts";
import type { NocSettings } from "./settings.ts";

/**
 * Who is connected to whom, as tables of numbers.
 *
 * A _site_ is a router of one network: router x networks + network. It has an input port for each direction of travel
 * (a message that goes east comes in at port 0) and one for each core of the tile. A _lane_ is the buffer of a virtual
 * channel at an input port: (site x ports + port) x channels + channel.
 *
 * _Outputs_ are numbered: first the links, site x 4 + direction; then the cores, router x cores per tile + place in
 * the tile. A core takes from all networks through one output.
 */
export interface Wiring {
  /** Input ports of a site. */
  readonly ports: number;
  readonly lanes: number;
  readonly outputs: number;
  /** Outputs before this one are links. */
  readonly firstCore: number;
  /** `[lanes]` */
  readonly routerOfLane: Int32Array;
  readonly siteOfLane: Int32Array;
  /** `[lanes]`, output that fills the lane; -1: a core does, or the edge of the mesh. */
  readonly feeder: Int32Array;
  /** `[lanes]`, row of the core that injects into the lane, or -1. */
  readonly injector: Int32Array;
  /** `[outputs]`, lane of channel 0 at the other end of a link; -1: there is no link, or it is a core. */
  readonly target: Int32Array;
  /** `[outputs]`, row of a core in use, or -1. */
  readonly receiver: Int32Array;
  /** `[outputs]`: for how long a message occupies it, and when its first flit may go on from the other end. */
  readonly busyNs: Float64Array;
  readonly latencyNs: Float64Array;
  /** `[rows]` */
  readonly routerOfRow: Int32Array;
  readonly portOfRow: Int32Array;
}

/** @param coreIds `[rows]` */
export function wiringOf(mesh: NocMesh, settings: NocSettings, coreIds: Uint32Array): Wiring {
  const { networks, channels } = settings;
  const { routers, coresPerTile } = mesh;
  const ways = DIRECTIONS.length;
  const ports = ways + coresPerTile;
  const sites = routers * networks;
  const firstCore = sites * ways;
  const lanes = sites * ports * channels;
  const outputs = firstCore + routers * coresPerTile;
  const laneOf = (site: number, port: number): number => (site * ports + port) * channels;

  const routerOfRow = Int32Array.from(coreIds, (core) => mesh.routerOf(core));
  const portOfRow = Int32Array.from(coreIds, (core) => mesh.portOf(core));
  const target = new Int32Array(outputs).fill(-1);
  const receiver = new Int32Array(outputs).fill(-1);
  const busyNs = new Float64Array(outputs).fill(settings.messageNs);
  const latencyNs = new Float64Array(outputs);
  const routerOfLane = Int32Array.from({ length: lanes }, (_, lane) =>
    Math.floor(lane / (networks * ports * channels)),
  );
  const siteOfLane = Int32Array.from({ length: lanes }, (_, lane) => Math.floor(lane / (ports * channels)));
  const feeder = new Int32Array(lanes).fill(-1);
  const injector = new Int32Array(lanes).fill(-1);

  for (let site = 0; site < sites; site++) {
    const router = Math.floor(site / networks);
    for (let way = 0; way < ways; way++) {
      const neighbour = mesh.neighbour(router, way);
      if (neighbour < 0) continue;
      const output = site * ways + way;
      const crosses = mesh.crossesChip(router, way);
      target[output] = laneOf(neighbour * networks + (site % networks), way);
      feeder.fill(output, target[output], target[output] + channels);
      busyNs[output] = crosses ? settings.chipMessageNs : settings.messageNs;
      latencyNs[output] = crosses ? settings.chipHopNs + settings.chipTailNs : settings.hopNs[way];
    }
  }
  for (let row = 0; row < coreIds.length; row++) {
    receiver[firstCore + routerOfRow[row] * coresPerTile + portOfRow[row]] = row;
    for (let network = 0; network < networks; network++) {
      const lane = laneOf(routerOfRow[row] * networks + network, ways + portOfRow[row]);
      injector.fill(row, lane, lane + channels);
    }
  }
  return {
    ports,
    lanes,
    outputs,
    firstCore,
    routerOfLane,
    siteOfLane,
    feeder,
    injector,
    target,
    receiver,
    busyNs,
    latencyNs,
    routerOfRow,
    portOfRow,
  };
}
