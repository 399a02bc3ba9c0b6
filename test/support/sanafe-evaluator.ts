// The rules of the golden cases once more, straight from their format and as plain as can be: Maps, and seconds. It shares
// nothing with the simulator.
import type { SanafeGolden } from "./sanafe-golden.ts";
import { ByCore, type SendQueue } from "./send-queues.ts";

export interface Evaluation {
  /** `[steps]`, ids that fired, ascending. */
  readonly spikes: number[][];
  /** `[steps][neurons]`, after the update; inputs have 0. */
  readonly potentials: number[][];
  /** By counter, `[steps]`; names as in the cases. */
  readonly perStep: Record<string, number[]>;
}

interface Packet {
  readonly from: number;
  /** -1: what a core still does after its last packet. */
  readonly to: number;
  readonly generation: number;
  readonly processing: number;
}

interface State {
  v: number;
  u: number;
  r: number;
}

interface Synapse {
  readonly dst: number;
  readonly weight: number;
  readonly delay: number;
}

/** @param ties orders packets that are ready at the same moment */
export function evaluateGolden(golden: SanafeGolden, ties: new () => SendQueue = ByCore): Evaluation {
  const { neurons, core, timesteps, arch } = golden;
  const { energy_J: energy, latency_s: latency } = arch;
  const inside = arch.buffer === "inside dendrite";
  const cores = [...new Set(core)].toSorted((a, b) => a - b);
  const placeOf = (c: number): { x: number; y: number } =>
    arch.tiles.find(({ id }) => id === Math.floor(c / arch.mesh.cores_per_tile))!;
  const synapses = synapsesOf(golden);
  const syncs = Object.entries(arch.sync_latency_by_mapped_tiles).map(([n, s]) => [Number(n), s] as const);
  syncs.sort((a, b) => a[0] - b[0]);
  const tiles = new Set(cores.map((c) => Math.floor(c / arch.mesh.cores_per_tile))).size;
  const sync = (syncs.findLast(([n]) => n <= tiles) ?? syncs[0])[1];

  const states = neurons.map(({ params }): State => ({ v: Number(params["potential"] ?? 0), u: 0, r: 0 }));
  const arriving = new Map<number, Map<number, number>>();
  const result: Evaluation = { spikes: [], potentials: [], perStep: {} };
  for (let t = 1; t <= timesteps; t++) {
    const step: Record<string, number> = {};
    const count = (name: string, n = 1): number => (step[name] = (step[name] ?? 0) + n);
    const names = ["fired", "updated", "packets", "hops", "synaptic_events"];
    const energies = ["energy_synapse", "energy_dendrite", "energy_soma", "energy_network"];
    for (const name of [...names, ...energies]) count(name, 0);
    const inputs = arriving.get(t);
    const fired: number[] = [];
    const packets = new Map<number, Packet[]>();
    for (const c of cores) {
      const list: Packet[] = [];
      let g = 0;
      neurons.forEach(({ model, params }, n) => {
        if (core[n] !== c) return;
        if (inside) count("energy_dendrite", energy.dendrite);
        if (inside) g += latency.dendrite;
        const kind = model === "input" ? "input" : "soma";
        const status =
          model === "input"
            ? (golden.inputs[n] ?? []).includes(t)
              ? 2
              : 0
            : (model === "lif" ? stepLif : stepTrueNorth)(states[n], params, inputs?.get(n), t);
        const parts = [`${kind}_access`, `${kind}_update`, `${kind}_spike`].slice(0, status + 1);
        count("energy_soma", sum(parts.map((part) => energy[part as keyof typeof energy])));
        g += sum(parts.map((part) => latency[part as keyof typeof latency]));
        if (status > 0) count("updated");
        if (status < 2) return;
        count("fired");
        fired.push(n);
        for (const [to, targets] of synapses.get(n) ?? []) {
          const processing = latency.axon_in + targets.length * (latency.synapse + latency.dendrite);
          list.push({ from: c, to, generation: g + latency.axon_out, processing });
          g = 0;
          count("packets");
          count("synaptic_events", targets.length);
          count("energy_synapse", targets.length * energy.synapse);
          count("energy_dendrite", targets.length * energy.dendrite);
          const [a, b] = [placeOf(c), placeOf(to)];
          count("hops", Math.abs(a.x - b.x) + Math.abs(a.y - b.y));
          count("energy_network", energy.axon_out + energy.axon_in);
          count("energy_network", Math.abs(a.x - b.x) * (a.x < b.x ? energy.east : energy.west));
          count("energy_network", Math.abs(a.y - b.y) * (a.y < b.y ? energy.north : energy.south));
          for (const { dst, weight, delay } of targets) {
            const at = arriving.get(t + 1 + delay) ?? new Map<number, number>();
            arriving.set(t + 1 + delay, at);
            at.set(dst, (at.get(dst) ?? 0) + weight);
          }
        }
      });
      if (g !== 0) list.push({ from: c, to: -1, generation: g, processing: 0 });
      packets.set(c, list);
    }
    arriving.delete(t);
    count("energy_total", sum(energies.map((name) => step[name])));
    count("time_simple", simpleTime([...packets.values()].flat(), cores) + sync);
    count("time_detailed", detailedTime(packets, arch, placeOf, new ties()) + sync);
    result.spikes.push(fired.toSorted((a, b) => a - b));
    result.potentials.push(states.map(({ v }) => v));
    for (const [name, value] of Object.entries(step)) (result.perStep[name] ??= []).push(value);
  }
  return result;
}

