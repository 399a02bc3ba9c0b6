// `spinec export` as functions: a model or a deployment, at the level that the exporter writes, as files.
import { checkExportOptions, neededLevel } from "#formats/exporters";
import type { ExportedFile, Exporter, ExportOptions, ExportSubject } from "#formats/export";
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import type { Profile, Target } from "#targets/target";
import { invariant, type DiagnosticSink } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import { mapModel, prepareModel, type MapOptions } from "./deploy.ts";
import { exportNeedsModel } from "./diagnostics.ts";
import { GENERATOR } from "./version.ts";

/** Name of the files, without folder and extension. */
export type ExportNaming = Pick<ExportSubject, "baseName">;

/** What exporters of the levels `quantized` and `deployment` need beside the model. */
export interface ExportMapping {
  readonly target: Target;
  /** Absent: the target's default. */
  readonly profile?: Profile;
  readonly options: MapOptions;
}

/**
 * Writes a model with an exporter, lowered as far as the exporter and its options need it.
 *
 * @param mapping called only if the level needs a target
 * @throws ToolchainError with everything that was found at the first stage that found an error
 */
export async function exportModel(
  network: Network,
  exporter: Exporter,
  options: ExportOptions,
  mapping: () => ExportMapping,
  naming: ExportNaming,
  sink: DiagnosticSink,
  onProgress?: OnProgress,
): Promise<readonly ExportedFile[]> {
  checkExportOptions(exporter, options, sink);
  sink.throwIfErrors();
  const level = neededLevel(exporter, options);
  let subject: ExportSubject = { network, ...naming, generator: GENERATOR };
  if (level !== "network") {
    const { target, profile, options: mapOptions } = mapping();
    const { rules } = mapOptions;
    subject = { ...subject, target, ...(profile && { profile }), ...(rules && { rules }) };
    if (level === "quantized") {
      subject = { ...subject, quantized: prepareModel(network, target, mapOptions, sink).quantized };
    } else {
      const { quantized, compiled } = mapModel(network, target, mapOptions, sink, onProgress);
      subject = { ...subject, quantized, deployment: compiled.deployment };
    }
  }
  return written(exporter, subject, options, sink);
}

/**
 * Writes a deployment; the exporter must be of that level.
 *
 * @param naming with the target where it is not one of the registry
 * @throws ToolchainError with everything that was found
 */
export async function exportDeployment(
  deployment: Deployment,
  exporter: Exporter,
  options: ExportOptions,
  naming: ExportNaming & Pick<ExportSubject, "target" | "profile">,
  sink: DiagnosticSink,
): Promise<readonly ExportedFile[]> {
  checkExportOptions(exporter, options, sink);
  if (neededLevel(exporter, options) !== "deployment")
    sink.report(exportNeedsModel({ exporter: exporter.name, level: neededLevel(exporter, options) }));
  sink.throwIfErrors();
  return written(
    exporter,
    { network: portsOf(deployment), deployment, ...naming, generator: GENERATOR },
    options,
    sink,
  );
}

async function written(
  exporter: Exporter,
  subject: ExportSubject,
  options: ExportOptions,
  sink: DiagnosticSink,
): Promise<readonly ExportedFile[]> {
  const files = await exporter.write(subject, options, sink);
  sink.throwIfErrors();
  invariant(files !== undefined && files.length > 0, "an exporter that reports no error returns files");
  return files;
}

/** What a deployment tells of its model: populations and ports, no projections. */
function portsOf({ network, timestepNs, populations, inputs, outputs, cores }: Deployment): Network {
  const models = new Map(cores.flatMap(({ groups }) => groups.map((g) => [g.population, g.model] as const)));
  return {
    name: network,
    ...(timestepNs === undefined ? {} : { timestepNs }),
    populations: populations.map(({ name, shape, startStep }, index) => ({
      name,
      model: models.get(index) ?? "input",
      shape,
      size: shape.reduce((product, extent) => product * extent, 1),
      params: {},
      startStep,
    })),
    projections: [],
    inputs: inputs.map(({ name, population }) => ({ name, population })),
    outputs: outputs.map(({ name, population }) => ({ name, population })),
  };
}
