// The timing model `detailed` once more, slow and obvious: objects, lists, and a search for the earliest message. In
// seconds, as the model, until all is done.
import type { Profile, PricedAction, Target } from "#targets/target";
import { tileOf } from "#targets/target";
import { timeNs } from "#targets/quantity";
import type { CoreSpec, RouteSpec, StepSpec } from "./step-activity.ts";

export interface TwinMessage {
  /** Core ids; -1: the host, or nobody. */
  readonly from: number;
  readonly to: number;
  readonly sendNs: number;
  readonly receivedNs: number;
  readonly processedNs: number;
  readonly blockedNs: number;
}

interface Waiting {
  readonly from: number;
  readonly to: number;
  readonly generation: number;
  readonly processing: number;
}

interface Travelling extends Waiting {
  readonly received: number;
  readonly entries: readonly string[];
}

const NS = 1e9;

/** Every action that happens has to have a time. */
export function detailedTwin(
  spec: StepSpec,
  target: Target,
  profile: Profile,
  barrierNs: number,
): { timeNs: number; messages: TwinMessage[] } {
  const price = (action: PricedAction): number => {
    const quantity = profile.time[action];
    return quantity === null ? 0 : timeNs(quantity) / NS;
  };
  const processingOf = ({ dense = 0, sparse = 0, runLength = 0, words = 0 }: RouteSpec): number =>
    price("messageIn") +
    words * price("synapseWordRead") +
    dense * price("synapseDense") +
    sparse * price("synapseSparse") +
    runLength * price("synapseRunLength");

  /** Messages of a core in the order in which they leave. */
  const messagesOf = ({ id, neurons }: CoreSpec): Waiting[] => {
    const list: Waiting[] = [];
    let g = 0;
    for (const { status, isInput, routes } of neurons) {
      let own = price(isInput ? "inputAccess" : "neuronAccess");
      if (status >= 1) own += price(isInput ? "inputUpdate" : "neuronUpdate");
      if (status === 2) own += price(isInput ? "inputSpike" : "spikeOut");
      g += own;
      if (status < 2) continue;
      for (const route of routes) {
        const generation = g + price("messageOut");
        list.push({ from: id, to: route.to, generation, processing: processingOf(route) });
        g = 0;
      }
    }
    if (g !== 0) list.push({ from: id, to: -1, generation: g, processing: 0 });
    return list;
  };

  /** x first, then y: names of the entries, and the sum of the hops. */
  const routeOf = (from: number, to: number): { entries: string[]; hops: number } => {
    const apart = target.mesh.hopClasses === "directions";
    const a = tileOf(target, from);
    const b = tileOf(target, to);
    const { columns, coresPerTile } = target.mesh;
    let x = a.chip * columns + a.x;
    let { y } = a;
    const toX = b.chip * columns + b.x;
    const entries = [`${x},${y} core ${from % coresPerTile}`];
    const counts = { east: 0, west: 0, north: 0, south: 0, chip: 0 };
    while (x !== toX) {
      const next = x < toX ? x + 1 : x - 1;
      if (Math.floor(x / columns) !== Math.floor(next / columns)) counts.chip++;
      else counts[x < toX ? "east" : "west"]++;
      entries.push(`${next},${y} ${x < toX ? "east" : "west"}`);
      x = next;
    }
    while (y !== b.y) {
      const next = y < b.y ? y + 1 : y - 1;
      counts[y < b.y ? "north" : "south"]++;
      entries.push(`${x},${next} ${y < b.y ? "north" : "south"}`);
      y = next;
    }
    const hops =
      counts.east * price(apart ? "hopEast" : "hopEastWest") +
      counts.west * price(apart ? "hopWest" : "hopEastWest") +
      counts.chip * price("hopChip") +
      counts.north * price(apart ? "hopNorth" : "hopNorthSouth") +
      counts.south * price(apart ? "hopSouth" : "hopNorthSouth");
    return { entries, hops: entries.length === 1 ? price("hopTile") : hops };
  };

  const cores = spec.cores.toSorted((a, b) => a.id - b.id);
  const free = new Map<number, number>(cores.map(({ id }) => [id, 0]));
  const messages: TwinMessage[] = [];
  const log = (
    { from, to }: { readonly from: number; readonly to: number },
    [send, received, processed, blocked]: readonly [number, number, number, number],
  ): void => {
    const [sendNs, receivedNs, processedNs] = [send * NS, received * NS, processed * NS];
    messages.push({ from, to, sendNs, receivedNs, processedNs, blockedNs: blocked * NS });
  };
  let latest = 0;
  for (const route of spec.host ?? []) {
    const received = free.get(route.to)!;
    const processed = received + processingOf(route);
    free.set(route.to, processed);
    latest = Math.max(latest, processed);
    log({ from: -1, to: route.to }, [0, received, processed, 0]);
  }

  const events = cores.map((core) => ({ list: messagesOf(core), ready: 0 }));
  for (const event of events) if (event.list.length > 0) event.ready = event.list[0].generation;
  const density = new Map<string, number>();
  const add = ({ entries }: Travelling, sign: number): void => {
    for (const entry of entries) density.set(entry, (density.get(entry) ?? 0) + sign / (entries.length + 1));
  };
  let network: Travelling[] = [];
  let mean = 0;
  for (;;) {
    const waiting = events.filter(({ list }) => list.length > 0);
    if (waiting.length === 0) break;
    // The first of the earliest: cores are in order of their ids.
    const earliest = waiting.reduce((best, event) => (event.ready < best.ready ? event : best));
    const message = earliest.list.shift()!;
    let s = earliest.ready;
    latest = Math.max(latest, s);

    const leaving = network.filter(({ received }) => received <= s).toSorted((a, b) => a.to - b.to);
    let n = network.length;
    for (const gone of leaving) {
      add(gone, -1);
      if (n > 1) mean += (mean - gone.processing) / (n - 1);
      else mean = 0;
      n--;
    }
    network = network.filter((travelling) => !leaving.includes(travelling));

    if (message.to < 0) log(message, [s, s, s, 0]);
    else {
      const { entries, hops } = routeOf(message.from, message.to);
      const along = entries.reduce((sum, entry) => sum + (density.get(entry) ?? 0), 0);
      const room = entries.length * target.noc!.bufferMessages.value;
      const blocked = along > room ? (along - room) * mean : 0;
      s += blocked;
      const e = s + Math.max(hops, (along * mean) / entries.length);
      const f = free.get(message.to)!;
      const received = Math.max(f, e);
      const processed = Math.max(f + message.processing, e + message.processing);
      free.set(message.to, processed);
      latest = Math.max(latest, processed);
      log(message, [s, received, processed, blocked]);
      const travelling = { ...message, received, entries };
      mean += (message.processing - mean) / (network.length + 1);
      network.push(travelling);
      add(travelling, 1);
    }
    if (earliest.list.length > 0) earliest.ready = s + earliest.list[0].generation;
  }
  return { timeNs: (latest + barrierNs / NS) * NS, messages };
}
