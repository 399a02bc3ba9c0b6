// Random models that a target's neurons can run.
import { DEFAULT_DYNAMICS, type Dynamics, type Network, type Population } from "#ir/network";
import { between, edge, input, network, population, randomSparse, type Edge } from "#test/networks";
import type { Target } from "#targets/target";
import type { Rng } from "#util/rng";

/** Two or three layers that the target can run: recurrence, skips, delays, a readout now and then. */
export function modelFor(target: Target, rng: Rng): Network {
  const { neuron, resetModes } = target;
  const leaks = neuron.model === "digital-lif" ? neuron.leaks : ["linear"];
  const hasCurrent =
    neuron.model === "loihi-cuba" || (neuron.model === "digital-lif" && neuron.synapticCurrent !== undefined);
  const hasBias = neuron.model !== "digital-lif" || neuron.biasMax > 0;
  const leaky = leaks.some((kind) => kind !== "none");
  const pick = <T>(values: readonly T[]): T => values[between(rng, 0, values.length - 1)];
  const dynamics: Dynamics = {
    ...DEFAULT_DYNAMICS,
    reset: pick(resetModes) as Dynamics["reset"],
    compare: pick([">", ">="]),
    ...(rng() < 0.4 ? { vMinThresholds: -1 } : {}),
  };
  const layer = (name: string, isReadout: boolean): Population => {
    const size = between(rng, 1, 9);
    const levels = isReadout ? {} : { vThreshold: pick([1, 2]), vReset: 0 };
    const bias = hasBias && rng() < 0.4 ? { bias: Float64Array.of(0.25) } : {};
    const rest = isReadout ? {} : { dynamics };
    if (hasCurrent && rng() < 0.5) {
      const params = { tauSynSteps: 2, tauMemSteps: 4, r: 4, vLeak: 0, wIn: 2, ...levels };
      return population(name, isReadout ? "cuba-li" : "cuba-lif", size, params, rest);
    }
    // One register for leak and bias.
    if (leaky && rng() < 0.6 && !(neuron.model === "truenorth-lif" && "bias" in bias))
      return population(
        name,
        isReadout ? "li" : "lif",
        size,
        { tauSteps: pick([2, 4, 5]), r: 4, vLeak: 0, ...levels },
        { ...rest, ...bias },
      );
    return population(name, isReadout ? "i" : "if", size, { r: 1, ...levels }, { ...rest, ...bias });
  };
  const populations = [input("in", between(rng, 2, 8)), layer("a", false), layer("b", false)];
  const edges: Edge[] = [];
  const join = (from: Population, to: Population, rest: Partial<Edge> = {}): void => {
    const name = `${from.name}->${to.name}`;
    const weight = (): number => between(rng, -3, 7) / 4;
    edges.push(
      edge(from.name, to.name, randomSparse(rng, from.size, to.size, 0.7, weight), { name, ...rest }),
    );
  };
  const [source, a, b] = populations;
  join(source, a);
  join(a, b, rng() < 0.3 ? { delaySteps: 2 } : {});
  if (rng() < 0.4) join(source, b);
  if (rng() < 0.4) join(a, a, { delaySteps: 1 });
  if (rng() < 0.4) {
    const readout = layer("readout", true);
    populations.push(readout);
    join(b, readout);
  }
  return network(populations, edges, { outputs: populations.slice(2).map(({ name }) => name) });
}
