import { DEFAULT_DYNAMICS, RESET_MODES, type Dynamics } from "#ir/network";
import { nearestName, type DiagnosticSink } from "#util/diagnostic";
import type { ImportOptions } from "../format.ts";
import {
  badStep,
  dtAssumed,
  resetAmbiguous,
  tidy,
  timeUnitAssumed,
  unknownResetNode,
  writerNote,
} from "./diagnostics-values.ts";
import { numbersOf } from "./fields.ts";
import type { FlatGraph, FlatNode } from "./inline.ts";
import { nodeType } from "./nodes.ts";
import { DYNAMICS_METADATA, type WriterFingerprint } from "./writers.ts";

/** Everything a file leaves open, decided. */
export interface Conventions {
  readonly timeUnit: "s" | "ms" | "steps";
  /** One step in the file's own unit of time; 1 where time is counted in steps. */
  readonly stepInFileUnits: number;
  /** One step of the network; absent where nobody says how long it is. */
  readonly dtSeconds?: number;
  readonly ifStep: "one" | "dt";
  readonly feedbackT0: "zeros-through" | "absent";
  /** Dynamics of a neuron node; undefined where they are the defaults. */
  dynamicsOf(node: FlatNode): Dynamics | undefined;
}

/** Step that is assumed where neither the file nor the user tells: the one of snnTorch, SpikingJelly and Lava. */
const ASSUMED_DT_SECONDS = 1e-4;

/**
 * What the options say, what the recognised writer does where they are silent, and what NIR says where
 * neither helps. Prints what was decided; never guesses silently.
 */
export function resolveConventions(
  graph: FlatGraph,
  fingerprint: WriterFingerprint,
  options: ImportOptions,
  sink: DiagnosticSink,
): Conventions {
  const times = timesOf(graph);
  const timeUnit = options.timeUnit ?? fingerprint.timeUnit;
  const ownUnit = timeUnit === fingerprint.timeUnit;
  const ifStep = options.ifStep ?? fingerprint.ifStep;
  if (fingerprint.writer === "unknown" && options.timeUnit === undefined && timeUnit === "steps")
    sink.report(timeUnitAssumed({ unit: "steps", smallest: times[0] }));

  if (options.dtSeconds !== undefined && !(options.dtSeconds > 0 && options.dtSeconds < Infinity))
    sink.report(badStep({ dtSeconds: options.dtSeconds }));
  let dtSeconds = options.dtSeconds ?? (ownUnit ? fingerprint.dtSeconds : undefined);
  if (dtSeconds === undefined && timeUnit !== "steps") {
    dtSeconds = ASSUMED_DT_SECONDS;
    if (times.length > 0 || (ifStep === "dt" && hasIntegrators(graph))) sink.report(dtAssumed({ dtSeconds }));
  }
  const stepInFileUnits = timeUnit === "steps" ? 1 : (dtSeconds as number) * (timeUnit === "ms" ? 1e3 : 1);

  const shared = {
    integrator: options.integrator ?? fingerprint.integrator,
    compare: options.compare ?? fingerprint.compare,
    current: options.current ?? fingerprint.current,
  };
  const vMinThresholds = clampOf(options.vMinThresholds, fingerprint.vMinThresholds);
  checkResetNames(graph, options.reset, sink);
  report(graph, fingerprint, { timeUnit, dtSeconds, ifStep, vMinThresholds, ...shared }, options, sink);

  const ownDtSeconds =
    options.dtSeconds === undefined && ownUnit && fingerprint.timestepNs !== undefined
      ? fingerprint.timestepNs * 1e-9 || undefined
      : dtSeconds;

  return {
    timeUnit,
    stepInFileUnits,
    ...(ownDtSeconds === undefined ? {} : { dtSeconds: ownDtSeconds }),
    ifStep,
    feedbackT0: options.feedbackT0 ?? fingerprint.feedbackT0 ?? "zeros-through",
    dynamicsOf: (node) => dynamicsOf(node, fingerprint, options),
  };
}

/** Options first, then what our own writer has kept in the node's metadata, then the writer's habit. */
function dynamicsOf(
  node: FlatNode,
  fingerprint: WriterFingerprint,
  options: ImportOptions,
): Dynamics | undefined {
  const kept = fingerprint.writer === "spinec" ? keptDynamics(node) : {};
  const reset = typeof options.reset === "string" ? options.reset : own(options.reset, node.name);
  const vMinThresholds =
    node.type === "IF"
      ? clampOf(options.vMinThresholds, kept.vMinThresholds ?? fingerprint.vMinThresholds)
      : undefined;
  const dynamics: Dynamics = {
    integrator: options.integrator ?? kept.integrator ?? fingerprint.integrator,
    compare: options.compare ?? kept.compare ?? fingerprint.compare,
    reset: reset ?? kept.reset ?? fingerprint.reset,
    current: options.current ?? kept.current ?? fingerprint.current,
    ...(vMinThresholds === undefined ? {} : { vMinThresholds }),
  };
  const isDefault =
    vMinThresholds === undefined &&
    (["integrator", "compare", "reset", "current"] as const).every(
      (key) => dynamics[key] === DEFAULT_DYNAMICS[key],
    );
  return isDefault ? undefined : dynamics;
}

