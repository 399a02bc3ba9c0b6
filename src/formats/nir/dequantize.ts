import { expand, scaleConnectivity } from "#ir/connectivity";
import type { Network, Population, Projection } from "#ir/network";
import { ToolchainError, type Diagnostic, type DiagnosticSink } from "#util/diagnostic";
import { startState } from "./diagnostics-export.ts";
import { notExpressible } from "./diagnostics-write.ts";
import { isArray } from "./fields.ts";
import type { NirField, NirNode } from "./graph.ts";
import { floats, integers, scalar } from "./write-node.ts";

/** Registers of Loihi's neuron: decays are 4096ths, weights and thresholds are shifted left by 6 bits. */
const DECAY_ONE = 4096;
const INPUT_FACTOR = 64;

/** Where a membrane loses nothing: a time constant beyond any run, for current-based neurons need one. */
const NO_LEAK_STEPS = 2 ** 40;

/** Registers that are kept beside a neuron node, as the chip has them. */
const REGISTERS = ["uDecay", "vDecay", "thresholdMantissa", "biasMantissa", "biasExponent"] as const;

/**
 * A quantized network in real numbers, layer by layer as the model had it: decays, weights, thresholds and biases are
 * those that the chip has, in the model's membrane units; what the chip rounds in every step is not.
 *
 * Delays are the model's again: the steps that spikes take from core to core are taken out.
 *
 * @throws ToolchainError with every population that has no neuron in NIR
 */
export function dequantized(network: Network, sink: DiagnosticSink): Network {
  const faults: Diagnostic[] = [];
  const populations = network.populations.map((population): Population => {
    if (population.model === "input") return { ...population, startStep: 0 };
    if (population.periodicReset !== undefined)
      faults.push(notExpressible({ name: population.name, reason: "its state is cleared at regular times" }));
    if (population.model === "loihi-cuba") return neuronsOf(population, sink);
    faults.push(
      notExpressible({ name: population.name, reason: `it is not quantized (${population.model})` }),
    );
    return population;
  });
  if (faults.length > 0) throw new ToolchainError(faults);
  const start = (index: number): number => network.populations[index].startStep ?? 0;
  const projections = network.projections.map((projection): Projection => {
    const { pre, post } = projection;
    const delaySteps = projection.delaySteps + start(pre) - start(post);
    const connectivity = realWeights(projection, network.populations[post]);
    return { ...projection, weightScale: 1, delaySteps, connectivity };
  });
  return { ...network, populations, projections };
}

/** Real membrane of one integer unit, for every neuron. */
function quantumOf({ membraneQuantum = Float64Array.of(1), size }: Population): Float64Array {
  return membraneQuantum.length === size ? membraneQuantum : new Float64Array(size).fill(membraneQuantum[0]);
}

/** Real membrane of one unit of a stored weight, `[1]` where it is the same for all neurons. */
function weightUnits({ quantization }: Projection, post: Population): Float64Array {
  const { membraneQuantum = Float64Array.of(1) } = post;
  const factor = INPUT_FACTOR * 2 ** (quantization?.weightExponent ?? 0);
  return membraneQuantum.map((quantum) => quantum * factor);
}

function realWeights(projection: Projection, post: Population): Projection["connectivity"] {
  const { connectivity } = projection;
  const units = weightUnits(projection, post);
  // Stored synapses without weight are not needed in a matrix that is written out.
  const plain = connectivity.kind === "sparse" ? expand(connectivity) : connectivity;
  return scaleConnectivity(plain, undefined, units);
}

