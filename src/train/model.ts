import { normal, type Rng } from "#util/rng";

/**
 * A feed-forward spiking network while it is learnt: dense layers, each followed by leaky
 * integrate-and-fire neurons.
 *
 *     x = W s      v <- v + (1 / tau) (-v + tau · x)      spike if v > threshold, then v = 0
 *
 * The gain tau makes x count fully in its step, as chips compute it.
 */
export interface SpikingMlp {
  readonly layers: readonly DenseLayer[];
}

export interface DenseLayer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly tauSteps: number;
  readonly threshold: number;
  /**
   * `[inputs, outputs]`: weight of (pre i, post j) at i * outputs + j; 0 where pruned. The optimizer writes
   * in place; nobody else does.
   */
  readonly weights: Float32Array;
  /** `[inputs, outputs]`, 1 where there is a synapse. Never changed in place: another mask is another array. */
  readonly mask: Uint8Array;
}

export interface MlpOptions {
  /** Neurons of every population, input first. */
  readonly sizes: readonly number[];
  /** Of all layers. */
  readonly tauSteps: number;
  readonly threshold: number;
  /** Standard deviation of a layer's first weights, times the root of its inputs; one per layer. */
  readonly initGains: readonly number[];
}

/** A dense network with normally distributed weights. Layers are named fc1, fc2, … */
export function createMlp(options: MlpOptions, rng: Rng): SpikingMlp {
  const { sizes, tauSteps, threshold, initGains } = options;
  const layers = sizes.slice(1).map((outputs, l): DenseLayer => {
    const inputs = sizes[l];
    const deviation = initGains[l] / Math.sqrt(inputs);
    return {
      name: `fc${l + 1}`,
      inputs,
      outputs,
      tauSteps,
      threshold,
      weights: Float32Array.from({ length: inputs * outputs }, () => deviation * normal(rng)),
      mask: new Uint8Array(inputs * outputs).fill(1),
    };
  });
  return { layers };
}

/** The layer with fewer synapses: weights outside the mask become zero. The old layer is left as it was. */
export function maskLayer(layer: DenseLayer, mask: Uint8Array): DenseLayer {
  return { ...layer, mask, weights: layer.weights.map((weight, i) => (mask[i] === 0 ? 0 : weight)) };
}

export function synapseCount(layer: DenseLayer): number {
  let count = 0;
  for (let i = 0; i < layer.mask.length; i++) count += layer.mask[i];
  return count;
}

/** Share of all possible synapses that are pruned, over all layers. */
export function sparsityShare(model: SpikingMlp): number {
  const possible = model.layers.reduce((sum, layer) => sum + layer.mask.length, 0);
  const alive = model.layers.reduce((sum, layer) => sum + synapseCount(layer), 0);
  return 1 - alive / possible;
}
