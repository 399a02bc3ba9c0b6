import type { Diagnostic } from "#util/diagnostic";

// Messages about the values of a trained model, in alphabetical order.

export function trainedValueMissing(facts: { name: string; length: number }): Diagnostic {
  const { name, length } = facts;
  return {
    code: "train/trained-value-missing",
    severity: "error",
    message: `the graph needs ${length} numbers named "${name}", but the trained model has none of that name.`,
    subject: `model.values["${name}"]`,
    hint: `load the values into the graph that they were trained with.`,
    data: facts,
  };
}

export function trainedValueShape(facts: { name: string; needed: number; found: number }): Diagnostic {
  const { name, needed, found } = facts;
  return {
    code: "train/trained-value-shape",
    severity: "error",
    message: `the graph needs ${needed} numbers named "${name}", but the trained model has ${found}.`,
    subject: `model.values["${name}"]`,
    hint: `load the values into the graph that they were trained with.`,
    data: facts,
  };
}
