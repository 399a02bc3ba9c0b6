import { invariant, type Diagnostic } from "#util/diagnostic";
import type { StepActivity } from "../activity.ts";
import { MessageClock } from "./message-clock.ts";
import { nocRateUnknown, nocTileTooLarge } from "./noc/diagnostics.ts";
import { DIRECTIONS, NocMesh } from "./noc/mesh.ts";
import { NocNetwork, type MessageList } from "./noc/network.ts";
import { nocSettings, untimedHops } from "./noc/settings.ts";
import { unknownHop } from "./noc/unknown-hop.ts";
import { barrierNs } from "./prices.ts";
import { refuseAnyRates } from "./rates.ts";
import { setUntimed } from "./timing.ts";
import type { LinkTraffic, StepTime, StepTimer, TimingContext, TimingModel } from "./timing.ts";

/** Outputs of a router are bits of an integer: four links, and one for each core. */
const MAX_CORES_PER_TILE = 31 - DIRECTIONS.length;

/**
 * Every message on its way through a mesh of routers with finite buffers: a link carries one message at a time, a full
 * buffer holds up whoever wants to enter it, in the end the core that sends, and what waits behind it.
 *
 * Reaches the figures of a cycle-accurate simulator (BookSim 2, as configured by SANA-FE) within the tolerances in
 * `test/simulator/noc.test.ts`.
 */
export const noc: TimingModel = {
  name: "noc",
  summary: "every message through the routers, links and buffers of the mesh, with back-pressure",
  needs: "messages",
  refuses: refuseNoc,
  prepare: prepareNoc,
};

function refuseNoc(context: TimingContext): Diagnostic | undefined {
  const { target, profile } = context;
  const { coresPerTile } = target.mesh;
  if (nocSettings(target, profile) === undefined)
    return nocRateUnknown({ target: target.name, hasNoc: target.noc !== undefined });
  return coresPerTile > MAX_CORES_PER_TILE
    ? nocTileTooLarge({ target: target.name, coresPerTile, maxCoresPerTile: MAX_CORES_PER_TILE })
    : refuseAnyRates("noc", context);
}

function prepareNoc(context: TimingContext): StepTimer {
  const { target, profile, coreIds, tilesOn, tables } = context;
  const settings = nocSettings(target, profile);
  invariant(settings !== undefined, "a network without a rate is refused");
  invariant(tables !== undefined, "a timing model that needs messages gets tables");
  const clock = new MessageClock(profile, tables, 1);
  const list: MessageList = {
    begin: clock.begin,
    get count() {
      return clock.count;
    },
    get to() {
      return clock.to;
    },
    get neuron() {
      return clock.neuron;
    },
    get generationNs() {
      return clock.generation;
    },
    get processingNs() {
      return clock.processing;
    },
  };
  const mesh = new NocMesh(target, coreIds);
  const network = new NocNetwork(mesh, settings, coreIds);
  const isUnknownHop = unknownHop(mesh, settings, coreIds);
  const barrier = barrierNs(profile, tilesOn);

  const places: number[] = [];
  for (let place = 0; place < network.linkMessages.length; place++) {
    if (mesh.neighbour(Math.floor(place / DIRECTIONS.length), place % DIRECTIONS.length) >= 0)
      places.push(place);
  }
  const split = (place: number): [router: number, direction: number] => [
    Math.floor(place / DIRECTIONS.length),
    place % DIRECTIONS.length,
  ];
  const traffic: LinkTraffic = {
    links: places.map((place) => mesh.link(...split(place))),
    stepMessages: new Float64Array(places.length),
    messages: new Float64Array(places.length),
    busyNs: Float64Array.from(places, (place) =>
      mesh.crossesChip(...split(place)) ? settings.chipMessageNs : settings.messageNs,
    ),
    networks: settings.networks,
  };

  return {
    barrierNs: barrier,
    untimed: [...clock.untimed, ...untimedHops(target, settings, mesh.width > target.mesh.columns)],
    time({ messages }: StepActivity, out: StepTime): void {
      invariant(messages !== undefined, "a timing model that needs messages gets them");
      clock.read(messages);
      traffic.stepMessages.fill(0);
      if (clock.isUntimed || isUnknownHop?.(list) === true) {
        network.times.reset(0);
        setUntimed(out);
        return;
      }
      const { hostRow, hostAxon, hostMessages } = messages;
      network.begin(list, hostMessages);
      for (let i = 0; i < hostMessages; i++) network.host(hostRow[i], clock.axonProcessing[hostAxon[i]]);
      network.run();
      for (let link = 0; link < places.length; link++) {
        traffic.stepMessages[link] = network.linkMessages[places[link]];
        traffic.messages[link] += traffic.stepMessages[link];
      }
      out.timeNs = network.endNs + barrier;
      out.core = network.endRow;
      out.phase = network.endPhase;
    },
    lastMessages: network.times,
    links: traffic,
  };
}
