import type { DiagnosticSink } from "#util/diagnostic";
import {
  duplicateName,
  indexRange,
  inputReceives,
  missingParameter,
  neverDriven,
  outOfRange,
  portModel,
  shapeMismatch,
  unknownModel,
  zeroDelayLoop,
} from "./diagnostics.ts";
import { storedWeights } from "./connectivity.ts";
import { type Network, type NetworkPort, type Population, type Projection, RESET_MODES } from "./network.ts";
import {
  checkBroadcast,
  checkElements,
  checkNumbers,
  checkWhole,
  checkPeriodicReset,
} from "./validate-arrays.ts";
import { validateConnectivity } from "./validate-connectivity.ts";

/** A neuron model as far as a validator needs it; the entries of the neuron-model registry fit. */
export interface ModelSpec {
  readonly name: string;
  readonly params: readonly ParameterRange[];
}

export interface ParameterRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly default?: number;
}

export interface ValidateNetworkOptions {
  /** Checks models, their parameters and ranges too; without it, any model name goes. */
  readonly models?: readonly ModelSpec[];
}

/** Level 1: everything that can be wrong with a network, all at once. Trusts nobody, O(weights). */
export function validateNetwork(
  network: Network,
  sink: DiagnosticSink,
  options: ValidateNetworkOptions = {},
): void {
  const { populations, projections, timestepNs } = network;
  if (timestepNs !== undefined && !(timestepNs > 0 && timestepNs < Infinity)) {
    const subject = "network.timestepNs";
    sink.report(outOfRange({ subject, what: "the step", needed: "above 0 ns", found: timestepNs }));
  }
  reportDuplicates(populations, "populations", "network.populations", sink);
  for (const population of populations) validatePopulation(population, options, sink);
  validatePorts(network, "inputs", sink);
  validatePorts(network, "outputs", sink);
  const joined = projections.map((projection) => validateProjection(network, projection, sink));
  if (!joined.includes(false)) reportZeroDelayLoop(network, sink);
}

function reportDuplicates(
  things: readonly { readonly name: string }[],
  kind: string,
  subject: string,
  sink: DiagnosticSink,
): void {
  const seen = new Set<string>();
  for (const { name } of things) {
    if (seen.has(name)) sink.report(duplicateName({ subject: `${subject}["${name}"]`, kind, name }));
    seen.add(name);
  }
}

function validatePopulation(
  population: Population,
  options: ValidateNetworkOptions,
  sink: DiagnosticSink,
): void {
  const { name, shape, size, params, bias, membraneQuantum, startStep, periodicReset } = population;
  const subject = `network.populations["${name}"]`;
  const product = shape.reduce((elements, extent) => elements * extent, 1);
  checkWhole(size, 1, "the size", subject, sink);
  for (const extent of shape) checkWhole(extent, 1, "an extent of the shape", subject, sink);
  if (product !== size) {
    const found = `${size} (shape ${shape.join(" x ")})`;
    sink.report(
      shapeMismatch({ subject, what: "the size", needed: `the product of the shape, ${product},`, found }),
    );
  }
  for (const [key, values] of Object.entries(params)) {
    checkBroadcast(values, size, `${subject}.params.${key}`, sink);
    checkNumbers(values, `${subject}.params.${key}`, sink, true);
  }
  if (bias !== undefined) {
    checkBroadcast(bias, size, `${subject}.bias`, sink);
    checkNumbers(bias, `${subject}.bias`, sink);
  }
  if (membraneQuantum !== undefined) {
    checkBroadcast(membraneQuantum, size, `${subject}.membraneQuantum`, sink);
    checkNumbers(membraneQuantum, `${subject}.membraneQuantum`, sink);
  }
  if (startStep !== undefined) checkWhole(startStep, 0, "the start step", `${subject}.startStep`, sink);
  if (periodicReset !== undefined) checkPeriodicReset(periodicReset, `${subject}.periodicReset`, sink);
  validateDynamics(population, subject, sink);
  if (options.models !== undefined) validateModel(population, options.models, subject, sink);
}

function validateDynamics({ dynamics }: Population, subject: string, sink: DiagnosticSink): void {
  if (dynamics === undefined) return;
  const choices = [
    ["integrator", ["euler", "exponential"]],
    ["compare", [">", ">="]],
    ["reset", RESET_MODES],
    ["current", ["new", "old"]],
  ] as const;
  for (const [key, known] of choices) {
    if ((known as readonly string[]).includes(dynamics[key])) continue;
    const needed = known.map((word) => `"${word}"`).join(" or ");
    sink.report(
      outOfRange({ subject: `${subject}.dynamics.${key}`, what: key, needed, found: `"${dynamics[key]}"` }),
    );
  }
}

