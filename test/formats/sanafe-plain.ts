// SANA-FE's rules for one step, slow and plain, run on the two files that the exporter writes: what its users would see.
// Source: `golden/sanafe/README.md` beside this project, which its golden cases hold to (`sanafe.test.ts`).

export interface PlainNeuron {
  readonly model: "input" | "lif";
  readonly params: Readonly<Record<string, number | string>>;
}

export interface PlainNetwork {
  readonly neurons: readonly PlainNeuron[];
  /** Core of neuron i, by place in the architecture. */
  readonly core: readonly number[];
  readonly synapses: readonly {
    readonly pre: number;
    readonly post: number;
    readonly weight: number;
    readonly delay: number;
  }[];
}

export interface PlainRun {
  /** `[steps]`, ids of the neurons that fired, rising. */
  readonly fired: readonly (readonly number[])[];
  /** `[steps]`. */
  readonly updated: readonly number[];
  readonly packets: readonly number[];
  readonly synapticEvents: readonly number[];
}

/** @param spikes by neuron: steps (from 0) in which an input neuron fires */
export function runPlain(
  { neurons, core, synapses }: PlainNetwork,
  spikes: ReadonlyMap<number, ReadonlySet<number>>,
  steps: number,
): PlainRun {
  const outgoing = neurons.map((_, id) => synapses.filter(({ pre }) => pre === id));
  const state = neurons.map(({ params }): State => ({
    v: Number(params["potential"] ?? 0),
    u: 0,
    refractory: 0,
  }));
  const arriving = new Map<number, Map<number, number>>();
  const run = {
    fired: [] as number[][],
    updated: [] as number[],
    packets: [] as number[],
    synapticEvents: [] as number[],
  };
  for (let step = 0; step < steps; step++) {
    const now = arriving.get(step) ?? new Map<number, number>();
    const fired: number[] = [];
    let updated = 0;
    neurons.forEach(({ model, params }, id) => {
      const fires =
        model === "input" ? spikes.get(id)?.has(step) === true : update(state[id], params, now.get(id), step);
      const isAwake = model === "lif" && (state[id].awake === true || params["force_update"] === 1);
      if (fires) fired.push(id);
      if (fires || isAwake) updated++;
    });
    let events = 0;
    let packets = 0;
    for (const id of fired) {
      packets += new Set(outgoing[id].map(({ post }) => core[post])).size;
      for (const { post, weight, delay } of outgoing[id]) {
        events++;
        const at = step + 1 + delay;
        const sums = arriving.get(at) ?? new Map<number, number>();
        sums.set(post, (sums.get(post) ?? 0) + weight);
        arriving.set(at, sums);
      }
    }
    run.fired.push(fired);
    run.updated.push(updated);
    run.packets.push(packets);
    run.synapticEvents.push(events);
  }
  return run;
}

interface State {
  v: number;
  u: number;
  refractory: number;
  awake?: boolean;
}

function update(
  state: State,
  params: PlainNeuron["params"],
  input: number | undefined,
  step: number,
): boolean {
  const number = (name: string, fallback: number): number => Number(params[name] ?? fallback);
  state.awake = state.v !== 0 || input !== undefined || number("bias", 0) !== 0;
  if (step > 0) {
    state.u *= number("input_decay", 0);
    state.v *= number("leak_decay", 1);
  }
  state.v = Math.trunc(state.v * 64) / 64;
  let fires = false;
  if (state.refractory === 0) {
    state.u += input ?? 0;
    state.v += number("bias", 0) + state.u;
    const threshold = number("threshold", 0);
    fires = state.v > threshold;
    if (fires) {
      if (params["reset_mode"] === "soft") state.v -= threshold;
      else if (params["reset_mode"] !== "none") state.v = number("reset", 0);
      state.refractory = number("refractory_delay", 0);
    }
    const reverse = number("reverse_threshold", 0);
    const mode = params["reverse_reset_mode"] ?? "none";
    if (mode !== "none" && state.v < reverse)
      state.v = mode === "soft" ? state.v - reverse : mode === "hard" ? number("reverse_reset", 0) : reverse;
  }
  state.refractory = Math.max(0, state.refractory - 1);
  return fires;
}

