import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { Target } from "#targets/target";
import {
  flowOrder,
  mapSection,
  modelSection,
  sortQuantization,
  type MapFacts,
  type MapSection,
  type ModelSection,
  type QuantizationSection,
} from "./run-report.ts";
import { mapText, modelText, quantizationText } from "./run-text.ts";

/** What `spinec compile` has to say. */
export interface CompileReport {
  readonly schema: "spinec/compile/1";
  readonly generator: string;
  readonly deploymentHash: string;
  readonly deploymentBytes: number;
  readonly model: ModelSection;
  readonly quantization: QuantizationSection;
  readonly map: MapSection;
}

export function buildCompileReport(parts: {
  readonly generator: string;
  readonly deploymentHash: string;
  readonly deploymentBytes: number;
  readonly model: Network;
  readonly folded: Network;
  readonly quantization: QuantizationSection;
  readonly deployment: Deployment;
  readonly map: MapFacts;
  readonly target: Target;
}): CompileReport {
  const { generator, deploymentHash, deploymentBytes, quantization } = parts;
  const inFlowOrder = flowOrder(parts.model);
  return {
    schema: "spinec/compile/1",
    generator,
    deploymentHash,
    deploymentBytes,
    model: modelSection(parts.model, parts.folded),
    quantization: sortQuantization(quantization, inFlowOrder),
    map: mapSection(parts.deployment, parts.map, parts.target, inFlowOrder),
  };
}

export function compileReportText(report: CompileReport): string[] {
  return [
    `${report.model.name} on ${report.map.target} (packer ${report.map.packer}, ${report.map.rules} arithmetic)`,
    "",
    ...modelText(report.model),
    "",
    ...quantizationText(report.quantization, 0),
    ...mapText(report.map),
    "",
    `deployment ${report.deploymentHash.slice(0, 16)}…  ${report.deploymentBytes} bytes  ${report.generator}`,
  ];
}
