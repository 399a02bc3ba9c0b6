import { invariant } from "#util/diagnostic";
import { cubaLiModel } from "./cuba-li.ts";
import { cubaLifModel } from "./cuba-lif.ts";
import { digitalLifModel } from "./digital-lif.ts";
import { iModel } from "./i.ts";
import { ifModel } from "./if.ts";
import { inputModel } from "./input.ts";
import { liModel } from "./li.ts";
import { lifModel } from "./lif.ts";
import { loihiCubaModel } from "./loihi-cuba.ts";
import type { NeuronModel } from "./neuron.ts";
import { relayModel } from "./relay.ts";
import { reluModel } from "./relu.ts";
import { sanafeLifModel } from "./sanafe-lif.ts";
import { thresholdModel } from "./threshold.ts";
import { truenorthLifModel } from "./truenorth-lif.ts";

export type { CubaForm, NeuronModel, ParamSpec, StepArgs } from "./neuron.ts";
export { broadcast, broadcastParams, paramOf } from "./broadcast.ts";

/** Every neuron model. To add one: a file beside this one, and a line here. */
export const NEURON_MODELS: readonly NeuronModel[] = [
  inputModel,
  relayModel,
  reluModel,
  iModel,
  ifModel,
  liModel,
  lifModel,
  cubaLiModel,
  cubaLifModel,
  thresholdModel,
  loihiCubaModel,
  digitalLifModel,
  sanafeLifModel,
  truenorthLifModel,
];

/** The model with this registry key, or undefined: for names that a user wrote. */
export function findNeuronModel(name: string): NeuronModel | undefined {
  return NEURON_MODELS.find((model) => model.name === name);
}

/** The model with this registry key; for networks that were validated. */
export function neuronModel(name: string): NeuronModel {
  const model = findNeuronModel(name);
  invariant(model !== undefined, `"${name}" is in the registry of neuron models`);
  return model;
}
