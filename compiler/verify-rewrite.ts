import { expand } from "#ir/connectivity";
import type { Network, Population, Projection } from "#ir/network";
import { initialDigitalState, stepDigitalLif } from "#neurons/digital-lif";
import { neuronModel, paramOf } from "#neurons/index";
import { initialLoihiState, stepLoihiCuba } from "#neurons/loihi-cuba";
import { TRUENORTH_UNIT } from "#targets/neuron-limits";
import type { DiagnosticSink } from "#util/diagnostic";
import { standInDiffers } from "./verify/diagnostics.ts";
import { Findings } from "./verify/findings.ts";

/**
 * Proof that a network with copies and relays does what the one does that it was made of. Written without the code that makes
 * them: every synapse is followed back to the neuron of the old network that it comes from, through relays and copies.
 *
 * Checked are: populations and ports of the old network are there unchanged, but for their start steps; a copy has the
 * parameters of its original; a relay repeats each spike of one neuron; and every neuron and every copy hears exactly what the
 * neuron of the old network hears, each synapse once, in the same step of the model.
 *
 * @returns whether nothing was found
 */
export function verifyRewrite(original: Network, rewritten: Network, sink: DiagnosticSink): boolean {
  const findings = new Findings(sink);
  const differs = (population: string, what: string): void =>
    findings.report(standInDiffers({ population, what }));
  original.populations.forEach((population, p) => {
    const now = rewritten.populations.at(p);
    if (now?.name !== population.name || now.size !== population.size || now.model !== population.model)
      differs(population.name, "is not in its place any more");
    else if (!sameParams(population, now, (n) => n)) differs(population.name, "has other parameters");
  });
  if (!samePorts(original, rewritten)) differs("*", "has other ports");
  if (findings.total > 0) return false;

  rewritten.populations.forEach((population, p) => {
    const { standsFor, name } = population;
    if (p < original.populations.length) return;
    if (standsFor === undefined || standsFor.neuron.length !== population.size)
      differs(name, "stands in for nobody");
    else if (standsFor.kind === "copy") {
      if (!sameParams(original.populations[standsFor.population], population, (n) => standsFor.neuron[n]))
        differs(name, "has other parameters than its originals");
    } else if (!repeats(rewritten, p)) differs(name, "does not repeat every spike of one neuron");
  });
  if (findings.total > 0) return false;

  const expected = inputsOf(original);
  const found = inputsOf(rewritten);
  rewritten.populations.forEach(({ name, size, standsFor }, p) => {
    if (standsFor?.kind === "relay") return;
    for (let n = 0; n < size; n++) {
      const own = expected[standsFor?.population ?? p][standsFor?.neuron[n] ?? n];
      const what = difference(original, own, found[p][n]);
      if (what !== undefined) differs(name, `${what} at neuron ${n}`);
    }
  });
  return findings.total === 0;
}

/** What a neuron hears: how often, by a number for sender, delay in steps of the model, weight and type of axon (`keyOf`). */
type Inputs = ReadonlyMap<number, number>;

/** Ranges of what a key is made of; its sender is what is left of the 53 bits of a whole number. */
const DELAYS = 2 ** 9;
const WEIGHTS = 2 ** 16;
const TYPES = 2 ** 3;

function keyOf(
  sender: number,
  modelDelaySteps: number,
  weight: number,
  axonType: number | undefined,
): number {
  const type = axonType === undefined ? TYPES - 1 : axonType;
  return ((sender * DELAYS + modelDelaySteps + DELAYS / 2) * WEIGHTS + weight + WEIGHTS / 2) * TYPES + type;
}

/** Inputs of every neuron, by population; whoever stands in for a neuron counts as that neuron. */
function inputsOf(network: Network): Map<number, number>[][] {
  const { populations } = network;
  const inputs = populations.map(({ size }) => Array.from({ length: size }, () => new Map<number, number>()));
  const first = firstNumbers(network);
  const start = (p: number): number => populations[p].startStep ?? 0;
  for (const { pre, post, connectivity, delaySteps, quantization } of network.projections) {
    const { standsFor } = populations[pre];
    const population = standsFor?.population ?? pre;
    // A relay starts a step after its neuron, so that delays in steps of the model stay what they were.
    const modelDelaySteps = delaySteps + start(pre) - start(post);
    const { rows, rowStart, colIndex, values } = expand(connectivity);
    for (let r = 0; r < rows; r++) {
      const sender = first[population] + (standsFor?.neuron[r] ?? r);
      for (let i = rowStart[r]; i < rowStart[r + 1]; i++) {
        const key = keyOf(sender, modelDelaySteps, values[i], quantization?.axonType);
        const known = inputs[post][colIndex[i]];
        known.set(key, (known.get(key) ?? 0) + 1);
      }
    }
  }
  return inputs;
}

/** Number of the first neuron of each population, over all of them. */
function firstNumbers({ populations }: Network): number[] {
  let next = 0;
  return populations.map(({ size }) => (next += size) - size);
}

/** What a neuron hears too rarely or too often, as the rest of a sentence; undefined: nothing. */
function difference(network: Network, expected: Inputs, found: Inputs): string | undefined {
  const key = [...expected.keys(), ...found.keys()].find((one) => expected.get(one) !== found.get(one));
  if (key === undefined) return undefined;
  const sender = Math.floor(key / (DELAYS * WEIGHTS * TYPES));
  const first = firstNumbers(network);
  const population = first.findLastIndex((number) => number <= sender);
  const { name } = network.populations[population];
  return `hears neuron ${sender - first[population]} of "${name}" ${found.get(key) ?? 0} times instead of ${expected.get(key) ?? 0}`;
}

