// The network of the `noc` timing model once more, tick by tick: at every nanosecond it looks at every core, buffer and
// output. All times are whole numbers. Written from the rules in simulator/README.md, without the tables of the fast one.

export interface PlainNoc {
  readonly width: number;
  readonly height: number;
  readonly coresPerTile: number;
  /** Columns of a chip; a link between columns of two chips has times of its own. */
  readonly chipColumns: number;
  readonly isMulticast: boolean;
  readonly networks: number;
  readonly channels: number;
  readonly bufferMessages: number;
  readonly receiveMessages: number;
  readonly flits: number;
  readonly cycleNs: number;
  readonly chipCycleNs: number;
  readonly hopNs: Readonly<Record<Way, number>>;
  readonly chipHopNs: number;
  readonly tileHopNs: number;
  readonly cores: readonly PlainCore[];
}

export interface PlainCore {
  readonly x: number;
  readonly y: number;
  readonly port: number;
  /** One after the other; each goes to all its receivers. */
  readonly spikes: readonly PlainSpike[];
  /** What the core still does after the last. */
  readonly restNs: number;
  /** Times of the messages from outside, which it has to serve first. */
  readonly hostNs: readonly number[];
}

export interface PlainSpike {
  /** Until the first message, after the one before; further ones follow at intervals of `nextNs`. */
  readonly generationNs: number;
  readonly nextNs: number;
  readonly to: readonly { readonly core: number; readonly processingNs: number }[];
}

export interface PlainTimes {
  readonly from: number;
  readonly to: number;
  /** Number of the message among those of its sender; -1: from outside. */
  readonly message: number;
  readonly lane: number;
  readonly sendNs: number;
  readonly receivedNs: number;
  readonly processedNs: number;
  readonly blockedNs: number;
}

const WAYS = ["east", "west", "north", "south"] as const;
type Way = (typeof WAYS)[number];
const STEP: Readonly<Record<Way, readonly [x: number, y: number]>> = {
  east: [1, 0],
  west: [-1, 0],
  north: [0, 1],
  south: [0, -1],
};

interface Goal {
  readonly core: number;
  readonly message: number;
  readonly processingNs: number;
}

interface Packet {
  readonly from: number;
  readonly lane: number;
  readonly sendNs: number;
  readonly blockedNs: number;
  readonly goals: readonly Goal[];
  /** Outputs that it still has to be sent to from where it is. */
  open: Set<string>;
  leavesAt: number;
}

interface Lane {
  readonly channel: number;
  readonly packets: Packet[];
  reserved: number;
}

interface Receiver {
  readonly queue: { readonly packet: Packet; readonly goals: readonly Goal[]; readonly arrivesAt: number }[];
  busyUntil: number;
}

interface Output {
  freeAt: number;
  turn: number;
}