/** The lower clamp of IF membranes; the option -Infinity means none, whatever the writer's habit. */
function clampOf(option: number | undefined, habit: number | undefined): number | undefined {
  return option === -Infinity ? undefined : (option ?? habit);
}

/** What our own writer has written beside a node, as far as it makes sense. */
function keptDynamics({ metadata }: FlatNode): Partial<Dynamics> {
  const oneOf = <T extends string>(key: keyof typeof DYNAMICS_METADATA, known: readonly T[]): T | undefined =>
    known.find((value) => value === metadata[DYNAMICS_METADATA[key]]);
  const integrator = oneOf("integrator", ["euler", "exponential"]);
  const compare = oneOf("compare", [">", ">="]);
  const reset = oneOf("reset", RESET_MODES);
  const current = oneOf("current", ["new", "old"]);
  const vMinThresholds = numbersOf(metadata[DYNAMICS_METADATA.vMinThresholds])?.[0];
  return {
    ...(integrator === undefined ? {} : { integrator }),
    ...(compare === undefined ? {} : { compare }),
    ...(reset === undefined ? {} : { reset }),
    ...(current === undefined ? {} : { current }),
    ...(vMinThresholds === undefined ? {} : { vMinThresholds }),
  };
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Time constants and delays of the file. */
function timesOf(graph: FlatGraph): number[] {
  const smallest: number[] = [];
  for (const node of graph.nodes) {
    const fields = (nodeType(node.type)?.params ?? [])
      .filter(([, , role]) => role === "time")
      .map(([field]) => field);
    if (node.type === "Delay") fields.push("delay");
    for (const field of fields) {
      const values = numbersOf(node.fields[field]);
      if (values !== undefined && values.length > 0) smallest.push(values.reduce((a, b) => Math.min(a, b)));
    }
  }
  return smallest.sort((a, b) => a - b);
}

const hasIntegrators = (graph: FlatGraph): boolean =>
  graph.nodes.some(({ type }) => type === "IF" || type === "I");

function checkResetNames(graph: FlatGraph, reset: ImportOptions["reset"], sink: DiagnosticSink): void {
  if (reset === undefined || typeof reset === "string") return;
  const known = graph.nodes.filter(({ type }) => nodeType(type)?.kind === "neuron").map(({ name }) => name);
  for (const name of Object.keys(reset)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    sink.report(unknownResetNode({ name, known, ...(nearest === undefined ? {} : { nearest }) }));
  }
}

function report(
  graph: FlatGraph,
  fingerprint: WriterFingerprint,
  used: {
    timeUnit: "s" | "ms" | "steps";
    dtSeconds: number | undefined;
    ifStep: "one" | "dt";
    vMinThresholds: number | undefined;
  } & Pick<Dynamics, "integrator" | "compare" | "current">,
  options: ImportOptions,
  sink: DiagnosticSink,
): void {
  const { writer, evidence, remarks, hidesReset } = fingerprint;
  if (!graph.nodes.some(({ type }) => nodeType(type)?.kind === "neuron")) return;
  const reset = options.reset ?? fingerprint.reset;
  const words = [
    used.dtSeconds === undefined ? undefined : `step ${tidy(used.dtSeconds)} s`,
    `time constants in ${used.timeUnit}`,
    used.integrator === "euler" ? "forward Euler" : "exponential decay",
    `spike when v ${used.compare} threshold`,
    `reset ${typeof reset === "string" ? reset : "by node"}`,
    used.current === "old" ? "previous synaptic current" : undefined,
    used.vMinThresholds === undefined
      ? undefined
      : `IF membranes not below ${used.vMinThresholds} thresholds`,
    used.ifStep === "dt" ? "IF gain r·dt" : undefined,
  ];
  const conventions = words.filter((word) => word !== undefined).join(", ");
  sink.report(writerNote({ writer, evidence, conventions, remarks }));
  if (hidesReset && options.reset === undefined && resetsToZero(graph))
    sink.report(resetAmbiguous({ writer: writer === "unknown" ? "many a framework" : writer }));
}

/** True if there are spiking neurons and every one of them is reset to 0. */
function resetsToZero(graph: FlatGraph): boolean {
  const spiking = graph.nodes.filter(({ type }) => type === "IF" || type === "LIF" || type === "CubaLIF");
  return (
    spiking.length > 0 &&
    spiking.every(({ fields }) => (numbersOf(fields.v_reset) ?? []).every((v) => v === 0))
  );
}
