import type { DiagnosticSink } from "#util/diagnostic";
import { deploymentAndTarget } from "../deployment-target.ts";
import type { ExportedFile, Exporter, ExportOptions, ExportSubject } from "../export.ts";
import { coreGraph, networkGraph, type Graph } from "./graph.ts";
import { dotText } from "./dot.ts";
import { nodeLinkText } from "./node-link.ts";

/** Writes populations and projections, or cores and the traffic between them, for programs that draw graphs. */
export const graphExporter: Exporter = {
  name: "graph",
  summary: "populations and projections, or cores and routes, as a graph: Graphviz or node-link JSON",
  extensions: [".dot", ".json"],
  level: "network",
  options: [
    { name: "as", summary: "how the graph is written", choices: ["dot", "json"] },
    {
      name: "of",
      summary: "the nodes: populations of the model, or cores of the map",
      choices: ["network", "deployment"],
      needs: { deployment: "deployment" },
    },
  ],

  write(
    subject: ExportSubject,
    options: ExportOptions,
    sink: DiagnosticSink,
  ): Promise<readonly ExportedFile[] | undefined> {
    const graph = options["of"] === "deployment" ? cores(subject, sink) : networkGraph(subject.network);
    if (graph === undefined) return Promise.resolve(undefined);
    const [suffix, text] =
      options["as"] === "json" ? [".json", nodeLinkText(graph)] : [".dot", dotText(graph)];
    return Promise.resolve([{ suffix, bytes: new TextEncoder().encode(text) }]);
  },
};

function cores(subject: ExportSubject, sink: DiagnosticSink): Graph | undefined {
  const mapped = deploymentAndTarget(subject, sink);
  return mapped && coreGraph(mapped.deployment, mapped.target);
}