/** @returns times of all messages in no particular order, and the time at which all is done */
export function runPlainNoc(noc: PlainNoc): {
  times: PlainTimes[];
  endNs: number;
  links: Map<string, number>;
} {
  const lanes = new Map<string, Lane>();
  const laneAt = (x: number, y: number, network: number, port: string, channel: number): Lane => {
    const key = `${x},${y},${network},${port},${channel}`;
    let lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, (lane = { channel, packets: [], reserved: 0 }));
    return lane;
  };
  const ports = [...WAYS, ...Array.from({ length: noc.coresPerTile }, (_, port) => `core${port}`)];
  const lanesOf = (x: number, y: number, network: number): Lane[] =>
    ports.flatMap((port) =>
      Array.from({ length: noc.channels }, (_, channel) => laneAt(x, y, network, port, channel)),
    );
  const decisions: (() => boolean)[] = [];

  /** Where the goals of a packet lie from a tile: by way, X first, or by core of the tile. */
  const split = (x: number, y: number, goals: readonly Goal[]): Map<string, Goal[]> => {
    const parts = new Map<string, Goal[]>();
    for (const goal of goals) {
      const to = noc.cores[goal.core];
      let part = `core${to.port}`;
      if (to.x !== x) part = to.x > x ? "east" : "west";
      else if (to.y !== y) part = to.y > y ? "north" : "south";
      parts.set(part, [...(parts.get(part) ?? []), goal]);
    }
    return parts;
  };

  const times: PlainTimes[] = [];
  const links = new Map<string, number>();
  const inFlight: { packet: Packet; lane: Lane; arrivesAt: number }[] = [];
  const receivers = noc.cores.map((core, number): Receiver => {
    let busyUntil = 0;
    for (const processingNs of core.hostNs) {
      const receivedNs = busyUntil;
      busyUntil += processingNs;
      times.push({
        from: -1,
        to: number,
        message: -1,
        lane: -1,
        sendNs: 0,
        receivedNs,
        processedNs: busyUntil,
        blockedNs: 0,
      });
    }
    return { queue: [], busyUntil };
  });

  // What each core has to send, packet by packet.
  const senders = noc.cores.map(({ spikes, restNs }) => {
    let message = 0;
    const packets = spikes.flatMap(({ generationNs, nextNs, to }) => {
      const goals = to.map(({ core, processingNs }): Goal => ({ core, processingNs, message: message++ }));
      return noc.isMulticast
        ? [{ generationNs, goals }]
        : goals.map((goal, i) => ({ generationNs: i === 0 ? generationNs : nextNs, goals: [goal] }));
    });
    return { packets, restNs, sent: 0, readyAt: packets[0]?.generationNs ?? restNs };
  });

  let now = 0;
  const roomIn = (lane: Lane): boolean => lane.packets.length + lane.reserved < noc.bufferMessages;
  const isCrossing = (x: number, way: Way): boolean =>
    (way === "east" && (x + 1) % noc.chipColumns === 0) || (way === "west" && x % noc.chipColumns === 0);

  /** Everything that is due and needs no decision. */
  const moveAll = (): boolean => {
    let changed = false;
    senders.forEach((sender, number) => {
      if (sender.sent === sender.packets.length || sender.readyAt > now) return;
      const { x, y, port } = noc.cores[number];
      const lane = sender.sent % (noc.networks * noc.channels);
      const channel = Math.floor(lane / noc.networks);
      const buffer = laneAt(x, y, lane % noc.networks, `core${port}`, channel);
      if (!roomIn(buffer)) return;
      const { goals } = sender.packets[sender.sent++];
      const open = new Set(split(x, y, goals).keys());
      const blockedNs = now - sender.readyAt;
      buffer.packets.push({ from: number, lane, sendNs: now, blockedNs, goals, open, leavesAt: 0 });
      sender.readyAt = now + (sender.packets[sender.sent]?.generationNs ?? sender.restNs);
      changed = true;
    });
    for (const flight of inFlight.filter(({ arrivesAt }) => arrivesAt <= now)) {
      inFlight.splice(inFlight.indexOf(flight), 1);
      flight.lane.reserved--;
      flight.lane.packets.push(flight.packet);
      changed = true;
    }
    for (const { packets } of buffers) {
      if (packets.length === 0 || packets[0].open.size > 0 || packets[0].leavesAt > now) continue;
      packets.shift();
      changed = true;
    }
    receivers.forEach((receiver, number) => {
      const { queue, busyUntil } = receiver;
      if (queue.length === 0 || busyUntil > now || queue[0].arrivesAt > now) return;
      const { packet, goals } = queue.shift()!;
      let receivedNs = now;
      for (const { message, processingNs } of goals) {
        const { from, lane, sendNs, blockedNs } = packet;
        const processedNs = receivedNs + processingNs;
        times.push({ from, to: number, message, lane, sendNs, receivedNs, processedNs, blockedNs });
        receivedNs = processedNs;
      }
      receiver.busyUntil = receivedNs;
      changed = true;
    });
    return changed;
  };

  /** Lets the next lane in turn have an output, if it is free. */
  const grant = (
    output: Output,
    part: string,
    candidates: readonly Lane[],
    busyNs: number,
    hasRoom: (lane: Lane) => boolean,
  ): Lane | undefined => {
    if (output.freeAt > now) return undefined;
    for (let i = 0; i < candidates.length; i++) {
      const place = (output.turn + i) % candidates.length;
      const lane = candidates[place];
      const packet = lane.packets[0] as Packet | undefined;
      if (packet?.open.has(part) !== true || !hasRoom(lane)) continue;
      packet.open.delete(part);
      packet.leavesAt = Math.max(packet.leavesAt, now + busyNs);
      output.freeAt = now + busyNs;
      output.turn = (place + 1) % candidates.length;
      return lane;
    }
    return undefined;
  };

  for (let x = 0; x < noc.width; x++) {
    for (let y = 0; y < noc.height; y++) {
      const all: Lane[] = [];
      for (let network = 0; network < noc.networks; network++) {
        const candidates = lanesOf(x, y, network);
        all.push(...candidates);
        for (const way of WAYS) {
          const [toX, toY] = [x + STEP[way][0], y + STEP[way][1]];
          if (toX < 0 || toX >= noc.width || toY < 0 || toY >= noc.height) continue;
          const output: Output = { freeAt: 0, turn: 0 };
          const next = Array.from({ length: noc.channels }, (_, c) => laneAt(toX, toY, network, way, c));
          const crosses = isCrossing(x, way);
          const busyNs = noc.flits * (crosses ? noc.chipCycleNs : noc.cycleNs);
          const lagNs = crosses ? (noc.flits - 1) * (noc.chipCycleNs - noc.cycleNs) : 0;
          const hopNs = crosses ? noc.chipHopNs : noc.hopNs[way];
          decisions.push(() => {
            const lane = grant(output, way, candidates, busyNs, ({ channel }) => roomIn(next[channel]));
            if (lane === undefined) return false;
            const packet = lane.packets[0];
            const goals = split(x, y, packet.goals).get(way)!;
            const copy = { ...packet, goals, open: new Set(split(toX, toY, goals).keys()), leavesAt: 0 };
            next[lane.channel].reserved++;
            inFlight.push({ packet: copy, lane: next[lane.channel], arrivesAt: now + hopNs + lagNs });
            const link = `${x},${y},${way}`;
            links.set(link, (links.get(link) ?? 0) + 1);
            return true;
          });
        }
      }
      noc.cores.forEach((core, number) => {
        if (core.x !== x || core.y !== y) return;
        const output: Output = { freeAt: 0, turn: 0 };
        const part = `core${core.port}`;
        const { queue } = receivers[number];
        decisions.push(() => {
          const busyNs = noc.flits * noc.cycleNs;
          const lane = grant(output, part, all, busyNs, () => queue.length < noc.receiveMessages);
          if (lane === undefined) return false;
          const packet = lane.packets[0];
          const sender = noc.cores[packet.from];
          const isOfTile = sender.x === x && sender.y === y;
          const arrivesAt = now + (noc.flits - 1) * noc.cycleNs + (isOfTile ? noc.tileHopNs : 0);
          queue.push({ packet, goals: split(x, y, packet.goals).get(part)!, arrivesAt });
          return true;
        });
      });
    }
  }
  const buffers = [...lanes.values()];

  const isDone = (): boolean =>
    senders.every(({ sent, packets }) => sent === packets.length) &&
    inFlight.length === 0 &&
    receivers.every(({ queue }) => queue.length === 0) &&
    buffers.every(({ packets }) => packets.length === 0);
  for (; ; now++) {
    do while (moveAll());
    while (decisions.filter((decide) => decide()).length > 0);
    if (isDone()) break;
  }
  const endNs = Math.max(
    0,
    ...receivers.map(({ busyUntil }) => busyUntil),
    ...senders.map(({ readyAt }) => readyAt),
  );
  return { times, endNs, links };
}
