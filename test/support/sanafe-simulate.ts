// A golden case run by the simulator, told in the words of the cases. What goes in has been through files of ours.
import assert from "node:assert/strict";
import { readDeploymentFile, writeDeploymentFile } from "#formats/deployment-file/index";
import { validateDeployment } from "#ir/validate";
import type { StepView } from "#simulator/activity";
import { priceRun } from "#simulator/energy";
import { countHops } from "#simulator/hops";
import { ACTIONS, type Action, type RunResult } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import type { MessageTimes } from "#simulator/timing/timing";
import { parseTarget, targetToJson } from "#targets/index";
import { DiagnosticSink } from "#util/diagnostic";
import { PARTS } from "./sanafe-golden-target.ts";
import { goldenSetup, type GoldenSetup, type SanafeGolden } from "./sanafe-golden.ts";
import type { Evaluation } from "./sanafe-evaluator.ts";

export interface GoldenRun extends Evaluation {
  /** Of the whole run, by the names of the cases; energies in J. */
  readonly totals: Readonly<Record<string, number>>;
  /** `[steps]`, packets of the detailed model in the order in which it served them. */
  readonly messages: readonly MessageRow[][];
}

/** Core ids of the case; -1: what a core still does after its last packet. */
export interface MessageRow {
  readonly from: number;
  readonly to: number;
}

export function simulateGolden(golden: SanafeGolden): GoldenRun {
  const setup = throughFiles(goldenSetup(golden));
  const { deployment, target, inputs, idsOf, coreOf } = setup;
  const perStep: Record<string, number[]> = {};
  const potentials: number[][] = [];
  const messages: MessageRow[][] = [];
  const coreIds = deployment.cores.map(({ core }) => core);
  const ids = coreIds.map((id) => golden.core.find((core) => coreOf(core) === id)!);
  const [profile] = target.profiles;

  const observe = (view: StepView): void => {
    const step = resultOfStep(view, setup);
    for (const [name, value] of Object.entries(told(step, setup))) (perStep[name] ??= []).push(value);
    const row = golden.neurons.map(() => 0);
    idsOf.forEach((list, population) => {
      if (deployment.populations[population].name === "input") return;
      list.forEach((id, i) => (row[id] = view.stateOf(population, "v", i)));
    });
    potentials.push(row);
    messages.push(rowsOf(view.messageTimes!, ids));
  };
  const options = { steps: golden.timesteps, record: "all" } as const;
  const detailed = simulate(deployment, target, profile, inputs, { ...options, timing: "detailed", observe });
  const simple = simulate(deployment, target, profile, inputs, { ...options, timing: "simple" });
  assert.deepEqual(simple.counts, detailed.counts);
  assert.deepEqual(simple.spikes, detailed.spikes);
  perStep["time_simple"] = Array.from(simple.stepNs, (ns) => ns * 1e-9);
  perStep["time_detailed"] = Array.from(detailed.stepNs, (ns) => ns * 1e-9);
  const total = (times: readonly number[]): number => times.reduce((sum, time) => sum + time, 0);
  return {
    spikes: spikesOf(simple, setup, golden.timesteps),
    potentials,
    perStep,
    messages,
    totals: {
      ...told(simple, setup),
      time_simple: total(perStep["time_simple"]),
      time_detailed: total(perStep["time_detailed"]),
    },
  };
}

/** Deployment and target as they come back from their files, without a complaint. */
function throughFiles(setup: GoldenSetup): GoldenSetup {
  const sink = new DiagnosticSink();
  const file = readDeploymentFile(writeDeploymentFile(setup.deployment, { generator: "test" }), sink);
  const target = parseTarget(targetToJson(setup.target), sink);
  validateDeployment(setup.deployment, sink);
  assert.deepEqual(sink.diagnostics, []);
  assert.deepEqual(file!.deployment, setup.deployment);
  return { ...setup, deployment: file!.deployment, target: target! };
}

/** One step as if it were a run. */
function resultOfStep(
  { activity, tables, timeNs }: StepView,
  { deployment, target }: GoldenSetup,
): RunResult {
  const { status, fired, firedEnd } = activity.messages!;
  const spikes = new Float64Array(status.length);
  const coreIds = Uint32Array.from(deployment.cores, ({ core }) => core);
  for (let row = 0; row < coreIds.length; row++)
    for (let at = tables.neuronBegin[row]; at < firedEnd[row]; at++) spikes[fired[at]] = 1;
  const counts = activity.counts.slice();
  countHops(tables, target, coreIds, spikes, counts);
  return {
    samples: 1,
    steps: 1,
    coreIds,
    counts,
    tilesOn: 0,
    chipsOn: 1,
    stepNs: Float64Array.of(timeNs),
    bindingCore: new Int32Array(1),
    bindingPhase: new Uint8Array(1),
    spikes: {},
  };
}

/** Counters and energies (J) in the words of the cases; a profile for each part tells its energy. */
function told(run: RunResult, { target }: GoldenSetup): Record<string, number> {
  const count = (...actions: Action[]): number =>
    actions.reduce((sum, action) => {
      const column = ACTIONS.indexOf(action);
      return sum + run.counts.reduce((n, value, i) => (i % ACTIONS.length === column ? n + value : n), 0);
    }, 0);
  const [all, ...parts] = target.profiles.map((profile) => {
    const { dynamicPj, unpriced } = priceRun(run, profile, target);
    assert.deepEqual(unpriced, []);
    return dynamicPj * 1e-12;
  });
  return {
    fired: count("spikeOut", "inputSpike"),
    updated: count("neuronUpdate", "inputUpdate"),
    packets: count("messageOut"),
    received: count("messageIn"),
    hops: count("hopEast", "hopWest", "hopNorth", "hopSouth"),
    synaptic_events: count("synapseSparse"),
    ...Object.fromEntries(PARTS.map((part, p) => [`energy_${part}`, parts[p]])),
    energy_total: all,
  };
}

function spikesOf(run: RunResult, { deployment, idsOf }: GoldenSetup, steps: number): number[][] {
  const spikes = Array.from({ length: steps }, (): number[] => []);
  deployment.populations.forEach(({ name }, population) => {
    const { step, index } = run.spikes[name].samples[0];
    step.forEach((t, e) => spikes[t].push(idsOf[population][index[e]]));
  });
  return spikes.map((list) => list.toSorted((a, b) => a - b));
}

/** @param ids core of the case of each row */
function rowsOf(times: MessageTimes, ids: readonly number[]): MessageRow[] {
  return Array.from({ length: times.count }, (_, m) => ({
    from: ids[times.from[m]],
    to: times.to[m] < 0 ? -1 : ids[times.to[m]],
  }));
}
