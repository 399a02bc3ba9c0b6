import { type Diagnostic, nearestName } from "#util/diagnostic";

// What can be wrong with the options of ESL-SNNs, in alphabetical order.

export function eslDenseLayerUnknown(facts: { layer: string; known: readonly string[] }): Diagnostic {
  const { layer, known } = facts;
  const near = nearestName(layer, known);
  return {
    code: "train/esl-dense-layer",
    severity: "error",
    message: `the option "denseLayers" names "${layer}", which is not one of the layers to be pruned.`,
    subject: `method.options.denseLayers`,
    hint: near === undefined ? `name one of: ${known.join(", ")}.` : `did you mean "${near}"?`,
    data: { layer, known },
  };
}

export function eslLayerEmpty(facts: { layer: string; weights: number; density: number }): Diagnostic {
  const { layer, weights, density } = facts;
  return {
    code: "train/esl-layer-empty",
    severity: "error",
    message: `every layer needs a weight to grow from, but a density of ${density} leaves none of the ${weights} weights of "${layer}".`,
    subject: `model.layers["${layer}"]`,
    hint: `raise "density", or take layers out of "denseLayers".`,
    data: facts,
  };
}
