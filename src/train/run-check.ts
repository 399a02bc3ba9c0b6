// What has to fit before a run starts or goes on.
import { DiagnosticSink } from "#util/diagnostic";
import type { Dataset } from "./dataset.ts";
import { type GraphPlan, sizeOf } from "./graph.ts";
import type { EncoderSpec } from "./options.ts";
import type { Parameters } from "./parameters.ts";
import {
  checkpointOfAnotherRun,
  dataShapeMismatch,
  encoderNeeds,
  labelsDoNotFit,
  noSamples,
} from "./run-diagnostics.ts";
import type { StateTree } from "./state.ts";

/** @throws ToolchainError with every fault */
export function checkData(plan: GraphPlan, data: Dataset, encoder: EncoderSpec): void {
  const sink = new DiagnosticSink();
  if (data.labels.length === 0) sink.report(noSamples({ data: data.name }));
  const { inputShape } = plan.graph;
  if (sizeOf(inputShape) !== sizeOf(data.shape))
    sink.report(dataShapeMismatch({ data: data.name, shape: data.shape, needed: inputShape }));
  const outputs = sizeOf(plan.layers[plan.output].outputShape);
  if (outputs !== data.classes)
    sink.report(labelsDoNotFit({ data: data.name, classes: data.classes, outputs }));
  const wantsEvents = encoder.name === "events";
  if (wantsEvents !== (data.kind === "events"))
    sink.report(
      encoderNeeds({
        encoder: encoder.name,
        needed: wantsEvents ? "event streams" : "images",
        data: data.name,
        found: data.kind === "events" ? "event streams" : "images",
      }),
    );
  sink.throwIfErrors();
}

/** @throws ToolchainError `train/checkpoint-of-another-run` with every difference */
export function checkState(
  state: StateTree,
  needed: Readonly<Record<string, number | string>>,
  parameters: Parameters,
): void {
  const sink = new DiagnosticSink();
  const say = (what: string, needs: unknown, found: unknown): void =>
    sink.report(checkpointOfAnotherRun({ what, needed: String(needs), found: String(found ?? "missing") }));
  for (const [what, value] of Object.entries(needed))
    if (state[what] !== value) say(what, value, state[what]);
  const values = (state.values ?? {}) as Readonly<Record<string, { readonly length: number } | undefined>>;
  for (const { name, value } of parameters.list) {
    const length = values[name]?.length;
    if (length !== value.length)
      say(`parameter "${name}"`, `${value.length} numbers`, length && `${length} numbers`);
  }
  sink.throwIfErrors();
}
