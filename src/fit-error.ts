// How far the weights on a chip are from those of the model: what pruning, lost channels and rounding take away.
import { editModel, type NetworkEdits } from "#compiler/edit/index";
import { layersOf, powerOf } from "#compiler/edit/layers";
import type { QuantizationReport } from "#compiler/passes/quantize";
import type { Network } from "#ir/network";
import { DiagnosticSink } from "#util/diagnostic";

/**
 * Root of the squared error of all weights over the sum of their squares: 0 if nothing is lost, 1 if nothing is left. What is
 * cut off and what is rounded are different weights, so their squares add up.
 *
 * @param model    as imported
 * @param unshaped folded, before it lost channels
 * @param folded   what was quantized
 */
export function weightErrorShare(
  model: Network,
  edits: NetworkEdits | undefined,
  unshaped: Network,
  folded: Network,
  { projections }: QuantizationReport,
): number {
  const pruned = edits === undefined ? model : editModel(model, edits, new DiagnosticSink());
  const kept = keptShare(layerPower(model), layerPower(pruned)) * keptShare(power(unshaped), power(folded));
  let signal = 0;
  let noise = 0;
  for (const projection of folded.projections) {
    const own = powerOf(projection);
    signal += own;
    const snrDb = projections.find(({ name }) => name === projection.name)?.snrDb ?? Infinity;
    if (Number.isFinite(snrDb)) noise += own * 10 ** (-snrDb / 10);
  }
  const roundedShare = signal === 0 ? 0 : noise / signal;
  return Math.sqrt(Math.max(0, 1 - kept) + kept * roundedShare);
}

function layerPower(network: Network): number {
  return layersOf(network).reduce((sum, { projection }) => sum + powerOf(network.projections[projection]), 0);
}

function power({ projections }: Network): number {
  return projections.reduce((sum, projection) => sum + powerOf(projection), 0);
}

const keptShare = (before: number, after: number): number => (before === 0 ? 1 : Math.min(1, after / before));
