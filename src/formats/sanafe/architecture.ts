import type { Deployment } from "#ir/deployment";
import { coresPerChip, tileOf, type PricedAction, type Profile, type Target } from "#targets/target";
import { spikeInputs } from "../deployment-view.ts";
import { plainName } from "./names.ts";

/** Where lines of input ports are put: a core of its own, one more in a tile, that costs nothing. */
export interface Host {
  /** Tile in SANA-FE's order, and the core's place in it. */
  readonly tile: number;
  readonly coreInTile: number;
  /** One soma unit for each: a unit holds one spike train. */
  readonly lines: number;
}

/** Names of units in the architecture; the mapping refers to them. */
export const UNITS = {
  neuron: "lif",
  line: "line",
  synapses: { sparse: "sparse", "run-length": "run_length", dense: "dense" },
} as const;

/** Messages that a link of SANA-FE's Loihi holds; only its detailed timing model reads it. */
const LINK_BUFFER_MESSAGES = 16;

const J_PER_PJ = 1e-12;
const S_PER_NS = 1e-9;
const TO_BASE = { pJ: J_PER_PJ, nJ: 1e-9, ns: S_PER_NS, us: 1e-6 } as const;

/** The tile that gets most of the input, so that input messages cross few links; undefined without inputs. */
export function hostOf(deployment: Deployment, target: Target): Host | undefined {
  const inputs = spikeInputs(deployment);
  const lines = inputs.reduce((sum, { routeStart }) => sum + routeStart.length - 1, 0);
  if (lines === 0) return undefined;
  const routes = new Map<number, number>();
  for (const { routeCore } of inputs)
    for (const core of routeCore) {
      const tile = sanafeTile(target, core);
      routes.set(tile, (routes.get(tile) ?? 0) + 1);
    }
  const [busiest] = [...routes].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]);
  const tile = routes.size === 0 ? sanafeTile(target, deployment.cores.at(0)?.core ?? 0) : busiest[0];
  return { tile, coreInTile: target.mesh.coresPerTile, lines };
}

/** SANA-FE numbers tiles along columns: x · height + y. */
export function sanafeTile(target: Target, core: number): number {
  const { x, y } = tileOf(target, core);
  return x * target.mesh.rows + y;
}

/** The architecture file: mesh, prices, one neuron unit and three synapse units in every core. */
export function architectureText(
  target: Target,
  profile: Profile,
  { host, hasDelays }: { readonly host: Host | undefined; readonly hasDelays: boolean },
): string {
  const tiles = coresPerChip(target) / target.mesh.coresPerTile;
  const body = new Body(target, profile, hasDelays);
  const parts =
    host === undefined
      ? body.tiles(0, tiles)
      : [
          ...body.tiles(0, host.tile),
          ...body.tiles(host.tile, host.tile + 1, host.lines),
          ...body.tiles(host.tile + 1, tiles),
        ];
  const barrier = profile.barrier.map(({ tiles: from, time }) => `${from}: ${base(time)}`);
  return [
    "architecture:",
    `  name: ${plainName(`${target.name} ${profile.name}`)}`,
    "  attributes:",
    "    topology: mesh",
    `    width: ${target.mesh.columns}`,
    `    height: ${target.mesh.rows}`,
    `    link_buffer_size: ${LINK_BUFFER_MESSAGES}`,
    "    sync_model: table",
    `    latency_sync: {${barrier.join(", ")}}`,
    "  tile:",
    ...parts,
    "",
  ].join("\n");
}

class Body {
  readonly #target: Target;
  readonly #profile: Profile;
  readonly #hasDelays: boolean;

  constructor(target: Target, profile: Profile, hasDelays: boolean) {
    this.#target = target;
    this.#profile = profile;
    this.#hasDelays = hasDelays;
  }

