import { synapseCount } from "#ir/connectivity";
import { storedWords, type CoreProgram, type Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { tileOf, type Target } from "#targets/target";
import { neuronOfCompartment, slicesOf, sourcesOf } from "../deployment-view.ts";
import { plural } from "#util/units";

/** What both renderings are made from. Attributes are JSON values; `lines` are what a node shows. */
export interface Graph {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly nodes: readonly GraphNode[];
  readonly links: readonly GraphLink[];
}

export interface GraphNode {
  readonly id: string;
  /** Nodes of one group are drawn in one box. */
  readonly group?: string;
  readonly attributes: Readonly<Record<string, string | number | boolean | readonly (number | string)[]>>;
  readonly lines: readonly string[];
}

export interface GraphLink {
  readonly source: string;
  readonly target: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly text: string;
}

/** One node for each population, one link for each projection. */
export function networkGraph({
  name,
  timestepNs,
  populations,
  projections,
  inputs,
  outputs,
}: Network): Graph {
  const isInput = new Set(inputs.map(({ population }) => population));
  const isOutput = new Set(outputs.map(({ population }) => population));
  return {
    name,
    attributes: { level: "network", ...(timestepNs === undefined ? {} : { timestepNs }) },
    nodes: populations.map(({ name: id, model, shape, size }, p) => ({
      id,
      attributes: { model, shape, neurons: size, input: isInput.has(p), output: isOutput.has(p) },
      lines: [id, `${model} ${shape.join(" x ")}`],
    })),
    links: projections.map(({ name: projection, pre, post, connectivity, delaySteps }) => {
      const synapses = synapseCount(connectivity);
      return {
        source: populations[pre].name,
        target: populations[post].name,
        attributes: { name: projection, connectivity: connectivity.kind, synapses, delaySteps },
        text: `${connectivity.kind} ${synapses}${delaySteps === 0 ? "" : `, delay ${delaySteps}`}`,
      };
    }),
  };
}

/** One node for each core and input port, one link for each pair that spikes go between. */
export function coreGraph(deployment: Deployment, target: Target): Graph {
  const { network, populations, inputs, cores } = deployment;
  const neurons = neuronOfCompartment(deployment);
  const portOf = new Map(inputs.map(({ name, population }) => [population, `input ${name}`]));
  const linesOf = (population: number): number =>
    populations[population].shape.reduce((size, extent) => size * extent, 1);
  return {
    name: network,
    attributes: { level: "deployment", target: target.name, packer: deployment.packer },
    nodes: [
      ...inputs.map(({ name, population, drives = "spikes" }) => ({
        id: `input ${name}`,
        attributes: { kind: "input", drives, lines: linesOf(population) },
        lines: [`input ${name}`, plural(linesOf(population), "line")],
      })),
      ...cores.map((program) =>
        coreNode(program, deployment, neurons.get(program.core) as Uint32Array, target),
      ),
    ],
    links: trafficOf(deployment, (population) => portOf.get(population) ?? populations[population].name),
  };
}

function coreNode(
  program: CoreProgram,
  { populations }: Deployment,
  neurons: Uint32Array,
  target: Target,
): GraphNode {
  const { chip, x, y } = tileOf(target, program.core);
  const slices = slicesOf(program, neurons).map(
    ({ population, begin, end }) => `${populations[population].name}[${begin}:${end}]`,
  );
  return {
    id: `core ${program.core}`,
    group: `chip ${chip}, tile ${x} ${y}`,
    attributes: {
      kind: "core",
      core: program.core,
      chip,
      tileX: x,
      tileY: y,
      neurons: program.neurons,
      synapses: program.target.length,
      synapseWords: storedWords(program),
      populations: slices,
    },
    lines: [`core ${program.core}`, ...slices],
  };
}

/** Routes (messages, if every source fires once) and the synapses behind them, by pair of sender and receiver. */
function trafficOf(deployment: Deployment, portName: (population: number) => string): GraphLink[] {
  const programs = new Map(deployment.cores.map((program) => [program.core, program]));
  const pairs = new Map<string, { source: string; target: string; routes: number; synapses: number }>();
  for (const { population, at, routes } of sourcesOf(deployment)) {
    const source = at === undefined ? portName(population) : `core ${at.core}`;
    for (const { core, axon } of routes) {
      const target = `core ${core}`;
      const key = JSON.stringify([source, target]);
      const pair = pairs.get(key) ?? { source, target, routes: 0, synapses: 0 };
      const { axonStart } = programs.get(core) as CoreProgram;
      pair.routes++;
      pair.synapses += axonStart[axon + 1] - axonStart[axon];
      pairs.set(key, pair);
    }
  }
  return [...pairs.values()].map(({ source, target, routes, synapses }) => ({
    source,
    target,
    attributes: { routes, synapses },
    text: `${routes} routes`,
  }));
}