function sameParams(original: Population, now: Population, neuronOf: (n: number) => number): boolean {
  if (original.model === "input") return true;
  const model = neuronModel(original.model);
  return model.params.every(({ name }) => {
    const expected = paramOf(model, original.params, name, original.size);
    const stored = paramOf(model, now.params, name, now.size);
    return stored.every((value, n) => value === expected[neuronOf(n)]);
  });
}

function samePorts(original: Network, rewritten: Network): boolean {
  return (["inputs", "outputs"] as const).every(
    (side) =>
      original[side].length === rewritten[side].length &&
      original[side].every(
        ({ name, population }, i) =>
          rewritten[side][i].name === name && rewritten[side][i].population === population,
      ),
  );
}

/** Whether each neuron of a relay population has one synapse, from its neuron or a copy of it, which makes it fire at once. */
function repeats(network: Network, relay: number): boolean {
  const { size, standsFor, model, startStep = 0 } = network.populations[relay];
  const heard = new Uint32Array(size);
  const weights = new Set<number>();
  let maxSpikes = 1;
  const isRight = network.projections.every((projection: Projection) => {
    const { pre, post, connectivity, delaySteps, quantization } = projection;
    if (post !== relay) return true;
    const sender = network.populations[pre];
    if (sender.standsFor?.kind === "relay" || delaySteps + (sender.startStep ?? 0) !== startStep)
      return false;
    const { rows, rowStart, colIndex, values } = expand(connectivity);
    for (let r = 0; r < rows; r++)
      for (let i = rowStart[r]; i < rowStart[r + 1]; i++) {
        const population = sender.standsFor?.population ?? pre;
        const neuron = sender.standsFor?.neuron[r] ?? r;
        const c = colIndex[i];
        heard[c]++;
        weights.add(values[i] * 2 ** (quantization?.weightExponent ?? 0));
        if (population !== standsFor?.population || neuron !== standsFor.neuron[c]) return false;
      }
    for (const most of sender.params["maxSpikes"] ?? []) maxSpikes = Math.max(maxSpikes, most);
    return true;
  });
  const repeater = REPEATERS[model] as Repeater | undefined;
  return (
    isRight &&
    heard.every((count) => count === 1) &&
    network.populations[relay].bias === undefined &&
    [...weights].every((weight) => repeater?.(network.populations[relay], weight, maxSpikes) === true)
  );
}

/** Whether every neuron fires in a step as often as it hears a weight, up to `maxSpikes` times, whatever came before. */
type Repeater = (population: Population, weight: number, maxSpikes: number) => boolean;

/** States that a relay can be in: few, as it forgets. */
const MOST_STATES = 100;

/** Tries all that can come, in every state that it can lead to. `step` gives the spikes, and overwrites the state. */
function repeatsInAllStates(
  initial: readonly number[],
  maxSpikes: number,
  step: (state: Int32Array[], spikes: number) => number,
): boolean {
  const seen = new Map([[initial.join(), initial]]);
  for (const known of seen.values())
    for (let spikes = 0; spikes <= maxSpikes; spikes++) {
      const state = known.map((value) => Int32Array.of(value));
      if (step(state, spikes) !== spikes || seen.size > MOST_STATES) return false;
      const next = state.map(([value]) => value);
      seen.set(next.join(), next);
    }
  return true;
}

/** The registers of each neuron that differs from those before it. */
function differentRegisters({ model, params, size }: Population): Int32Array[][] {
  const spec = neuronModel(model);
  const all = spec.params.map(({ name }) => paramOf(spec, params, name, size));
  const found = new Map<string, Int32Array[]>();
  for (let n = 0; n < size; n++) {
    const own = all.map((values) => values[n]);
    found.set(own.join(), found.get(own.join()) ?? own.map((value) => Int32Array.of(value)));
  }
  return [...found.values()];
}

const REPEATERS: Readonly<Record<string, Repeater>> = {
  "loihi-cuba": (population, weight, maxSpikes) =>
    (["lava", "nengo"] as const).every((rules) =>
      differentRegisters(population).every((registers) =>
        repeatsInAllStates(
          initialLoihiState(registers, 1).map(([value]) => value),
          maxSpikes,
          (state, spikes) => {
            const fired = new Uint8Array(1);
            stepLoihiCuba(state, registers, Int32Array.of(spikes * weight), fired, rules);
            return fired[0];
          },
        ),
      ),
    ),
  "digital-lif": (population, weight, maxSpikes) =>
    differentRegisters(population).every((registers) =>
      repeatsInAllStates(
        initialDigitalState(registers, 1).map(([value]) => value),
        maxSpikes,
        (state, spikes) => {
          const fired = new Uint8Array(1);
          stepDigitalLif(state, registers, Int32Array.of(spikes * weight), fired);
          return fired[0];
        },
      ),
    ),
  "truenorth-lif": ({ params }, weight) => {
    if (weight !== 1) return false;
    const only = (name: string, value: number): boolean => (params[name] ?? []).every((v) => v === value);
    const others = Object.keys(params).filter((name) => name !== "threshold");
    return (
      (params["threshold"] ?? [0]).every((v) => v === TRUENORTH_UNIT) && others.every((name) => only(name, 0))
    );
  },
};
