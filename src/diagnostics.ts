// Messages of the flow as a whole: what stages need of each other.
import type { Diagnostic } from "#util/diagnostic";

export function exportNeedsModel(facts: { exporter: string; level: string }): Diagnostic {
  const { exporter, level } = facts;
  return {
    code: "export/needs-model",
    severity: "error",
    message: `the exporter "${exporter}" writes the ${level === "network" ? "model" : "quantized network"}, but the file is a deployment, which does not hold it.`,
    hint: "give the model that the deployment was compiled from.",
    data: facts,
  };
}
