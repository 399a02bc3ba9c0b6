import { DEFAULT_DYNAMICS, type Dynamics } from "#ir/network";
import { inputShare, lossShare } from "#neurons/leak";
import type { Conventions } from "../conventions.ts";
import type { FlatNode } from "../inline.ts";
import { nodeType } from "../nodes.ts";
import type { NirAnalysis } from "../lower.ts";
import {
  compareDiffers,
  decayDiffers,
  gainDiffers,
  leakDiffers,
  resetDiffers,
  resetValueDiffers,
} from "./diagnostics.ts";
import type { Layer, Report } from "./reader.ts";
import { layerOf } from "./values.ts";

/** What one step does to one neuron. Levels are in thresholds where it has one. */
interface Step {
  readonly keepMembrane: number;
  readonly keepCurrent: number;
  readonly gain: number;
  readonly leak: number;
  readonly resetValue: number;
}

const STEP_KEYS = ["keepMembrane", "keepCurrent", "gain", "leak", "resetValue"] as const;
type StepKey = (typeof STEP_KEYS)[number];

/** Rounding of 32-bit floats stays below this. */
const TOLERANCE = 1e-4;

/** The first neuron of a kind of difference, and how far it goes. */
interface Found {
  readonly nodes: string[];
  neurons: number;
  readonly theirs: number;
  readonly ours: number;
}

/** Compares what two readings of one file compute, neuron by neuron, and reports every kind of difference once. */
export function reportDifferences(
  ours: NirAnalysis,
  theirs: NirAnalysis,
  reader: string,
  report: Report,
): void {
  const found = new Map<StepKey, Found>();
  const resets = new Map<string, string[]>();
  const compares = new Map<string, readonly [theirs: string, ours: string]>();
  ours.graph.nodes.forEach((node, index) => {
    const other = theirs.graph.nodes[index];
    if (nodeType(node.type)?.kind !== "neuron" || node.type === "Threshold" || other === undefined) return;
    collect(found, node, layerOf(node), layerOf(other), ours.conventions, theirs.conventions);
    if (layerOf(node).v_threshold === undefined) return;
    const [mine, his] = [dynamics(ours.conventions, node), dynamics(theirs.conventions, other)];
    if (mine.reset !== his.reset) {
      const key = `${his.reset}\n${mine.reset}`;
      resets.set(key, [...(resets.get(key) ?? []), node.name]);
    }
    if (mine.compare !== his.compare) compares.set(mine.compare, [his.compare, mine.compare]);
  });

  const facts = (key: StepKey): (Found & { reader: string }) | undefined => {
    const entry = found.get(key);
    return entry && { reader, ...entry };
  };
  const [membrane, current] = [facts("keepMembrane"), facts("keepCurrent")];
  if (membrane !== undefined) report(decayDiffers({ ...membrane, what: "membrane" }));
  if (current !== undefined) report(decayDiffers({ ...current, what: "synaptic current" }));
  const gain = facts("gain");
  if (gain !== undefined) {
    const { nodes, neurons } = gain;
    report(gainDiffers({ reader, nodes, neurons, factor: gain.theirs / gain.ours }));
  }
  const [leak, resetValue] = [facts("leak"), facts("resetValue")];
  if (leak !== undefined) report(leakDiffers(leak));
  if (resetValue !== undefined) report(resetValueDiffers(resetValue));
  for (const [key, nodes] of resets) {
    const [his, mine] = key.split("\n");
    report(resetDiffers({ reader, nodes, theirs: his, ours: mine }));
  }
  for (const [his, mine] of compares.values()) report(compareDiffers({ reader, theirs: his, ours: mine }));
}

const dynamics = (conventions: Conventions, node: FlatNode): Dynamics =>
  conventions.dynamicsOf(node) ?? DEFAULT_DYNAMICS;

function collect(
  found: Map<StepKey, Found>,
  node: FlatNode,
  mine: Layer,
  his: Layer,
  ours: Conventions,
  theirs: Conventions,
): void {
  const [myDynamics, hisDynamics] = [dynamics(ours, node), dynamics(theirs, node)];
  const bothReset = resetsToValue(myDynamics) && resetsToValue(hisDynamics);
  const size = Math.max(...Object.values(mine).map((values) => values.length));
  for (let i = 0; i < size; i++) {
    const a = stepOf(node.type, mine, i, ours, myDynamics);
    const b = stepOf(node.type, his, i, theirs, hisDynamics);
    for (const key of STEP_KEYS) {
      if (key === "resetValue" && !bothReset) continue;
      if (!differs(a[key], b[key])) continue;
      const entry = found.get(key) ?? { nodes: [], neurons: 0, theirs: b[key], ours: a[key] };
      entry.neurons++;
      if (entry.nodes[entry.nodes.length - 1] !== node.name) entry.nodes.push(node.name);
      found.set(key, entry);
    }
  }
}

const resetsToValue = ({ reset }: Dynamics): boolean => reset === "value" || reset === "delayed-value";

const differs = (a: number, b: number): boolean =>
  Math.abs(a - b) > TOLERANCE * Math.max(Math.abs(a), Math.abs(b)) && Math.abs(a - b) > 1e-9;

function stepOf(
  type: string,
  layer: Layer,
  i: number,
  { stepInFileUnits: step, ifStep }: Conventions,
  { integrator }: Dynamics,
): Step {
  const threshold = layer.v_threshold?.[i] ?? 1;
  const unit = threshold > 0 ? threshold : 1;
  const resetValue = (layer.v_reset?.[i] ?? 0) / unit;
  const r = layer.r[i];
  if (type === "I" || type === "IF") {
    const gain = (ifStep === "dt" ? r * step : r) / unit;
    return { keepMembrane: 1, keepCurrent: 0, gain, leak: 0, resetValue };
  }
  const tau = (layer.tau ?? layer.tau_mem)[i] / step;
  const loss = lossShare(tau, integrator);
  const leak = (loss * layer.v_leak[i]) / unit;
  const gain = inputShare(r, tau, integrator) / unit;
  const tauSyn = layer.tau_syn?.[i];
  if (tauSyn === undefined) return { keepMembrane: 1 - loss, keepCurrent: 0, gain, leak, resetValue };
  return {
    keepMembrane: 1 - loss,
    keepCurrent: 1 - lossShare(tauSyn / step, integrator),
    gain: gain * inputShare(layer.w_in[i], tauSyn / step, integrator),
    leak,
    resetValue,
  };
}
