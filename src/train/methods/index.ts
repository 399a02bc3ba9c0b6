import type { DiagnosticSink } from "#util/diagnostic";
import { channel } from "./channel.ts";
import { dense } from "./dense.ts";
import { esl } from "./esl.ts";
import { gmp } from "./gmp.ts";
import { gradR } from "./grad-r.ts";
import { lats } from "./lats.ts";
import type { SparseMethod } from "./method.ts";
import { methodUnknown } from "./methods-diagnostics.ts";
import { sdSnn } from "./sd-snn.ts";
import { staticRandom } from "./static-random.ts";
import { stds } from "./stds.ts";

/**
 * Every way to learn a sparse network; baselines first. To add one: a file beside this one, a line here, and a stand on
 * every row of `test/train/methods/conformance.test.ts`.
 */
export const METHODS: readonly SparseMethod[] = [
  dense,
  gmp,
  staticRandom,
  gradR,
  stds,
  lats,
  sdSnn,
  esl,
  channel,
];

/** The method of that name; if there is none, says so in `sink`, with the name that was probably meant. */
export function methodNamed(name: string, sink: DiagnosticSink): SparseMethod | undefined {
  const method = METHODS.find((candidate) => candidate.name === name);
  if (method === undefined) sink.report(methodUnknown({ name, known: METHODS.map((m) => m.name) }));
  return method;
}
