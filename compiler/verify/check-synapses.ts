import type { CoreProgram } from "#ir/deployment";
import { expand } from "#ir/connectivity";
import type { Network, SparseMatrix } from "#ir/network";
import type { OnProgress } from "#util/progress";
import type { Owners } from "./check-neurons.ts";
import type { AxonSources } from "./check-routes.ts";
import {
  delayDiffers,
  exponentDiffers,
  synapseForeign,
  synapseInvented,
  synapseMissing,
  synapseTwice,
  weightDiffers,
} from "./diagnostics.ts";
import type { Findings } from "./findings.ts";

/** One projection of the model, and which of its synapses have been found on a core. */
interface Expected {
  readonly matrix: SparseMatrix;
  /** `[nnz]`, 1 where found. */
  readonly found: Uint8Array;
  /** With the zeros that the model stores; made when a core stores one. */
  withZeros?: SparseMatrix;
}

/** Reads all synapse lists back and compares them with the model. @returns the number of synapses found. */
export function checkSynapses(
  cores: readonly CoreProgram[],
  network: Network,
  owners: Owners,
  sources: AxonSources,
  findings: Findings,
  onProgress?: OnProgress,
): number {
  const expected = network.projections.map(({ connectivity }): Expected => {
    const matrix = expand(connectivity);
    return { matrix, found: new Uint8Array(matrix.values.length) };
  });
  cores.forEach((core, c) => {
    onProgress?.("verify", c, cores.length);
    checkCore(core, network, owners, sources, expected, findings);
  });
  let found = 0;
  expected.forEach(({ matrix, found: seen }, p) => {
    const { name: projection, pre: sender } = network.projections[p];
    // What an input without a port sends never acts, so it need not be stored.
    if (
      network.populations[sender].model === "input" &&
      !network.inputs.some((port) => port.population === sender)
    )
      return;
    for (let pre = 0; pre < matrix.rows; pre++)
      for (let i = matrix.rowStart[pre]; i < matrix.rowStart[pre + 1]; i++) {
        found += seen[i];
        if (seen[i] === 1) continue;
        findings.report(
          synapseMissing({ projection, pre, post: matrix.colIndex[i], weight: matrix.values[i] }),
        );
      }
  });
  return found;
}

function checkCore(
  core: CoreProgram,
  network: Network,
  owners: Owners,
  sources: AxonSources,
  expected: readonly Expected[],
  findings: Findings,
): void {
  const owner = owners.get(core.core);
  const source = sources.get(core.core);
  if (owner === undefined || source === undefined) return;
  checkExponents(core, network, findings);
  const { axonStart, target, weight, format, delaySteps } = core;
  for (let axon = 0; axon + 1 < axonStart.length; axon++) {
    if (source.neuron[axon] < 0) continue;
    const pre = source.neuron[axon];
    for (let i = axonStart[axon]; i < axonStart[axon + 1]; i++) {
      const { projection: p, encoding } = core.formats[format[i]];
      const projection = network.projections[p];
      if (projection.pre !== source.population[axon] || projection.post !== owner.population[target[i]]) {
        const what =
          projection.pre !== source.population[axon]
            ? "its source is not of the projection's pre population"
            : `compartment ${target[i]} is not of the projection's post population`;
        findings.report(synapseForeign({ core: core.core, axon, projection: projection.name, what }));
        continue;
      }
      const post = owner.neuron[target[i]];
      const facts = { core: core.core, projection: projection.name, pre, post };
      if (delaySteps[i] !== projection.delaySteps)
        findings.report(delayDiffers({ ...facts, stored: delaySteps[i], expected: projection.delaySteps }));
      const { matrix, found } = expected[p];
      const at = findEntry(matrix, pre, post);
      if (at < 0) {
        const isFill =
          weight[i] === 0 && (encoding === "dense" || storesZero(network, expected, p, pre, post));
        if (!isFill) findings.report(synapseInvented({ ...facts, weight: weight[i] }));
        continue;
      }
      if (found[at] === 1) findings.report(synapseTwice(facts));
      found[at] = 1;
      if (weight[i] !== matrix.values[at])
        findings.report(weightDiffers({ ...facts, stored: weight[i], expected: matrix.values[at] }));
    }
  }
}

function checkExponents(core: CoreProgram, network: Network, findings: Findings): void {
  for (const { projection: p, weightExponent } of core.formats) {
    const { name, quantization } = network.projections[p];
    const expected = quantization?.weightExponent ?? 0;
    if (weightExponent !== expected)
      findings.report(
        exponentDiffers({ core: core.core, projection: name, stored: weightExponent, expected }),
      );
  }
}

/** Index of the synapse pre -> post, or -1. */
function findEntry({ rowStart, colIndex }: SparseMatrix, pre: number, post: number): number {
  let low = rowStart[pre];
  let high = rowStart[pre + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (colIndex[middle] < post) low = middle + 1;
    else high = middle;
  }
  return low < rowStart[pre + 1] && colIndex[low] === post ? low : -1;
}

/** Whether the model itself stores a zero there, which an unpruned mapping keeps. */
function storesZero(
  network: Network,
  expected: readonly Expected[],
  projection: number,
  pre: number,
  post: number,
): boolean {
  const entry = expected[projection];
  entry.withZeros ??= expand(network.projections[projection].connectivity, { keepZeros: true });
  return findEntry(entry.withZeros, pre, post) >= 0;
}
