// What `spinec compare` takes: reports of maps, deployments.
import type { DeploymentFile } from "#formats/deployment-file/index";
import { compareDeployments, type Comparison } from "#report/comparison";
import type { MapReport } from "#report/map-report";
import { mapReport } from "#report/schema-map";
import { findTarget } from "#targets/index";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { notAMapReport } from "./map-diagnostics.ts";

/** The report that `spinec map --json` printed. Throws `ToolchainError`. */
export function parseMapReport(text: string, name: string): MapReport {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new ToolchainError([notAMapReport({ file: name, reason: "it is not JSON" })]);
  }
  const { schema } = (data ?? {}) as { schema?: unknown };
  if (schema !== "spinec/map/1") {
    const reason = typeof schema === "string" ? `its schema is ${schema}` : "it does not name its schema";
    throw new ToolchainError([notAMapReport({ file: name, reason })]);
  }
  const result = mapReport.loose().safeParse(data);
  if (result.success) return result.data as MapReport;
  const [{ path, message }] = result.error.issues;
  throw new ToolchainError([notAMapReport({ file: name, reason: `${path.join(".")}: ${message}` })]);
}

/** Hops are compared where both are for targets that are known by name. */
export function compareDeploymentFiles(
  names: readonly [string, string],
  [first, second]: readonly [DeploymentFile, DeploymentFile],
): Comparison {
  const withTarget = ({ deployment }: DeploymentFile) => {
    const target = findTarget(deployment.target, new DiagnosticSink());
    return target === undefined ? { deployment } : { deployment, target };
  };
  return compareDeployments(names, [withTarget(first), withTarget(second)]);
}
