// Inputs and outputs of a graph as ports of a network.
import type { DiagnosticSink } from "#util/diagnostic";
import type { NetworkBuilder } from "./builder.ts";
import { dynamicAxis } from "./diagnostics.ts";
import type { GraphPort } from "./graph.ts";
import type { Interpreter } from "./interpret.ts";
import type { Layout } from "./values.ts";

/** What a tensor holds becomes an output port. */
export function addOutput(
  name: string,
  tensor: string,
  interpreter: Interpreter,
  builder: NetworkBuilder,
): void {
  const flow = interpreter.flow(tensor);
  if (flow === undefined) return;
  builder.outputs.push({ name, population: flow.population });
}

/** Extents and batch of an input: the axis left open, or the first of several. */
export function layoutOf({ name, type, dims }: GraphPort, sink: DiagnosticSink): Layout {
  const open = (dims ?? []).flatMap((extent, axis) => (typeof extent === "string" ? [axis] : []));
  if (dims === undefined || open.length > 1)
    sink.report(dynamicAxis({ input: name, dims: dims?.map(String) ?? ["?"] }));
  const extents = (dims ?? []).map((extent) => (typeof extent === "string" ? 1 : extent));
  const batchAxis = open[0] ?? (extents.length > 1 ? 0 : -1);
  return { type: type ?? "float", dims: extents, batchAxis };
}

/** The batch is the first of several axes. */
export const batchOf = (dims: readonly number[]): number => (dims.length > 1 ? 0 : -1);
