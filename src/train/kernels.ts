// The loops of the typed-array engine: one layer, one sample, all steps. Arrays in, arrays out; no imports.
//
// `spikeStart` `[steps + 1]` and `spikeIndex` list the spikes of a population: those of step t are
// spikeIndex[spikeStart[t] .. spikeStart[t + 1]). `rowStart` `[inputs + 1]` and `column` list a layer's synapses by
// pre neuron. `…Dense` does the same without the list, four rows at a time, as if every synapse existed: training
// starts dense and spends most of its time there.

/**
 * x = W s: adds the rows of all spiking pre neurons.
 *
 * @param weights `[inputs, outputs]`
 * @param current `[steps, outputs]`, overwritten
 */
export function propagateSpikes(
  spikeStart: Uint32Array,
  spikeIndex: Uint32Array,
  rowStart: Uint32Array,
  column: Uint32Array,
  weights: Float32Array,
  outputs: number,
  steps: number,
  current: Float64Array,
): void {
  current.fill(0, 0, steps * outputs);
  for (let t = 0; t < steps; t++) {
    const out = t * outputs;
    for (let e = spikeStart[t]; e < spikeStart[t + 1]; e++) {
      const base = spikeIndex[e] * outputs;
      const end = rowStart[spikeIndex[e] + 1];
      for (let k = rowStart[spikeIndex[e]]; k < end; k++) {
        const c = column[k];
        current[out + c] += weights[base + c];
      }
    }
  }
}

/** `propagateSpikes` without a list of synapses; what is pruned must be zero in `weights`. */
export function propagateSpikesDense(
  spikeStart: Uint32Array,
  spikeIndex: Uint32Array,
  weights: Float32Array,
  outputs: number,
  steps: number,
  current: Float64Array,
): void {
  current.fill(0, 0, steps * outputs);
  for (let t = 0; t < steps; t++) {
    const out = t * outputs;
    const end = spikeStart[t + 1];
    let e = spikeStart[t];
    for (; e + 3 < end; e += 4) {
      const a = spikeIndex[e] * outputs;
      const b = spikeIndex[e + 1] * outputs;
      const c = spikeIndex[e + 2] * outputs;
      const d = spikeIndex[e + 3] * outputs;
      for (let j = 0; j < outputs; j++)
        current[out + j] += weights[a + j] + weights[b + j] + (weights[c + j] + weights[d + j]);
    }
    for (; e < end; e++) {
      const base = spikeIndex[e] * outputs;
      for (let j = 0; j < outputs; j++) current[out + j] += weights[base + j];
    }
  }
}

/**
 * The neurons, in exactly the operations of the float reference.
 *
 * @param current  `[steps, outputs]`; replaced by the membrane before its reset
 * @param membrane `[outputs]`, scratch
 * @returns number of spikes
 */
export function integrateAndFire(
  current: Float64Array,
  outputs: number,
  steps: number,
  tauSteps: number,
  threshold: number,
  membrane: Float64Array,
  spikeStart: Uint32Array,
  spikeIndex: Uint32Array,
): number {
  const gain = 1 / tauSteps;
  let spikes = 0;
  membrane.fill(0, 0, outputs);
  for (let t = 0; t < steps; t++) {
    spikeStart[t] = spikes;
    for (let j = 0; j < outputs; j++) {
      const v = membrane[j] + gain * (0 - membrane[j] + tauSteps * current[t * outputs + j]);
      current[t * outputs + j] = v;
      membrane[j] = v;
      if (v > threshold) {
        spikeIndex[spikes++] = j;
        membrane[j] = 0;
      }
    }
  }
  spikeStart[steps] = spikes;
  return spikes;
}

/**
 * dL/dx from dL/ds, last step first:
 *
 *     gh = gs · surrogate(h - threshold) + gv (1 - s)     gx = gh     gv <- gh (1 - 1 / tau)
 *
 * and gh loses gv · h · surrogate(h - threshold) if the reset is not detached.
 *
 * @param potential `[steps, outputs]`, membrane before its reset
 * @param slope     `[steps, outputs]`, surrogate at potential - threshold
 * @param gradient  `[steps, outputs]`, dL/ds; replaced by dL/dx
 * @param carried   `[outputs]`, scratch
 */
export function differentiateNeurons(
  potential: Float64Array,
  slope: Float64Array,
  outputs: number,
  steps: number,
  tauSteps: number,
  threshold: number,
  detachReset: boolean,
  gradient: Float64Array,
  carried: Float64Array,
): void {
  const keep = 1 - 1 / tauSteps;
  carried.fill(0, 0, outputs);
  for (let t = steps - 1; t >= 0; t--) {
    for (let j = 0; j < outputs; j++) {
      const i = t * outputs + j;
      const spiked = potential[i] > threshold;
      let g = gradient[i] * slope[i];
      if (!spiked) g += carried[j];
      if (!detachReset) g -= carried[j] * potential[i] * slope[i];
      gradient[i] = g;
      carried[j] = keep * g;
    }
  }
}

/**
 * Sorts spikes by neuron: those of neuron i are in the steps stepOfSpike[firstSpike[i] .. firstSpike[i + 1]).
 *
 * @param firstSpike  `[neurons + 1]`, overwritten
 * @param stepOfSpike `[spikes]` or longer, overwritten
 */
