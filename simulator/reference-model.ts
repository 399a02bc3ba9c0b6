import type { Network, Population } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import type { OnProgress } from "#util/progress";
import { simulateReference, type ReferenceOptions } from "./reference-float.ts";
import { inModelSteps, pipelineDepth, simulateIntegerReference } from "./reference-integer.ts";

export type ModelReferenceOptions = Pick<
  ReferenceOptions,
  "steps" | "record" | "outDelaySteps" | "samples" | "observe"
>;

/** Whether a model is in the chip's integers already, as files for chips are. */
export function isIntegerNetwork({ populations }: Network): boolean {
  const neurons = populations.filter(({ model }) => model !== "input");
  return neurons.length > 0 && neurons.every(({ model }) => model === loihiCubaModel.name);
}

/**
 * Runs a model as it was read: in real numbers, or in integers (by Lava's rules, whose files they are) if that is
 * what it is in. Readouts, which never fire, give their membranes.
 *
 * @returns recordings in model steps, by population name
 * @throws ToolchainError `simulate/...` for everything wrong with inputs and options, all at once
 */
export function simulateModelReference(
  network: Network,
  inputs: Readonly<Record<string, SpikeData>>,
  options: ModelReferenceOptions,
  onProgress?: OnProgress,
): Readonly<Record<string, SpikeData>> {
  if (!isIntegerNetwork(network)) return simulateReference(network, inputs, options, onProgress).recorded;
  const { steps: modelSteps, outDelaySteps = 0, record, samples, observe } = options;
  const depth = pipelineDepth(network);
  const result = simulateIntegerReference(
    network,
    inputs,
    {
      rules: "lava",
      membranesOf: network.populations.filter((_, p) => isReadout(network, p)).map(({ name }) => name),
      ...(modelSteps !== undefined && { steps: modelSteps + depth }),
      ...(record !== undefined && { record }),
      ...(samples !== undefined && { samples }),
      ...(observe !== undefined && { observe }),
    },
    onProgress,
  );
  const startOf = (name: string): number =>
    network.populations.find((population) => population.name === name)?.startStep ?? 0;
  return Object.fromEntries(
    Object.entries(result.recorded).map(([name, data]) => [
      name,
      inModelSteps(data, startOf(name) - outDelaySteps, result.steps - depth),
    ]),
  );
}

const { max: NEVER } = loihiCubaModel.params.find(({ name }) => name === "thresholdMantissa")!;

/** Sends to nothing, and has the highest threshold there is. */
function isReadout({ populations, projections }: Network, index: number): boolean {
  const { model, params }: Population = populations[index];
  return (
    model === loihiCubaModel.name &&
    params["thresholdMantissa"].every((mantissa) => mantissa === NEVER) &&
    projections.every(({ pre }) => pre !== index)
  );
}