  /** Tiles [begin, end) alike; with `hostLines`, a further core for the input. */
  tiles(begin: number, end: number, hostLines?: number): string[] {
    if (begin === end) return [];
    const { coresPerTile } = this.#target.mesh;
    const hops = [
      ["north", "hopNorthSouth"],
      ["east", "hopEastWest"],
      ["south", "hopNorthSouth"],
      ["west", "hopEastWest"],
    ] as const;
    return [
      `    - name: tile[${begin}..${end - 1}]`,
      "      attributes:",
      ...hops.flatMap(([side, action]) => this.#prices(`${side}_hop`, action, 8)),
      "      core:",
      `        - name: core[0..${coresPerTile - 1}]`,
      ...this.#core(this.#target.walls.neurons?.value ?? 2 ** 20, this.#neuronUnit(), false),
      ...(hostLines === undefined
        ? []
        : ["        - name: host", ...this.#core(hostLines, this.#lineUnits(hostLines), true)]),
    ];
  }

  #core(maxNeurons: number, soma: readonly string[], isFree: boolean): string[] {
    const synapses = Object.entries(UNITS.synapses);
    const actions = {
      sparse: "synapseSparse",
      "run-length": "synapseRunLength",
      dense: "synapseDense",
    } as const;
    const priced = (key: string, action: PricedAction): string[] =>
      isFree ? free(key, 16) : this.#prices(key, action, 16);
    return [
      "          attributes:",
      `            buffer_position: ${this.#hasDelays ? "dendrite" : "soma"}`,
      `            buffer_inside_unit: ${this.#hasDelays}`,
      `            max_neurons_supported: ${maxNeurons}`,
      "          axon_in:",
      "            - name: axon_in",
      "              attributes:",
      ...priced("message_in", "messageIn"),
      "          synapse:",
      ...synapses.flatMap(([encoding, unit]) => [
        `            - name: ${unit}`,
        "              attributes:",
        "                model: current_based",
        ...priced("process_spike", actions[encoding as keyof typeof actions]),
      ]),
      "          dendrite:",
      "            - name: dendrite",
      "              attributes:",
      `                model: ${this.#hasDelays ? "accumulator_with_delay" : "accumulator"}`,
      ...free("update", 16),
      "          soma:",
      ...soma,
      "          axon_out:",
      "            - name: axon_out",
      "              attributes:",
      ...priced("message_out", "messageOut"),
    ];
  }

  #neuronUnit(): string[] {
    return [
      `            - name: ${UNITS.neuron}`,
      "              attributes:",
      "                model: leaky_integrate_fire",
      ...this.#prices("access_neuron", "neuronAccess", 16),
      ...this.#prices("update_neuron", "neuronUpdate", 16),
      ...this.#prices("spike_out", "spikeOut", 16),
    ];
  }

  #lineUnits(lines: number): string[] {
    return [
      `            - name: ${UNITS.line}[0..${lines - 1}]`,
      "              attributes:",
      "                model: input",
      ...["access_neuron", "update_neuron", "spike_out"].flatMap((key) => free(key, 16)),
    ];
  }

  #prices(key: string, action: PricedAction, indent: number): string[] {
    const { energy, time } = this.#profile;
    return pair(key, base(energy[action]), base(time[action]), indent);
  }
}

const free = (key: string, indent: number): string[] => pair(key, "0.0", "0.0", indent);

const pair = (key: string, energyJ: string, latencyS: string, indent: number): string[] => [
  `${" ".repeat(indent)}energy_${key}: ${energyJ}`,
  `${" ".repeat(indent)}latency_${key}: ${latencyS}`,
];

/** In joules or seconds; what nobody has published is written as 0 (and reported). */
function base(quantity: Profile["energy"][PricedAction]): string {
  if (quantity === null || quantity.value === 0) return "0.0";
  const inBase = quantity.value * TO_BASE[quantity.unit as keyof typeof TO_BASE];
  // Always with a point: YAML 1.1 takes "6e-7" for a word.
  return Number(inBase.toPrecision(12))
    .toExponential()
    .replace(/^(-?\d+)e/, "$1.0e");
}
