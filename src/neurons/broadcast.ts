import { invariant } from "#util/diagnostic";
import type { NeuronModel } from "./neuron.ts";

type NamedArrays = Readonly<Record<string, Float64Array>>;

/** One value for each of `size` neurons, from an array of length `size`, or of length 1 for all of them. */
export function broadcast(values: Float64Array, size: number): Float64Array {
  if (values.length === size) return values;
  invariant(
    values.length === 1,
    `an array of ${values.length} values belongs to one or all of ${size} neurons`,
  );
  return new Float64Array(size).fill(values[0]);
}

/**
 * The parameters of a population in the order its model declares them, each of length `size`; defaults
 * fill what is absent.
 */
export function broadcastParams(model: NeuronModel, params: NamedArrays, size: number): Float64Array[] {
  return model.params.map((spec) => paramOf(model, params, spec.name, size));
}

/** One parameter of a population, of length `size`; the model's default if it is absent. */
export function paramOf(model: NeuronModel, params: NamedArrays, name: string, size: number): Float64Array {
  const given = params[name] as Float64Array | undefined;
  if (given !== undefined) return broadcast(given, size);
  const fallback = model.params.find((spec) => spec.name === name)?.default;
  invariant(fallback !== undefined, `a population of model "${model.name}" has the parameter "${name}"`);
  return new Float64Array(size).fill(fallback);
}

/** The constant input that `toCuba` finds among its params under the name `bias`; zero if absent. */
export function biasOf(params: NamedArrays, size: number): Float64Array {
  const bias = params["bias"] as Float64Array | undefined;
  return bias === undefined ? new Float64Array(size) : broadcast(bias, size);
}
