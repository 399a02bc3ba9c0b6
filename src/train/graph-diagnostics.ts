import { type Diagnostic, nearestName } from "#util/diagnostic";

// What can be wrong with a layer graph, in alphabetical order.

export function graphInputMissing(facts: {
  layer: string;
  input: string;
  known: readonly string[];
}): Diagnostic {
  const { layer, input, known } = facts;
  const near = nearestName(input, known);
  return {
    code: "train/graph-input-missing",
    severity: "error",
    message: `"${layer}" reads "${input}", which is neither "input" nor a layer before it.`,
    subject: `model.layers["${layer}"]`,
    hint: near === undefined ? `name one of: ${known.join(", ")}.` : `did you mean "${near}"?`,
    data: { layer, input },
  };
}

export function graphNameTaken(facts: { layer: string }): Diagnostic {
  return {
    code: "train/graph-name-taken",
    severity: "error",
    message: `the name "${facts.layer}" is given to two layers (or is "input", the name of the data).`,
    subject: `model.layers["${facts.layer}"]`,
    hint: `give every layer a name of its own.`,
    data: facts,
  };
}

export function graphShapeMismatch(facts: {
  layer: string;
  op: string;
  needed: string;
  shapes: readonly (readonly number[])[];
}): Diagnostic {
  const { layer, op, needed, shapes } = facts;
  const found = shapes.map((shape) => `[${shape.join(", ")}]`).join(" and ") || "nothing";
  return {
    code: "train/graph-shape",
    severity: "error",
    message: `the ${op} layer "${layer}" needs ${needed}, but gets ${found}.`,
    subject: `model.layers["${layer}"]`,
    hint: `change "${layer}" or the layers before it until the shapes fit.`,
    data: { layer, op, shapes },
  };
}
