// The networks of docs/mapping/step-time.md.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "#compiler/compile";
import { readNetwork } from "#formats/index";
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { simulate } from "#simulator/simulate";
import { prepareModel, readInputData } from "#spinec";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { DiagnosticSink, invariant } from "#util/diagnostic";
import { capacityOf, coreProfileNamed } from "../../../src/core-profile.ts";
import { drivenAt, hostSpikes } from "../accuracy/driven.ts";
import { pseudoMobileNet } from "../accuracy/shapes.ts";
import { mappingNetwork } from "../mapping-networks.ts";
import type { StepTimeCase } from "./cases.ts";
import { graphCase } from "./graph-case.ts";
import { modelCase } from "./model-case.ts";

export const STEP_TIME_NETWORKS = ["convu", "cnn_nmnist", "L8"] as const;
export type StepTimeNetwork = (typeof STEP_TIME_NETWORKS)[number];

/** Nobody says what the rates of the study's networks are of; with this, neurons fire in a tenth of the steps on average. */
const WINDOW_STEPS = 256;
const SHARE = 0.05;
const DRIVEN_STEPS = 80;

/** @param corpus folder with `peer_nir` and `sim`; undefined: the network from there is left out */
export async function stepTimeCase(
  network: StepTimeNetwork,
  corpus: string | undefined,
  cpuSeconds: () => number,
): Promise<StepTimeCase | undefined> {
  switch (network) {
    case "convu":
      return graphCase(mappingNetwork("convu").make(), capacityOf(coreProfileNamed("loihi1")), {
        name: "convu",
        what: `bare connectivity of a pruned convolutional network, 122,378 neurons; its rates as spikes in ${WINDOW_STEPS} steps, driven by biases`,
        windowSteps: WINDOW_STEPS,
        steps: WINDOW_STEPS,
        coreCounts: [128, 256],
        cpuSeconds,
      });
    case "cnn_nmnist":
      return corpus === undefined ? undefined : await nmnistCase(corpus, cpuSeconds);
    case "L8":
      return mobileNetCase(cpuSeconds);
  }
}

/** Rates are those of a first run. */
async function nmnistCase(corpus: string, cpuSeconds: () => number): Promise<StepTimeCase | undefined> {
  const model = join(corpus, "peer_nir/cnn_nmnist_sinabs/model.nir");
  const recording = join(corpus, "sim/cnn_nmnist_sinabs/input.json.gz");
  if (!existsSync(model) || !existsSync(recording)) return undefined;
  const sink = new DiagnosticSink();
  const network = await readNetwork(readFileSync(model), { name: "cnn_nmnist", reset: "value" }, sink);
  sink.throwIfErrors();
  const { quantized } = prepareModel(network!, loihi1, { steps: 100 }, sink);
  const ports = quantized.inputs.map(({ name, population }) => ({
    name,
    shape: quantized.populations[population].shape,
  }));
  const data = await readInputData(readFileSync(recording), { fileName: "input.json.gz", ports }, sink);
  invariant(data !== undefined, "the corpus holds what it says");
  const { deployment } = compile(quantized, loihi1, {}, sink);
  return modelCase(quantized, {
    name: "peer_nir/cnn_nmnist_sinabs",
    what: "the N-MNIST network of the NIR paper, 8,970 neurons, on four event streams of 100 steps; rates of a first run on them",
    spikesPerStep: ratesOf(deployment, data.inputs),
    inputs: data.inputs,
    steps: 100,
    coreCounts: [32, 64, 128],
    cpuSeconds,
  });
}

function ratesOf(
  deployment: Deployment,
  inputs: Parameters<typeof simulate>[3],
): Readonly<Record<string, Float64Array>> {
  const run = simulate(deployment, loihi1, nahukuFit, inputs);
  const { spikesOf, stepNs } = run;
  invariant(spikesOf !== undefined, "the simulator counts the spikes of every neuron");
  return Object.fromEntries(
    deployment.populations.map(({ name }, p) => [name, spikesOf[p].map((spikes) => spikes / stepNs.length)]),
  );
}

function mobileNetCase(cpuSeconds: () => number): StepTimeCase {
  const sink = new DiagnosticSink();
  const { quantized } = prepareModel(pseudoMobileNet(), loihi1, {}, sink);
  const spikesPerStep = uniform(quantized, SHARE);
  return modelCase(quantized, {
    name: "L8",
    what: `pseudo-MobileNet of NxTF's CIFAR tutorial, 76,810 neurons, random weights, every neuron and input line in ${100 * SHARE} % of the steps`,
    spikesPerStep,
    inputs: { input: hostSpikes([3, 32, 32], SHARE, DRIVEN_STEPS, 1) },
    steps: DRIVEN_STEPS,
    coreCounts: [128],
    prepare: (deployment) => drivenAt(deployment, SHARE, 5),
    cpuSeconds,
  });
}

const uniform = ({ populations }: Network, share: number): Readonly<Record<string, Float64Array>> =>
  Object.fromEntries(populations.map(({ name, size }) => [name, new Float64Array(size).fill(share)]));
