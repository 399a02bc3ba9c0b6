// Networks of published shapes whose weights or inputs nobody has published: every neuron is driven by a bias so that it
// fires in a chosen share of the steps. What the chip then does depends on shapes and on that share, and hardly on weights.
import { synapseCount } from "#ir/connectivity";
import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Connectivity, DenseMatrix, Network, Population, SharedKernel } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { edge, input, kernel, loihiCuba, network, type Edge } from "#test/networks";
import { createRng, type Rng } from "#util/rng";

/** So high that the sums of random weights are small beside it. */
const THRESHOLD_MANTISSA = 2 ** 16;
const THRESHOLD = THRESHOLD_MANTISSA * 64;
const BIAS_EXPONENT = 7;
const LARGEST_BIAS_MANTISSA = 4095;
/** Stored weights of mixed sign are even. */
const LARGEST_WEIGHT = 254;

/** A layer, and what it reads. */
export interface DrivenLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: readonly string[];
  /** Absent: every neuron reads every other. */
  readonly conv?: Pick<SharedKernel, "kernelShape" | "stride" | "padding" | "groups">;
}

/** Random weights, none of them 0, uniform over the chip's signed 8 bits. The last layer is the output. */
export function drivenNetwork(
  name: string,
  inputShape: readonly number[],
  layers: readonly DrivenLayer[],
  seed: number,
): Network {
  const rng = createRng(seed);
  const populations = new Map<string, Population>([["input", input("input", inputShape)]]);
  const edges: Edge[] = [];
  for (const { name: layer, shape, from, conv } of layers) {
    const post = loihiCuba(layer, shape, {
      vDecay: 0,
      thresholdMantissa: THRESHOLD_MANTISSA,
      biasExponent: BIAS_EXPONENT,
    });
    populations.set(layer, post);
    for (const source of from) {
      const pre = populations.get(source)!;
      const connectivity = conv === undefined ? randomDense(pre, post, rng) : randomKernel(pre, conv, rng);
      edges.push(
        edge(source, layer, connectivity, {
          quantization: { weightBits: 8, signMode: "mixed", weightExponent: 0 },
        }),
      );
    }
  }
  return network([...populations.values()], edges, { name });
}

/** Synapses after expansion, padding not counted. */
export function synapsesOf({ projections }: Network): number {
  return projections.reduce((sum, { connectivity }) => sum + synapseCount(connectivity), 0);
}

const randomWeight = (rng: Rng): number =>
  2 * (1 + Math.floor((rng() * LARGEST_WEIGHT) / 2)) * (rng() < 0.5 ? -1 : 1);

function randomDense(pre: Population, post: Population, rng: Rng): DenseMatrix {
  const values = Float64Array.from({ length: pre.size * post.size }, () => randomWeight(rng));
  return { kind: "dense", rows: pre.size, cols: post.size, values };
}

function randomKernel(pre: Population, conv: NonNullable<DrivenLayer["conv"]>, rng: Rng): Connectivity {
  const weights = Array.from({ length: conv.kernelShape.reduce((a, b) => a * b, 1) }, () =>
    randomWeight(rng),
  );
  const [channels, height, width] = pre.shape;
  return kernel({ inputShape: [channels, height, width], weights, ...conv });
}

/** The same deployment with its neurons driven to fire in `share` of the steps, each from a random place of its period. */
export function drivenAt(deployment: Deployment, share: number, seed: number): Deployment {
  const rng = createRng(seed);
  return { ...deployment, cores: deployment.cores.map((core) => drivenCore(core, share, rng)) };
}

function drivenCore(core: CoreProgram, share: number, rng: Rng): CoreProgram {
  const names = loihiCubaModel.params.map(({ name }) => name);
  const groups = core.groups.map((group) => {
    const neurons = group.end - group.begin;
    const mantissas = new Int32Array(neurons);
    const start = new Int32Array(neurons);
    for (let n = 0; n < neurons; n++) {
      mantissas[n] = biasFor(share, rng);
      if (share > 0) start[n] = Math.floor(rng() * THRESHOLD);
    }
    const replaced: Readonly<Record<string, Int32Array>> = { biasMantissa: mantissas, v0: start };
    return { ...group, params: group.params.map((values, p) => replaced[names[p]] ?? values) };
  });
  return { ...core, groups };
}

/** Periods are whole steps: the two next to 1 / share, mixed so that the mean share is met. */
function biasFor(share: number, rng: Rng): number {
  if (share === 0) return 1;
  const short = Math.floor(1 / share);
  const isShort = rng() < (share - 1 / (short + 1)) / (1 / short - 1 / (short + 1));
  const period = isShort ? short : short + 1;
  const mantissa = Math.round(THRESHOLD / 2 ** BIAS_EXPONENT / (period - 0.5));
  if (mantissa > LARGEST_BIAS_MANTISSA) throw new RangeError(`a share of ${share} is too high to drive`);
  return mantissa;
}

/** Spikes of the host: each line in `share` of the steps, at random. */
export function hostSpikes(shape: readonly number[], share: number, steps: number, seed: number): SpikeData {
  const rng = createRng(seed);
  const lines = shape.reduce((a, b) => a * b, 1);
  const step: number[] = [];
  const index: number[] = [];
  for (let t = 0; t < steps; t++)
    for (let i = 0; i < lines; i++)
      if (rng() < share) {
        step.push(t);
        index.push(i);
      }
  return { steps, shape, samples: [{ step: Uint32Array.from(step), index: Uint32Array.from(index) }] };
}
