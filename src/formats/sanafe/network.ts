import type { CoreProgram, Deployment, SynapseFormat } from "#ir/deployment";
import { roundHalfEven } from "#neurons/loihi-weights";
import type { Target } from "#targets/target";
import {
  neuronOfCompartment,
  populationOfCompartment,
  slicesOf,
  sourcesOf,
  spikeInputs,
} from "../deployment-view.ts";
import { sanafeTile, UNITS, type Host } from "./architecture.ts";
import { groupNames, plainName } from "./names.ts";
import { attributesOf, registersOf } from "./neuron.ts";

type Encoding = SynapseFormat["encoding"];

/** The network file: groups, one edge for each stored synapse, and the core of every neuron. */
export function networkText(deployment: Deployment, target: Target, host: Host | undefined): string {
  const names = groupNames(deployment.populations.map(({ name }) => name));
  const neurons = neuronOfCompartment(deployment);
  return [
    "network:",
    `  name: ${plainName(deployment.network)}`,
    "  groups:",
    ...groupLines(deployment, names),
    "  edges:",
    ...edgeLines(deployment, names),
    "mappings:",
    ...(host === undefined ? [] : hostLines(deployment, names, host)),
    ...deployment.cores.flatMap((program) =>
      coreLines(program, neurons.get(program.core) as Uint32Array, names, target),
    ),
    "",
  ].join("\n");
}

function groupLines(deployment: Deployment, names: readonly string[]): string[] {
  const { populations, outputs, cores, rules } = deployment;
  const attributes = populations.map(({ core }) => new Array<string>(core.length).fill(""));
  const neurons = neuronOfCompartment(deployment);
  for (const { core, groups } of cores)
    for (const group of groups)
      for (let c = group.begin; c < group.end; c++)
        attributes[group.population][(neurons.get(core) as Uint32Array)[c]] = attributesOf(
          registersOf(group, c - group.begin),
          rules,
        );
  const lines = new Map(
    spikeInputs(deployment).map(({ population, routeStart }) => [population, routeStart.length - 1]),
  );
  const logged = new Map(outputs.map(({ population, readout }) => [population, readout]));
  return populations.flatMap((_, p) => {
    const isInput = lines.has(p);
    const runs = isInput
      ? [`0..${(lines.get(p) as number) - 1}: {log_spikes: false}`]
      : runsOf(attributes[p]);
    if (!isInput && attributes[p].length === 0) return [];
    const potential = logged.get(p) === "membrane" ? ", log_potential: true" : "";
    return [
      `    - name: ${names[p]}`,
      `      attributes: {log_spikes: ${logged.has(p)}${potential}}`,
      "      neurons:",
      ...runs.map((run) => `        - ${run}`),
    ];
  });
}

/** Neighbours that share their attributes as `0..9: {…}`. */
function runsOf(attributes: readonly string[]): string[] {
  const runs: string[] = [];
  for (let begin = 0, end = 1; end <= attributes.length; end++) {
    if (end < attributes.length && attributes[end] === attributes[begin]) continue;
    runs.push(`${rangeOf(begin, end)}: {${attributes[begin]}}`);
    begin = end;
  }
  return runs;
}

const rangeOf = (begin: number, end: number): string =>
  end - begin === 1 ? `${begin}` : `${begin}..${end - 1}`;

/** In order of sources, and within one in the order of its synapse lists, which is the order they are served in. */
function edgeLines(deployment: Deployment, names: readonly string[]): string[] {
  const programs = new Map(deployment.cores.map((program) => [program.core, program]));
  const neurons = neuronOfCompartment(deployment);
  const populations = new Map(deployment.cores.map((core) => [core.core, populationOfCompartment(core)]));
  const edges: string[] = [];
  for (const { population, neuron, routes } of sourcesOf(deployment))
    for (const { core, axon } of routes) {
      const { axonStart, target, weight, format, formats, delaySteps } = programs.get(core) as CoreProgram;
      for (let e = axonStart[axon]; e < axonStart[axon + 1]; e++) {
        const post = `${names[(populations.get(core) as Uint32Array)[target[e]]]}.${(neurons.get(core) as Uint32Array)[target[e]]}`;
        const value = weightOf(weight[e], formats[format[e]], deployment);
        const delay = delaySteps[e] > 1 ? `, delay: ${delaySteps[e] - 1}` : "";
        edges.push(`    - ${names[population]}.${neuron} -> ${post}: {weight: ${value}${delay}}`);
      }
    }
  return edges.length === 0 ? ["    []"] : edges;
}

/** What arrives for one spike; nengo's rules round each weight where the exponent is negative. */
function weightOf(stored: number, { weightExponent }: SynapseFormat, { rules }: Deployment): number {
  const value = stored * 2 ** weightExponent;
  return rules === "nengo" ? roundHalfEven(value) : value;
}

function hostLines(deployment: Deployment, names: readonly string[], { tile, coreInTile }: Host): string[] {
  let unit = 0;
  return spikeInputs(deployment).flatMap(({ population, routeStart }) =>
    Array.from(
      { length: routeStart.length - 1 },
      (_, i) =>
        `  - ${names[population]}.${i}: {core: ${tile}.${coreInTile}, soma: "${UNITS.line}[${unit++}]"}`,
    ),
  );
}

function coreLines(
  program: CoreProgram,
  neurons: Uint32Array,
  names: readonly string[],
  target: Target,
): string[] {
  const place = `${sanafeTile(target, program.core)}.${program.core % target.mesh.coresPerTile}`;
  const encodings = mainEncodings(program);
  return slicesOf(program, neurons).flatMap(({ population, begin, end, compartment }) => {
    const lines: string[] = [];
    for (let from = begin, to = begin + 1; to <= end; to++) {
      const encoding = encodings[compartment + from - begin];
      if (to < end && encodings[compartment + to - begin] === encoding) continue;
      lines.push(
        `  - ${names[population]}.${rangeOf(from, to)}: {core: ${place}, soma: ${UNITS.neuron}, synapse: ${unitOf(encoding)}}`,
      );
      from = to;
    }
    return lines;
  });
}

/** SANA-FE's Loihi has units for lists; other memories count as dense ones. */
function unitOf(encoding: Encoding): string {
  const units: Readonly<Partial<Record<Encoding, string>>> = UNITS.synapses;
  return units[encoding] ?? UNITS.synapses.dense;
}

/** The encoding of most synapses of every compartment: SANA-FE has one synapse unit for each receiving neuron. */
export function mainEncodings({ neurons, target, format, formats }: CoreProgram): Encoding[] {
  const kinds = Object.keys(UNITS.synapses) as Encoding[];
  const counts = new Uint32Array(neurons * kinds.length);
  for (let e = 0; e < target.length; e++)
    counts[target[e] * kinds.length + kinds.indexOf(formats[format[e]].encoding)]++;
  return Array.from({ length: neurons }, (_, n) => {
    const own = counts.subarray(n * kinds.length, (n + 1) * kinds.length);
    return kinds[own.indexOf(Math.max(...own))];
  });
}