function neuronsOf(population: Population, sink: DiagnosticSink): Population {
  const { name, shape, size } = population;
  const of = (param: string): Float64Array => {
    const values = population.params[param] ?? Float64Array.of(0);
    return values.length === size ? values : new Float64Array(size).fill(values[0]);
  };
  const quantum = quantumOf(population);
  const [uDecay, vDecay, mantissa] = ["uDecay", "vDecay", "thresholdMantissa"].map(of);
  const [biasMantissa, biasExponent, u0, v0, vMin] = ["biasMantissa", "biasExponent", "u0", "v0", "vMin"].map(
    of,
  );
  const uLoss = uDecay.map((decay) => (decay + 1) / DECAY_ONE);
  const vLoss = vDecay.map((decay) => decay / DECAY_ONE);
  const hasCurrent = uLoss.some((loss) => loss < 1);
  const leaks = vLoss.some((loss) => loss > 0);
  // A population that hands out its membrane has the largest threshold there is.
  const fires = !mantissa.every((value) => value === MANTISSA_MAX);
  const constant = biasMantissa.map((value, i) => Math.floor(value * 2 ** biasExponent[i]));
  // A constant input to a current-based neuron is a current that has always flown: u0 says so.
  const held = hasCurrent ? constant.map((value) => -value) : constant.map(() => 0);
  if (u0.some((value, i) => Math.abs(value - held[i]) > 1) || v0.some((value) => value !== 0))
    sink.report(startState({ name }));
  const bias = constant.map((value, i) => value * quantum[i] * (hasCurrent ? uLoss[i] : 1));

  const tau = vLoss.map((loss) => (loss > 0 ? 1 / loss : NO_LEAK_STEPS));
  const zeros = new Float64Array(size);
  const levels = fires
    ? { vThreshold: mantissa.map((value, i) => value * INPUT_FACTOR * quantum[i]), vReset: zeros }
    : {};
  const membrane = { tauMemSteps: tau, r: tau, vLeak: zeros };
  const clamp = fires && !leaks && !hasCurrent ? clampOf(vMin, mantissa) : undefined;
  const common = {
    name,
    shape,
    size,
    ...(bias.some((value) => value !== 0) && { bias }),
    ...(clamp !== undefined && {
      dynamics: {
        integrator: "euler",
        compare: ">",
        reset: "value",
        current: "new",
        vMinThresholds: clamp,
      } as const,
    }),
  };
  if (hasCurrent) {
    const tauSynSteps = uLoss.map((loss) => 1 / loss);
    const params = { tauSynSteps, ...membrane, ...levels, wIn: tauSynSteps };
    return { ...common, model: fires ? "cuba-lif" : "cuba-li", params };
  }
  if (!leaks)
    return { ...common, model: fires ? "if" : "i", params: { r: new Float64Array(size).fill(1), ...levels } };
  const params = { tauSteps: tau, r: tau, vLeak: zeros, ...levels };
  return { ...common, model: fires ? "lif" : "li", params };
}

/** Largest threshold of Loihi 1. */
const MANTISSA_MAX = 2 ** 17 - 1;
const V_MIN = -(2 ** 23 - 1);

/** The lower clamp in thresholds, if there is one and it is the same for all. */
function clampOf(vMin: Float64Array, mantissa: Float64Array): number | undefined {
  if (vMin.every((value) => value === V_MIN)) return undefined;
  const shares = vMin.map((value, i) => value / (INPUT_FACTOR * mantissa[i]));
  return shares.every((share) => share === shares[0]) ? shares[0] : undefined;
}

/**
 * The nodes of a file with the chip's integers beside the real numbers, in the metadata.
 *
 * @param plain   the nodes before a dialect changed their weights, under the same names
 * @param network the quantized network
 */
export function withIntegers(
  nodes: readonly NirNode[],
  plain: readonly NirNode[],
  network: Network,
): NirNode[] {
  const integersOf = new Map<string, Record<string, NirField> | undefined>();
  for (const population of network.populations) {
    if (population.model !== "loihi-cuba") continue;
    const registers = REGISTERS.map((name) => {
      const values = population.params[name] ?? Float64Array.of(0);
      return [`spinec_loihi_${name}`, integers(Array.from(values))] as const;
    });
    integersOf.set(population.name.replaceAll("/", "."), Object.fromEntries(registers));
  }
  const byName = new Map(plain.map((written) => [written.name, written]));
  for (const projection of network.projections) {
    const [pre, post] = [network.populations[projection.pre], network.populations[projection.post]];
    const label = (projection.layer?.node ?? `${pre.name}_to_${post.name}`).replaceAll("/", ".");
    const written = byName.get(label);
    if (written !== undefined) integersOf.set(label, integerWeights(written, projection, post));
  }
  return nodes.map((written) => {
    const own = integersOf.get(written.name);
    return own === undefined ? written : { ...written, metadata: { ...written.metadata, ...own } };
  });
}

function integerWeights(
  written: NirNode,
  projection: Projection,
  post: Population,
): Record<string, NirField> | undefined {
  const { weight } = written.fields;
  const { quantization } = projection;
  if (!isArray(weight) || quantization === undefined) return undefined;
  const units = weightUnits(projection, post);
  const isConvolution = written.type.startsWith("Conv");
  const perOut = isConvolution ? weight.data.length / weight.shape[0] : weight.shape[weight.shape.length - 1];
  const each = (post.size * perOut) / weight.data.length;
  const data = Int32Array.from(weight.data, (value, i) => {
    const out = Math.floor(i / perOut);
    return Math.round(value / units[units.length === 1 ? 0 : out * each]);
  });
  return {
    spinec_weight_integers: { data, shape: weight.shape, dtype: "int16" },
    spinec_weight_unit: floats(units, [units.length]),
    spinec_weight_exponent: scalar(quantization.weightExponent),
    spinec_weight_bits: scalar(quantization.weightBits),
    spinec_sign_mode: quantization.signMode,
  };
}
