import { type BlockGraph, COMMON_RESOURCES, RESOURCES } from "./block-graph.ts";
import { nonzeroSynapseCount, storedWeights, synapseCount } from "./connectivity.ts";
import { storedWords, type CoreProgram, type Deployment } from "./deployment.ts";
import {
  type Connectivity,
  DEFAULT_DYNAMICS,
  type Network,
  type NetworkPort,
  type Population,
  type Projection,
} from "./network.ts";

// A readable listing of each level: for `--ir`, for `--dump-after`, and for golden tests. Same network, same
// text. Arrays are summed up (one value, or lowest .. highest), so the length follows the populations.

/** Level 1. */
export function networkText(network: Network): string {
  const { populations, projections, inputs, outputs } = network;
  const nameOf = (p: number): string => populations[p].name;
  const step =
    network.timestepNs === undefined ? "time in steps" : `${number(network.timestepNs)} ns per step`;
  return lines(
    `network "${network.name}", ${step}`,
    `populations (${populations.length})`,
    ...table(populations.map(populationCells)),
    `projections (${projections.length})`,
    ...table(projections.map((projection) => projectionCells(projection, nameOf))),
    ...ports("inputs", inputs, nameOf),
    ...ports("outputs", outputs, nameOf),
  );
}

function populationCells(population: Population, index: number): string[] {
  const { name, model, shape, params, bias, dynamics, startStep, membraneQuantum, periodicReset } =
    population;
  const facts = Object.entries(params).map(([key, values]) => `${key} ${range(values)}`);
  if (bias !== undefined) facts.push(`bias ${range(bias)}`);
  if (membraneQuantum !== undefined) facts.push(`membrane unit ${range(membraneQuantum)}`);
  if (dynamics !== undefined) {
    for (const [key, value] of Object.entries(dynamics) as [keyof typeof dynamics, string | number][]) {
      if (value !== DEFAULT_DYNAMICS[key]) facts.push(`${key} ${value}`);
    }
  }
  if (startStep !== undefined && startStep !== 0) facts.push(`starts in step ${startStep}`);
  if (periodicReset !== undefined)
    facts.push(`forgets in step ${periodicReset.offsetSteps} of every ${periodicReset.intervalSteps}`);
  return [String(index), name, model, shape.join(" x "), facts.join(", ")];
}

function projectionCells(projection: Projection, nameOf: (p: number) => string): string[] {
  const { name, pre, post, connectivity, weightScale, delaySteps, beforeStart, layer, quantization } =
    projection;
  const facts = [`weights ${range(storedWeights(connectivity))}`];
  if (weightScale !== 1) facts.push(`x ${number(weightScale)}`);
  if (delaySteps > 0) facts.push(`delay ${delaySteps}`);
  if (beforeStart !== undefined) facts.push(`before start ${beforeStart}`);
  if (quantization !== undefined) {
    const { weightBits, signMode, weightExponent } = quantization;
    facts.push(`${weightBits} bit ${signMode}, exponent ${weightExponent}`);
    if (quantization.axonType !== undefined) facts.push(`axon type ${quantization.axonType}`);
  }
  if (layer !== undefined) facts.push(`${layer.kind} layer "${layer.node}"`);
  return [name, `${nameOf(pre)} -> ${nameOf(post)}`, ...connectivityCells(connectivity), facts.join(", ")];
}

function connectivityCells(connectivity: Connectivity): string[] {
  const stored = synapseCount(connectivity);
  const zeros = stored - nonzeroSynapseCount(connectivity);
  const synapses = `${stored} synapses${zeros === 0 ? "" : `, ${zeros} of them zero`}`;
  const form = connectivity.kind === "kernel" ? kernelText(connectivity) : connectivity.kind;
  return [form, `${connectivity.rows} x ${connectivity.cols}`, synapses];
}

function kernelText(kernel: Extract<Connectivity, { kind: "kernel" }>): string {
  const { kernelShape, stride, padding, dilation, groups } = kernel;
  const words = [`kernel ${kernelShape.join(" x ")}`];
  if (stride.some((n) => n !== 1)) words.push(`stride ${stride.join(" x ")}`);
  if (padding.some((n) => n !== 0)) words.push(`padding ${padding.join(" ")}`);
  if (dilation.some((n) => n !== 1)) words.push(`dilation ${dilation.join(" x ")}`);
  if (groups !== 1) words.push(`groups ${groups}`);
  return words.join(", ");
}

