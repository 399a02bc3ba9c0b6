// Messages about networks that become NIR files, in alphabetical order.
import type { Diagnostic } from "#util/diagnostic";
import { shapeText, type Shape } from "./fields.ts";

export function feedbackMoved(facts: { before: readonly string[]; after: readonly string[] }): Diagnostic {
  const { before, after } = facts;
  return {
    code: "nir/feedback-moved",
    severity: "warning",
    message: `cycles are cut in the order of names, and in the repaired file at ${after.join(", ") || "no edge"} in place of ${before.join(", ")}.`,
    subject: "/node/edges",
    hint: "rename nodes so that the order of names stays, and repair again.",
    data: { before, after },
  };
}

export function notExpressible(facts: { name: string; reason: string }): Diagnostic {
  const { name, reason } = facts;
  return {
    code: "nir/not-expressible",
    severity: "error",
    message: `"${name}" cannot be written as NIR: ${reason}.`,
    subject: `network["${name}"]`,
    hint: "export the network before it is mapped to a chip; a chip's integers go into --to onnx --semantics loihi1-int.",
    data: { name, reason },
  };
}

export function notRepaired(facts: { from: string; to: string; output: Shape; input: Shape }): Diagnostic {
  const { from, to, output, input } = facts;
  return {
    code: "nir/not-repaired",
    severity: "warning",
    message: `"${from}" gives ${shapeText(output)} and "${to}" takes ${shapeText(input)}; NIR has no node that turns the one into the other, so the edge stays as it is.`,
    subject: `/node/nodes/${to}`,
    hint: "write both layers in one shape.",
    data: { from, to, output, input },
  };
}
