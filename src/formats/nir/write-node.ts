import type { Dynamics, Population } from "#ir/network";
import { DEFAULT_DYNAMICS } from "#ir/network";
import { sizeOf, type Shape } from "./fields.ts";
import type { NirArray, NirField, NirNode } from "./graph.ts";
import { NODE_TYPES } from "./nodes.ts";
import { DYNAMICS_METADATA, stepsMetadata } from "./writers.ts";

export function floats(values: Float32Array | Float64Array, shape: Shape): NirArray {
  return { data: values, shape, dtype: values instanceof Float32Array ? "float32" : "float64" };
}

/** Whole numbers as a one-dimensional array; NIR keeps shapes and windows so. */
export function integers(values: readonly number[]): NirArray {
  return { data: Int32Array.from(values), shape: [values.length], dtype: "int64" };
}

export function integer(value: number): NirArray {
  return { data: Int32Array.of(value), shape: [], dtype: "int64" };
}

export function scalar(value: number): NirArray {
  return { data: Float64Array.of(value), shape: [], dtype: "float64" };
}

export function node(
  name: string,
  type: string,
  fields: Readonly<Record<string, NirField>>,
  metadata: Readonly<Record<string, NirField>> = {},
): NirNode {
  return { name, path: `/node/nodes/${name}`, type, fields, metadata };
}

/** `value` for every element of `shape`, or the values themselves if there are as many. */
export function fullShape(values: Float64Array, shape: Shape): NirArray {
  const size = sizeOf(shape);
  return floats(values.length === size ? values : new Float64Array(size).fill(values[0]), shape);
}

/** True if NIR has a neuron for this population's model. */
export function hasNeuronType(population: Population): boolean {
  return NODE_TYPES.some(({ model }) => model === population.model);
}

/** How a file counts: one step in its unit of time, and what gains of IF and I are multiplied with in a step. */
export interface FileUnits {
  readonly step: number;
  /** 1, or the step. */
  readonly integratorStep: number;
}

/**
 * A neuron population as a node: parameters in full shape, times in the file's unit.
 *
 * Conventions that NIR cannot say go into the node's metadata, where our reader finds them again; so do numbers per
 * step, where the file's unit would lose their last bit.
 */
export function neuronNode(name: string, population: Population, units: FileUnits): NirNode {
  const definition = NODE_TYPES.find(({ model }) => model === population.model);
  const fields: Record<string, NirField> = {};
  const metadata = dynamicsMetadata(population.dynamics);
  for (const [field, param, role] of definition?.params ?? []) {
    const fallback = definition?.fields.find((spec) => spec.name === field)?.fallback;
    const values = population.params[param] ?? Float64Array.of(Number(fallback));
    const written = values.map((value) => {
      if (role === "time") return secondsOf(value, units.step);
      return role === "integrator-gain" ? value / units.integratorStep : value;
    });
    const read = (value: number): number =>
      role === "time"
        ? value / units.step
        : role === "integrator-gain"
          ? value * units.integratorStep
          : value;
    fields[field] = fullShape(written, population.shape);
    if (written.some((value, i) => read(value) !== values[i]))
      metadata[stepsMetadata(field)] = fullShape(values, population.shape);
  }
  return node(name, definition?.type ?? "", fields, metadata);
}

/**
 * The time that gives back exactly `steps` when it is divided by the step. Not every number of steps has one
 * (the quotients of 64-bit floats leave gaps): then the nearest.
 */
export function secondsOf(steps: number, dtSeconds: number): number {
  const seconds = steps * dtSeconds;
  if (seconds / dtSeconds === steps) return seconds;
  const ulp = 2 ** (Math.floor(Math.log2(seconds)) - 52);
  return [seconds + ulp, seconds - ulp].find((candidate) => candidate / dtSeconds === steps) ?? seconds;
}

function dynamicsMetadata(dynamics: Dynamics | undefined): Record<string, NirField> {
  const metadata: Record<string, NirField> = {};
  if (dynamics === undefined) return metadata;
  for (const key of ["integrator", "compare", "reset", "current"] as const)
    if (dynamics[key] !== DEFAULT_DYNAMICS[key]) metadata[DYNAMICS_METADATA[key]] = dynamics[key];
  if (dynamics.vMinThresholds !== undefined)
    metadata[DYNAMICS_METADATA.vMinThresholds] = scalar(dynamics.vMinThresholds);
  return metadata;
}