function validateModel(
  { model, params }: Population,
  models: readonly ModelSpec[],
  subject: string,
  sink: DiagnosticSink,
): void {
  const spec = models.find(({ name }) => name === model);
  if (spec === undefined) {
    sink.report(unknownModel({ subject, model, known: models.map(({ name }) => name) }));
    return;
  }
  for (const { name, min, max, default: fallback } of spec.params) {
    const values = (params as Readonly<Record<string, Float64Array | undefined>>)[name];
    if (values !== undefined) checkElements(values, min, max, `${subject}.params.${name}`, sink);
    else if (fallback === undefined) sink.report(missingParameter({ subject, model, parameter: name }));
  }
}

function validatePorts(network: Network, side: "inputs" | "outputs", sink: DiagnosticSink): void {
  const ports: readonly NetworkPort[] = network[side];
  reportDuplicates(ports, `ports of the ${side}`, `network.${side}`, sink);
  const { populations } = network;
  for (const { name, population, drives } of ports) {
    const subject = `network.${side}["${name}"]`;
    const found = populations[population] as Population | undefined;
    if (found === undefined) {
      sink.report(indexRange({ subject, what: "population", index: population, count: populations.length }));
    } else if (side === "inputs" && drives === "bias") {
      if (found.model === "loihi-cuba") continue;
      const needed = 'of model "loihi-cuba"';
      sink.report(
        outOfRange({
          subject,
          what: "the population whose biases it drives",
          needed,
          found: `"${found.model}"`,
        }),
      );
    } else if (side === "inputs" && found.model !== "input") {
      sink.report(portModel({ subject, population: found.name, model: found.model }));
    }
  }
  if (side === "outputs") return;
  populations.forEach(({ name, model }, p) => {
    if (model !== "input" || ports.some(({ population }) => population === p)) return;
    sink.report(neverDriven({ subject: `network.populations["${name}"]`, population: name }));
  });
}

/** Returns whether both ends exist. */
function validateProjection({ populations }: Network, projection: Projection, sink: DiagnosticSink): boolean {
  const { name, pre, post, connectivity, weightScale, delaySteps } = projection;
  const subject = `network.projections["${name}"]`;
  checkWhole(delaySteps, 0, "the delay in steps", `${subject}.delaySteps`, sink);
  if (!Number.isFinite(weightScale) || weightScale === 0) {
    const needed = "a finite number other than 0";
    sink.report(
      outOfRange({ subject: `${subject}.weightScale`, what: "the scale", needed, found: weightScale }),
    );
  }
  let joined = true;
  for (const [what, index] of [
    ["pre population", pre],
    ["post population", post],
  ] as const) {
    if (populations[index] as Population | undefined) continue;
    sink.report(indexRange({ subject, what, index, count: populations.length }));
    joined = false;
  }
  if (!joined) return false;
  if (populations[post].model === "input") {
    sink.report(inputReceives({ subject, population: populations[post].name }));
  }
  const at = `${subject}.connectivity`;
  validateConnectivity(connectivity, populations[pre].size, populations[post].size, at, sink);
  validateStoredWeights(projection, at, sink);
  return true;
}

/** After `quantize`: stored weights are whole numbers of the promised sign. The chip's limits are `verify`'s matter. */
function validateStoredWeights(
  { quantization, connectivity }: Projection,
  at: string,
  sink: DiagnosticSink,
): void {
  if (quantization === undefined) return;
  const subject = `${at}.${connectivity.kind === "kernel" ? "weights" : "values"}`;
  const { signMode } = quantization;
  const weights = storedWeights(connectivity);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i];
    const wrongSign = (signMode === "excitatory" && weight < 0) || (signMode === "inhibitory" && weight > 0);
    if (Number.isInteger(weight) && !wrongSign) continue;
    const sign = signMode === "mixed" ? "" : signMode === "excitatory" ? ", at least 0" : ", at most 0";
    sink.report(
      outOfRange({ subject, what: `element ${i}`, needed: `a whole number${sign}`, found: weight }),
    );
    return;
  }
}

/** Depth-first over projections without delay; every loop needs a step of delay somewhere. */
function reportZeroDelayLoop({ populations, projections }: Network, sink: DiagnosticSink): void {
  const next = populations.map((): number[] => []);
  for (const { pre, post, delaySteps } of projections) if (delaySteps === 0) next[pre].push(post);
  const state = new Uint8Array(populations.length);
  for (let root = 0; root < populations.length; root++) {
    if (state[root] !== 0) continue;
    const path = [root];
    const cursor = [0];
    state[root] = 1;
    while (path.length > 0) {
      const top = path.length - 1;
      const successor = next[path[top]][cursor[top]++] as number | undefined;
      if (successor === undefined) {
        state[path[top]] = 2;
        path.pop();
        cursor.pop();
      } else if (state[successor] === 1) {
        const names = path.slice(path.indexOf(successor)).map((p) => populations[p].name);
        sink.report(zeroDelayLoop({ subject: "network.projections", populations: names }));
        return;
      } else if (state[successor] === 0) {
        state[successor] = 1;
        path.push(successor);
        cursor.push(0);
      }
    }
  }
}