function ports(title: string, list: readonly NetworkPort[], nameOf: (p: number) => string): string[] {
  const rows = list.map(({ name, population, drives }) => [
    name,
    nameOf(population),
    ...(drives === undefined ? [] : [`drives ${drives}`]),
  ]);
  return [`${title} (${list.length})`, ...table(rows)];
}

/** Level 2; the network gives the names. */
export function blockGraphText(graph: BlockGraph, network: Network): string {
  const { blocks, nets } = graph;
  return lines(
    `blocks (${blocks.length})`,
    ...table(
      blocks.map(({ slices, demand }, b) => [
        String(b),
        slices
          .map(({ population, begin, end }) => `${network.populations[population].name}[${begin}, ${end})`)
          .join(" "),
        RESOURCES.filter((resource) => COMMON_RESOURCES.includes(resource) || demand[resource] > 0)
          .map((resource) => `${resource} ${number(demand[resource])}`)
          .join(", "),
      ]),
    ),
    `nets (${nets.length})`,
    ...table(
      nets.map(({ source, sinks, spikesPerStep }) => [
        source < 0 ? `input "${network.inputs[-1 - source].name}"` : `block ${source}`,
        `-> ${[...sinks].join(" ")}`,
        `${number(spikesPerStep)} spikes per step`,
      ]),
    ),
  );
}

/** Level 3. */
export function deploymentText(deployment: Deployment): string {
  const { network, target, packer, rules, chips, cores, populations, inputs, outputs } = deployment;
  const nameOf = (p: number): string => populations[p].name;
  return lines(
    `deployment of "${network}" on ${target}, ${chips} ${chips === 1 ? "chip" : "chips"}, packer ${packer}, rules ${rules}`,
    `populations (${populations.length})`,
    ...table(
      populations.map(({ name, shape, startStep, periodicReset, core }) => [
        name,
        shape.join(" x "),
        core.length === 0 ? "outside" : `cores ${[...new Set(core)].toSorted((a, b) => a - b).join(" ")}`,
        `starts in step ${startStep}`,
        ...(periodicReset === undefined
          ? []
          : [`forgets in step ${periodicReset.offsetSteps} of every ${periodicReset.intervalSteps}`]),
      ]),
    ),
    `cores (${cores.length})`,
    ...cores.flatMap((core) => coreLines(core, nameOf)),
    `inputs (${inputs.length})`,
    ...table(
      inputs.map(({ name, population, routeCore, drives }) => [
        name,
        nameOf(population),
        drives === undefined ? `${routeCore.length} routes` : `drives ${drives}`,
      ]),
    ),
    `outputs (${outputs.length})`,
    ...table(outputs.map(({ name, population, readout }) => [name, nameOf(population), readout])),
  );
}

function coreLines(program: CoreProgram, nameOf: (p: number) => string): string[] {
  const { core, neurons, groups, formats, axonWords, target, weight, delaySteps, routeCore } = program;
  const words = storedWords(program);
  return [
    `  core ${core}: ${neurons} neurons, ${target.length} synapses in ${words} words, ${axonWords.length} axons in, ${routeCore.length} routes out`,
    ...groups.map(
      ({ population, model, begin, end }) => `    [${begin}, ${end}) ${nameOf(population)}, ${model}`,
    ),
    ...formats.map(
      (f, i) =>
        `    format ${i}: projection ${f.projection}, ${f.encoding}, ${f.weightBits} bit ${f.signMode}, exponent ${f.weightExponent}, index ${f.indexBits}, skip ${f.skipBits}, delay ${f.delayBits}`,
    ),
    ...(target.length === 0 ? [] : [`    weights ${range(weight)}, delays ${range(delaySteps)}`]),
  ];
}

/** One value if all are the same, else lowest .. highest. */
function range(values: ArrayLike<number>): string {
  if (values.length === 0) return "none";
  let low = values[0];
  let high = values[0];
  for (let i = 1; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return low === high ? number(low) : `${number(low)} .. ${number(high)}`;
}

/** Whole numbers in full; of others six digits: enough to tell two networks apart and few enough to read. */
function number(value: number): string {
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}

/** Columns padded to their widest cell, two spaces between, two in front. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, c) => {
      widths[c] = Math.max(widths.at(c) ?? 0, cell.length);
    });
  }
  return rows.map((row) => `  ${row.map((cell, c) => cell.padEnd(widths[c])).join("  ")}`.trimEnd());
}

function lines(...all: string[]): string {
  return `${all.join("\n")}\n`;
}