/** By source, then by receiving core in the order of its packets. */
function synapsesOf({
  synapses,
  synapse_columns: columns,
  core,
  packet_order: order,
}: SanafeGolden): Map<number, Map<number, Synapse[]>> {
  const [src, dst, weight, delay] = ["src", "dst", "weight", "delay"].map((name) => columns.indexOf(name));
  const found = new Map<number, Map<number, Synapse[]>>();
  const add = (from: number, to: number): Synapse[] => {
    const lists = found.get(from) ?? new Map<number, Synapse[]>();
    found.set(from, lists);
    if (!lists.has(to)) lists.set(to, []);
    return lists.get(to)!;
  };
  for (const [from, cores] of Object.entries(order)) for (const to of cores) add(Number(from), to);
  for (const row of synapses.toSorted((a, b) => core[a[dst]] - core[b[dst]]))
    add(row[src], core[row[dst]]).push({ dst: row[dst], weight: row[weight], delay: row[delay] ?? 0 });
  return found;
}

type Params = SanafeGolden["neurons"][number]["params"];

function isUpdated({ v }: State, params: Params, input: number | undefined): boolean {
  return v !== 0 || input !== undefined || (params["bias"] ?? 0) !== 0 || Boolean(params["force_update"]);
}

function stepLif(state: State, params: Params, input: number | undefined, t: number): number {
  const p = (name: string, fallback = 0): number => Number(params[name] ?? fallback);
  let status = isUpdated(state, params, input) ? 1 : 0;
  if (t > 1) {
    state.u *= p("input_decay");
    state.v *= p("leak_decay", 1);
  }
  state.v = Math.trunc(state.v * 64) / 64;
  if (state.r === 0) {
    state.v += p("bias");
    state.u += input ?? 0;
    state.v += state.u;
    if (state.v > p("threshold")) {
      if ((params["reset_mode"] ?? "hard") === "hard") state.v = p("reset");
      if (params["reset_mode"] === "soft") state.v -= p("threshold");
      state.r = p("refractory_delay");
      status = 2;
    }
    if (state.v < p("reverse_threshold")) {
      if (params["reverse_reset_mode"] === "soft") state.v -= p("reverse_threshold");
      if (params["reverse_reset_mode"] === "hard") state.v = p("reverse_reset");
      if (params["reverse_reset_mode"] === "saturate") state.v = p("reverse_threshold");
    }
  }
  state.r = Math.max(0, state.r - 1);
  return status;
}