type Yaml = string | Yaml[] | { [key: string]: Yaml };

/** Reads the corner of YAML that the exporter writes: block lists and maps, and flow ones on a line. */
export function readYaml(text: string): Yaml {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  let at = 0;
  const indentOf = (line: string): number => line.length - line.trimStart().length;
  function block(indent: number): Yaml {
    if (lines[at].trimStart().startsWith("- ")) {
      const list: Yaml[] = [];
      while (at < lines.length && indentOf(lines[at]) === indent && lines[at].trimStart().startsWith("- ")) {
        lines[at] = `${" ".repeat(indent + 2)}${lines[at].trimStart().slice(2)}`;
        list.push(block(indent + 2));
      }
      return list;
    }
    if (!/^\s*[^{["]*?: ?/.test(lines[at])) return flow(lines[at++].trim());
    const map: Record<string, Yaml> = {};
    while (at < lines.length && indentOf(lines[at]) === indent && !lines[at].trimStart().startsWith("- ")) {
      const [, key, rest] = /^\s*(.*?):(?: (.*))?$/.exec(lines[at++]) as RegExpExecArray;
      if (key in map) throw new Error(`the key ${key} stands twice`);
      if (rest !== undefined && rest !== "") map[key] = flow(rest);
      else map[key] = block(indentOf(lines[at]));
    }
    return map;
  }
  return block(0);
}

function flow(text: string): Yaml {
  if (text === "[]") return [];
  if (text.startsWith("{"))
    return Object.fromEntries(
      text
        .slice(1, -1)
        .split(", ")
        .map((part) => part.split(": ") as [string, string])
        .map(([key, value]) => [key, flow(value)]),
    );
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

/** The network file as neurons and synapses; ids by group, then place. */
export function readNetwork(text: string): PlainNetwork & {
  readonly groups: Readonly<Record<string, number>>;
  readonly somaUnits: readonly string[];
  readonly synapseUnits: readonly (string | undefined)[];
} {
  const file = readYaml(text) as {
    network: {
      groups: { name: string; neurons: Record<string, Record<string, string>>[] }[];
      edges: Record<string, Record<string, string>>[];
    };
    mappings: Record<string, Record<string, string>>[];
  };
  const groups: Record<string, number> = {};
  const params: Record<string, string>[] = [];
  for (const { name, neurons } of file.network.groups) {
    groups[name] = params.length;
    for (const entry of neurons)
      for (const [range, attributes] of Object.entries(entry))
        for (let i = bounds(range)[0]; i <= bounds(range)[1]; i++) params[groups[name] + i] = attributes;
  }
  const idOf = (address: string): number => {
    const [group, neuron] = address.split(".");
    return groups[group] + Number(neuron);
  };
  const core: number[] = [];
  const somaUnits: string[] = [];
  const synapseUnits: (string | undefined)[] = [];
  for (const entry of file.mappings)
    for (const [address, { core: place, soma, synapse }] of Object.entries(entry)) {
      const [group, range] = [
        address.slice(0, address.indexOf(".")),
        address.slice(address.indexOf(".") + 1),
      ];
      for (let i = bounds(range)[0]; i <= bounds(range)[1]; i++) {
        const [tile, inTile] = place.split(".").map(Number);
        core[groups[group] + i] = tile * 1000 + inTile;
        somaUnits[groups[group] + i] = soma;
        synapseUnits[groups[group] + i] = synapse;
      }
    }
  const neurons = params.map((attributes, id): PlainNeuron => ({
    model: somaUnits[id].startsWith("line") ? "input" : "lif",
    params: attributes,
  }));
  const synapses = file.network.edges.flatMap((entry) =>
    Object.entries(entry).map(([edge, { weight, delay = "0" }]) => {
      const [pre, post] = edge.split(" -> ").map(idOf);
      return { pre, post, weight: Number(weight), delay: Number(delay) };
    }),
  );
  return { neurons, core, synapses, groups, somaUnits, synapseUnits };
}

function bounds(range: string): readonly [number, number] {
  const [first, last = first] = range.split("..").map(Number);
  return [first, last];
}
