// What exporting tests share: spikes to compare, and networks without what NIR does not keep. Nothing is checked here.
import type { ImportOptions } from "#formats/format";
import type { NirDialect } from "#formats/nir/dialects";
import type { NirFile } from "#formats/nir/graph";
import { isIdentity } from "#ir/connectivity";
import { DEFAULT_DYNAMICS, type Dynamics, type Network, type ResetMode } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { simulateReference } from "#simulator/reference-float";
import { createRng } from "#util/rng";

/** Events of this value on every input of a network, at the same times for equal sizes. */
function randomInputs(
  net: Network,
  steps: number,
  density: number,
  value: number,
): Record<string, SpikeData> {
  return Object.fromEntries(
    net.inputs.map(({ name, population }) => {
      const { shape, size } = net.populations[population];
      const rng = createRng(size);
      const step: number[] = [];
      const index: number[] = [];
      for (let t = 0; t < steps; t++)
        for (let i = 0; i < size; i++)
          if (rng() < density) {
            step.push(t);
            index.push(i);
          }
      return [
        name,
        {
          steps,
          shape,
          samples: [
            {
              step: Uint32Array.from(step),
              index: Uint32Array.from(index),
              value: new Float64Array(step.length).fill(value),
            },
          ],
        },
      ];
    }),
  );
}

/**
 * What the neurons of a network give, as text, in the order of their names: spikes exactly, values to nine digits.
 * What is not a neuron is left out, for exporting may add and remove such nodes.
 */
export function behaviour(net: Network, steps = 12, density = 0.3, value = 1): string[] {
  const inputs = randomInputs(net, steps, density, value);
  const { recorded } = simulateReference(net, inputs, { record: "all" });
  return net.populations
    .filter(({ model }) => model !== "relay" && model !== "input")
    .map(({ name }) => {
      const { samples } = recorded[name];
      const events = samples.map(({ step, index, value }) =>
        [...step].map((t, k) => `${t}:${index[k]}=${Number((value?.[k] ?? 1).toPrecision(9))}`).join(" "),
      );
      return `${name.replaceAll("/", ".")} ${events.join("|")}`;
    })
    .sort();
}

export function withoutMetadata({ root, ...rest }: NirFile): NirFile {
  return {
    ...rest,
    root: { ...root, metadata: {}, nodes: root.nodes.map((node) => ({ ...node, metadata: {} })) },
  };
}

/**
 * A network by the rules of a dialect's reader, and the options that make our reader follow the same rules where a file
 * has no metadata. What the dialect leaves open is as the network has it.
 */
export function asReaderDoes(
  net: Network,
  { reading, integrator }: NirDialect,
): { network: Network; options: ImportOptions } {
  const populations = net.populations.map((population) => {
    const given = population.dynamics ?? DEFAULT_DYNAMICS;
    const dynamics: Dynamics = {
      ...given,
      compare: reading.compare ?? given.compare,
      reset: (reading.reset as ResetMode | undefined) ?? given.reset,
    };
    return Object.keys(population.params).length === 0 ? population : { ...population, dynamics };
  });
  const neurons = populations.filter(({ params }) => Object.keys(params).length > 0);
  const [{ dynamics = DEFAULT_DYNAMICS }] = neurons;
  const dtSeconds = net.timestepNs === undefined ? 1e-4 : Number((net.timestepNs * 1e-9).toPrecision(12));
  const reset = Object.fromEntries(
    neurons.map((population) => [
      population.name.replaceAll("/", "."),
      (population.dynamics ?? DEFAULT_DYNAMICS).reset,
    ]),
  );
  const vMin = neurons.find(({ dynamics: own }) => own?.vMinThresholds !== undefined)?.dynamics
    ?.vMinThresholds;
  return {
    network: { ...net, populations },
    options: {
      ...(reading.timeUnit === "s" && { dtSeconds }),
      ifStep: "one",
      integrator: integrator ?? dynamics.integrator,
      compare: dynamics.compare,
      current: dynamics.current,
      vMinThresholds: vMin ?? -Infinity,
      ...reading,
      reset: (reading.reset as ResetMode | undefined) ?? reset,
    },
  };
}

/**
 * A network without what exporting does not keep: "/" in names, the order of nodes, relays that only hand on or add
 * up, and the form in which equal maps are stored. What is left must come back bit for bit.
 */
export function canonical(net: Network): object {
  const plainName = (index: number): string => net.populations[index].name.replaceAll("/", ".");
  const isPlain = (p: Network["projections"][number]): boolean => {
    const [pre, post] = [net.populations[p.pre], net.populations[p.post]];
    const isSame = pre.shape.join() === post.shape.join();
    return isSame && p.weightScale === 1 && p.layer === undefined && isIdentity(p.connectivity);
  };
  const incoming = net.populations.map((_, i) => net.projections.filter(({ post }) => post === i));
  const isSum = net.populations.map(
    ({ model, bias }, i) =>
      model === "relay" &&
      !net.outputs.some(({ population }) => population === i) &&
      (bias?.some((value) => value !== 0) ?? false) === false &&
      incoming[i].every((p) => isPlain(p) && p.delaySteps === (p.beforeStart === undefined ? 0 : 1)),
  );
  const sources = (index: number): string[] =>
    isSum[index]
      ? incoming[index].flatMap((p) =>
          sources(p.pre).map((name) => name + (p.beforeStart === undefined ? "" : " (fed back)")),
        )
      : [plainName(index)];
  const full = (values: Float64Array, size: number): Float64Array =>
    values.length === size ? values : new Float64Array(size).fill(values[0]);
  const kept = net.populations.flatMap((population, i) => {
    if (isSum[i]) return [];
    const { size, bias } = population;
    const params = Object.entries(population.params).map(([param, values]) => [param, full(values, size)]);
    return {
      ...population,
      name: plainName(i),
      params: Object.fromEntries(params) as object,
      bias: bias?.some((value) => value !== 0) === true ? full(bias, size) : undefined,
    };
  });
  const projections = net.projections.flatMap(
    ({ pre, post, layer, connectivity, weightScale, delaySteps, beforeStart }) =>
      isSum[post]
        ? []
        : sources(pre).map((source) => ({
            connectivity,
            weightScale,
            delaySteps,
            beforeStart,
            from: source,
            to: plainName(post),
            layer: layer === undefined ? undefined : { ...layer, node: layer.node.replaceAll("/", ".") },
          })),
  );
  const byKey = <T>(list: readonly T[], key: (item: T) => string): T[] =>
    [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return {
    name: net.name,
    timestepNs: net.timestepNs,
    populations: byKey(kept, ({ name }) => name),
    projections: byKey(projections, ({ from, to, delaySteps }) => `${to} ${from} ${delaySteps}`),
    inputs: net.inputs.map(({ population }) => plainName(population)),
    outputs: net.outputs.map(({ population }) => plainName(population)),
  };
}