function stepTrueNorth(state: State, params: Params, input: number | undefined): number {
  const p = (name: string): number => Number(params[name] ?? 0);
  const status = isUpdated(state, params, input) ? 1 : 0;
  const towardsZero = params["leak_towards_zero"] === undefined || Boolean(params["leak_towards_zero"]);
  state.v += p("leak") * (towardsZero ? -Math.sign(state.v) : 1);
  state.v += p("bias");
  state.v += input ?? 0;
  if (state.v >= p("threshold")) {
    if ((params["reset_mode"] ?? "hard") === "hard") state.v = p("reset");
    if (params["reset_mode"] === "soft") state.v -= p("threshold");
    if (params["reset_mode"] === "saturate") state.v = p("threshold");
    return 2;
  }
  if (state.v <= p("reverse_threshold")) {
    if (params["reverse_reset_mode"] === "hard") state.v = p("reverse_reset");
    if (params["reverse_reset_mode"] === "soft") state.v += p("reverse_threshold");
    if (params["reverse_reset_mode"] === "saturate") state.v = p("reverse_threshold");
  }
  return status;
}

function simpleTime(packets: readonly Packet[], cores: readonly number[]): number {
  const times = cores.flatMap((c) => [
    sum(packets.filter(({ from }) => from === c).map(({ generation }) => generation)),
    sum(packets.filter(({ to }) => to === c).map(({ processing }) => processing)),
  ]);
  return Math.max(...times);
}

function detailedTime(
  packets: ReadonlyMap<number, readonly Packet[]>,
  { mesh, latency_s: latency }: SanafeGolden["arch"],
  placeOf: (core: number) => { x: number; y: number },
  ready: SendQueue,
): number {
  const heads = new Map([...packets].map(([c, [first]]) => [c, { at: 0, send: first?.generation }]));
  for (const [c, { send }] of heads) if (send !== undefined) ready.push(c, send);
  const free = new Map<number, number>();
  const density = new Map<string, number>();
  let inFlight: { to: number; received: number; processing: number; route: string[] }[] = [];
  let mean = 0;
  let latest = 0;
  const leave = ({ processing, route }: (typeof inFlight)[number], n: number): void => {
    for (const entry of route) density.set(entry, density.get(entry)! - 1 / (route.length + 1));
    mean = n > 1 ? mean + (mean - processing) / (n - 1) : 0;
  };
  while (ready.size > 0) {
    const from = ready.pop();
    const head = heads.get(from)!;
    let s = head.send;
    const gone = inFlight.filter(({ received }) => received <= s).toSorted((a, b) => a.to - b.to);
    gone.forEach((packet, k) => {
      leave(packet, inFlight.length - k);
    });
    inFlight = inFlight.filter((packet) => !gone.includes(packet));
    latest = Math.max(latest, s);
    const { to, processing } = packets.get(from)![head.at];
    if (to >= 0) {
      const { route, hopTime } = routeOf(from, to);
      const along = sum(route.map((entry) => density.get(entry) ?? 0));
      const room = route.length * mesh.link_buffer_size;
      s += along > room ? (along - room) * mean : 0;
      const e = s + Math.max(hopTime, (along * mean) / route.length);
      const f = free.get(to) ?? 0;
      const received = Math.max(f, e);
      free.set(to, Math.max(f + processing, e + processing));
      latest = Math.max(latest, free.get(to)!);
      for (const entry of route) density.set(entry, (density.get(entry) ?? 0) + 1 / (route.length + 1));
      mean += (processing - mean) / (inFlight.length + 1);
      inFlight.push({ to, received, processing, route });
    }
    const following = packets.get(from)!.at(head.at + 1);
    if (following === undefined) continue;
    heads.set(from, { at: head.at + 1, send: s + following.generation });
    ready.push(from, s + following.generation);
  }
  return latest;

  /** A name for each pair of tile and link; x first. */
  function routeOf(from: number, to: number): { route: string[]; hopTime: number } {
    const [a, b] = [placeOf(from), placeOf(to)];
    let { x, y } = a;
    const route = [`${x},${y} from ${from % mesh.cores_per_tile}`];
    const [right, up] = [b.x - a.x, b.y - a.y];
    const hopTime =
      Math.abs(right) * latency[right > 0 ? "east" : "west"] +
      Math.abs(up) * latency[up > 0 ? "north" : "south"];
    while (x !== b.x || y !== b.y) {
      const way = x < b.x ? "east" : x > b.x ? "west" : y < b.y ? "north" : "south";
      x += way === "east" ? 1 : way === "west" ? -1 : 0;
      y += way === "north" ? 1 : way === "south" ? -1 : 0;
      route.push(`${x},${y} ${way}`);
    }
    return { route, hopTime };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