export function sortSpikesByNeuron(
  spikeStart: Uint32Array,
  spikeIndex: Uint32Array,
  neurons: number,
  steps: number,
  firstSpike: Uint32Array,
  stepOfSpike: Uint32Array,
): void {
  firstSpike.fill(0, 0, neurons + 1);
  for (let e = 0; e < spikeStart[steps]; e++) firstSpike[spikeIndex[e]]++;
  let total = 0;
  for (let i = 0; i <= neurons; i++) firstSpike[i] = total += firstSpike[i];
  for (let t = steps - 1; t >= 0; t--)
    for (let e = spikeStart[t]; e < spikeStart[t + 1]; e++) stepOfSpike[--firstSpike[spikeIndex[e]]] = t;
}

/**
 * dL/dW: every spike of a pre neuron adds dL/dx of its step to the neuron's row.
 *
 * @param gradient       `[steps, outputs]`, dL/dx
 * @param weightGradient `[inputs, outputs]`, added to
 */
export function accumulateWeightGradient(
  firstSpike: Uint32Array,
  stepOfSpike: Uint32Array,
  rowStart: Uint32Array,
  column: Uint32Array,
  inputs: number,
  outputs: number,
  gradient: Float64Array,
  weightGradient: Float64Array,
): void {
  for (let row = 0; row < inputs; row++) {
    const base = row * outputs;
    const end = rowStart[row + 1];
    for (let e = firstSpike[row]; e < firstSpike[row + 1]; e++) {
      const out = stepOfSpike[e] * outputs;
      for (let k = rowStart[row]; k < end; k++) {
        const c = column[k];
        weightGradient[base + c] += gradient[out + c];
      }
    }
  }
}

/** `accumulateWeightGradient` for pruned synapses as well. */
export function accumulateWeightGradientDense(
  firstSpike: Uint32Array,
  stepOfSpike: Uint32Array,
  inputs: number,
  outputs: number,
  gradient: Float64Array,
  weightGradient: Float64Array,
): void {
  for (let row = 0; row < inputs; row++) {
    const base = row * outputs;
    const end = firstSpike[row + 1];
    let e = firstSpike[row];
    for (; e + 3 < end; e += 4) {
      const a = stepOfSpike[e] * outputs;
      const b = stepOfSpike[e + 1] * outputs;
      const c = stepOfSpike[e + 2] * outputs;
      const d = stepOfSpike[e + 3] * outputs;
      for (let j = 0; j < outputs; j++)
        weightGradient[base + j] += gradient[a + j] + gradient[b + j] + (gradient[c + j] + gradient[d + j]);
    }
    for (; e < end; e++) {
      const out = stepOfSpike[e] * outputs;
      for (let j = 0; j < outputs; j++) weightGradient[base + j] += gradient[out + j];
    }
  }
}

/**
 * dL/ds of the pre neurons: W transposed times dL/dx.
 *
 * @param gradient    `[steps, outputs]`, dL/dx
 * @param preGradient `[steps, inputs]`, overwritten
 */
export function propagateGradient(
  rowStart: Uint32Array,
  column: Uint32Array,
  weights: Float32Array,
  inputs: number,
  outputs: number,
  steps: number,
  gradient: Float64Array,
  preGradient: Float64Array,
): void {
  for (let t = 0; t < steps; t++) {
    const out = t * outputs;
    for (let row = 0; row < inputs; row++) {
      const base = row * outputs;
      const end = rowStart[row + 1];
      let sum = 0;
      for (let k = rowStart[row]; k < end; k++) {
        const c = column[k];
        sum += weights[base + c] * gradient[out + c];
      }
      preGradient[t * inputs + row] = sum;
    }
  }
}

/** `propagateGradient` without a list of synapses; what is pruned must be zero in `weights`. */
export function propagateGradientDense(
  weights: Float32Array,
  inputs: number,
  outputs: number,
  steps: number,
  gradient: Float64Array,
  preGradient: Float64Array,
): void {
  for (let row = 0; row < inputs; row++) {
    const base = row * outputs;
    let t = 0;
    for (; t + 3 < steps; t += 4) {
      const a = t * outputs;
      const b = a + outputs;
      const c = b + outputs;
      const d = c + outputs;
      let sumA = 0;
      let sumB = 0;
      let sumC = 0;
      let sumD = 0;
      for (let j = 0; j < outputs; j++) {
        const weight = weights[base + j];
        sumA += weight * gradient[a + j];
        sumB += weight * gradient[b + j];
        sumC += weight * gradient[c + j];
        sumD += weight * gradient[d + j];
      }
      preGradient[t * inputs + row] = sumA;
      preGradient[(t + 1) * inputs + row] = sumB;
      preGradient[(t + 2) * inputs + row] = sumC;
      preGradient[(t + 3) * inputs + row] = sumD;
    }
    for (; t < steps; t++) {
      let sum = 0;
      for (let j = 0; j < outputs; j++) sum += weights[base + j] * gradient[t * outputs + j];
      preGradient[t * inputs + row] = sum;
    }
  }
}
