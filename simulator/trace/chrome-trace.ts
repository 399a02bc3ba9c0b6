import type { Deployment } from "#ir/deployment";
import { energyPj } from "#targets/quantity";
import { coresPerChip, type Profile, type Target } from "#targets/target";
import type { Observer, StepView } from "../activity.ts";
import { countHops } from "../hops.ts";
import { ACTIONS, COLUMN } from "../result.ts";
import { GENERATION, RECEPTION, priceNs } from "../timing/prices.ts";
import { PHASES } from "../timing/timing.ts";
import { createLinkCounters } from "./link-counters.ts";
import { createMessageSlices, type MessageSlices } from "./message-slices.ts";
import { TraceWriter, type TraceEvent } from "./trace-writer.ts";
import { isSampleInside, isStepInside, type TraceWindow } from "./window.ts";

export interface ChromeTraceOptions {
  readonly deployment: Deployment;
  readonly target: Target;
  readonly profile: Profile;
  /** Name of the timing model, for readers. */
  readonly timing: string;
  readonly window?: TraceWindow;
  /** The trace is cut in front of the step that would take it beyond. Default `MAX_EVENTS`. */
  readonly maxEvents?: number;
  /** Of one step, those served first. Default `MAX_MESSAGES_PER_STEP`. */
  readonly maxMessagesPerStep?: number;
  /** Links with a counter: the first that carry a message. Default `MAX_LINKS`. */
  readonly maxLinks?: number;
  /** Takes the text of the file, piece by piece. */
  readonly emit: (text: string) => void;
}

/** Some 60 MB of text. */
export const MAX_EVENTS = 400_000;
export const MAX_MESSAGES_PER_STEP = 1000;
export const MAX_LINKS = 256;

export interface ChromeTrace {
  readonly observe: Observer;
  /** Ends the file. */
  finish(): TraceSummary;
}

export interface TraceSummary {
  readonly steps: number;
  readonly events: number;
  /** Where the trace was cut: the first step that is missing. */
  readonly cutAt?: { readonly sample: number; readonly step: number };
  /** Messages in the steps shown that were left out. */
  readonly messagesLeftOut: number;
  /** Links that carried messages in the steps shown and have no counter. */
  readonly linksLeftOut: number;
}

/** Processes of the trace: the run, then the chips, then the network, then its links. */
const RUN = 1;
const FIRST_CHIP = 2;
const [SAMPLES, STEPS] = [1, 2];
/** A core has two threads, for it takes messages in while it works on its neurons. */
const FIRST_CORE = 16;

/** Steps of profiles without times are drawn this long. */
const UNTIMED_PS = 1e6;

/**
 * Records a run in the Trace Event Format, which Perfetto (ui.perfetto.dev) and chrome://tracing show: samples and steps,
 * what every core sends and takes in, counters of messages, spikes and energy, and, where the timing model follows
 * them, each message on its way and what each link carries.
 *
 * The time axis is the chip's, and begins with the first step shown. What a core does is as long as the profile's prices
 * say; where the timing model follows messages, as long as it found.
 */
export function createChromeTrace(options: ChromeTraceOptions): ChromeTrace {
  const { deployment, target, profile, window = {}, maxEvents = MAX_EVENTS } = options;
  const writer = new TraceWriter(options.emit);
  const cores = deployment.cores.map(({ core }) => ({
    pid: FIRST_CHIP + Math.floor(core / coresPerChip(target)),
    tid: FIRST_CORE + 2 * core,
  }));
  const sendNs = Float64Array.from(ACTIONS, (a) => (GENERATION.includes(a) ? priceNs(profile, a) : 0));
  const takeNs = Float64Array.from(ACTIONS, (a) => (RECEPTION.includes(a) ? priceNs(profile, a) : 0));
  const pricePj = Float64Array.from(ACTIONS, (action) => {
    const price = profile.energy[action];
    return price === null ? 0 : energyPj(price);
  });
  const coreIds = Uint32Array.from(deployment.cores, ({ core }) => core);
  const withHops = new Float64Array(coreIds.length * ACTIONS.length);
  const network = FIRST_CHIP + 1 + Math.max(...cores.map(({ pid }) => pid - FIRST_CHIP), 0);
  const slices = createMessageSlices(coreIds, network, options.maxMessagesPerStep ?? MAX_MESSAGES_PER_STEP);
  const links = createLinkCounters(network + 1, options.maxLinks ?? MAX_LINKS);
  writeNames(writer, deployment, target, cores, network);

  let nowPs = 0;
  let sample = -1;
  let steps = 0;
  let untimed = 0;
  let messagesLeftOut = 0;
  let linksLeftOut = 0;
  let cutAt: TraceSummary["cutAt"];
  const endSample = (): void => {
    if (sample >= 0) writer.write({ ph: "E", name: `sample ${sample}`, pid: RUN, tid: SAMPLES, tsPs: nowPs });
    sample = -1;
  };

  return {
    observe(view) {
      if (cutAt !== undefined) return;
      if (!isSampleInside(window, view.sample) || !isStepInside(window, view.step)) return;
      const isUntimed = !Number.isFinite(view.timeNs);
      const endPs = nowPs + (isUntimed ? UNTIMED_PS : Math.round(view.timeNs * 1000));
      const { events, leftOut } = eventsOf(view, nowPs, endPs);
      // The ends of this sample and the begin of the next one have room in any case.
      if (writer.events + events.length + 3 > maxEvents) {
        cutAt = { sample: view.sample, step: view.step };
        return;
      }
      if (view.sample !== sample) {
        endSample();
        sample = view.sample;
        writer.write({ ph: "B", name: `sample ${sample}`, pid: RUN, tid: SAMPLES, tsPs: nowPs });
      }
      for (const event of events) writer.write(event);
      messagesLeftOut += leftOut;
      linksLeftOut = links.leftOut();
      if (isUntimed) untimed++;
      steps++;
      nowPs = endPs;
    },
    finish() {
      endSample();
      const summary = {
        steps,
        events: writer.events,
        ...(cutAt !== undefined && { cutAt }),
        messagesLeftOut,
        linksLeftOut,
      };
      writer.end({
        network: deployment.network,
        target: target.name,
        profile: profile.name,
        timing: options.timing,
        timeAxis: "time of the chip, 0 is the begin of the first step shown",
        ...(untimed > 0 && { untimedSteps: `${untimed} steps have no time and are drawn 1 us long` }),
        energy: "dynamic, priced actions only",
        ...summary,
        maxEvents,
      });
      return summary;
    },
  };

  function eventsOf(
    view: StepView,
    beginPs: number,
    endPs: number,
  ): { readonly events: TraceEvent[]; readonly leftOut: number } {
    const { counts, rows } = view.activity;
    const events: TraceEvent[] = [stepSlice(view, beginPs, endPs, deployment)];
    const totals = new Float64Array(ACTIONS.length);
    let stepPj = 0;
    const busy = slices.read(view);
    withHops.set(counts);
    countHops(view.tables, target, coreIds, spikesOf(view), withHops);
    for (let row = 0; row < rows; row++) {
      let sendingNs = 0;
      let takingNs = 0;
      for (let action = 0; action < ACTIONS.length; action++) {
        const count = withHops[row * ACTIONS.length + action];
        if (count === 0) continue;
        totals[action] += count;
        stepPj += count * pricePj[action];
        sendingNs += count * sendNs[action];
        takingNs += count * takeNs[action];
      }
      const { pid, tid } = cores[row];
      const add = (isTaking: 0 | 1, fromNs: number, toNs: number): void => {
        const tsPs = Math.min(endPs, beginPs + Math.round(fromNs * 1000));
        const durPs = Math.min(endPs, beginPs + Math.round(toNs * 1000)) - tsPs;
        if (!(durPs > 0)) return;
        const name = isTaking === 1 ? "reception" : "generation";
        const args = countsOf(counts, row, isTaking === 1 ? RECEPTION_COLUMNS : GENERATION_COLUMNS);
        events.push({ ph: "X", name, pid, tid: tid + isTaking, tsPs, durPs, args });
      };
      add(0, 0, busy?.sentNs[row] ?? sendingNs);
      add(1, busy?.firstNs[row] ?? 0, busy?.processedNs[row] ?? takingNs);
    }
    const counter = (name: string, args: Readonly<Record<string, number>>): void => {
      events.push({ ph: "C", name, pid: RUN, tid: STEPS, tsPs: beginPs, args });
    };
    counter("messages", { cores: totals[MESSAGE_OUT], host: totals[INPUT_MESSAGE] });
    counter("spikes", { spikes: totals[SPIKE_OUT] + totals[INPUT_SPIKE] });
    counter("dynamic energy, pJ", { pJ: stepPj });
    if (view.links !== undefined) links.write(events, view.links, beginPs);
    if (busy === undefined) return { events, leftOut: 0 };
    return addMessages(events, busy, slices, beginPs, endPs);
  }
}

/** `[compartments]`, 1 for those that fired. */
function spikesOf({ activity, tables }: StepView): Float64Array {
  const { neuronBegin } = tables;
  const spikes = new Float64Array(neuronBegin[neuronBegin.length - 1]);
  if (activity.messages === undefined) return spikes;
  const { fired, firedEnd } = activity.messages;
  firedEnd.forEach((end, row) => {
    for (let f = neuronBegin[row]; f < end; f++) spikes[fired[f]] = 1;
  });
  return spikes;
}

function addMessages(
  events: TraceEvent[],
  { messages, shown }: NonNullable<ReturnType<MessageSlices["read"]>>,
  slices: MessageSlices,
  beginPs: number,
  endPs: number,
): { readonly events: TraceEvent[]; readonly leftOut: number } {
  slices.write(events, beginPs, endPs);
  // Equal times keep their order: a slice's begin is in front of its end.
  return { events: events.toSorted((a, b) => a.tsPs - b.tsPs), leftOut: messages - shown };
}

function stepSlice(view: StepView, tsPs: number, endPs: number, deployment: Deployment): TraceEvent {
  const { bindingRow: row, bindingPhase: phase } = view;
  const bound =
    row < 0 ? {} : { decidedBy: `core ${deployment.cores[row].core}`, phase: PHASES[phase] as string };
  const args = { sample: view.sample, step: view.step, ...bound };
  const name = `step ${view.step}`;
  return { ph: "X", name, pid: RUN, tid: STEPS, tsPs, durPs: endPs - tsPs, args };
}

const { messageOut: MESSAGE_OUT, inputMessage: INPUT_MESSAGE } = COLUMN;
const { spikeOut: SPIKE_OUT, inputSpike: INPUT_SPIKE } = COLUMN;
const GENERATION_COLUMNS: readonly number[] = GENERATION.map((action) => COLUMN[action]);
const RECEPTION_COLUMNS: readonly number[] = RECEPTION.map((action) => COLUMN[action]);

function countsOf(
  counts: Float64Array,
  row: number,
  columns: readonly number[],
): Readonly<Record<string, number>> {
  const args: Record<string, number> = {};
  for (const at of columns) {
    const count = counts[row * ACTIONS.length + at];
    if (count > 0) args[ACTIONS[at]] = count;
  }
  return args;
}

function writeNames(
  writer: TraceWriter,
  { cores: programs, network: model }: Deployment,
  target: Target,
  cores: readonly { readonly pid: number; readonly tid: number }[],
  network: number,
): void {
  const meta = (pid: number, tid: number, name: string, args: Readonly<Record<string, unknown>>): void => {
    writer.write({ ph: "M", name, pid, tid, tsPs: 0, args });
  };
  const processName = (pid: number, name: string): void => {
    meta(pid, 0, "process_name", { name });
    meta(pid, 0, "process_sort_index", { sort_index: pid });
  };
  const threadName = (pid: number, tid: number, name: string): void => {
    meta(pid, tid, "thread_name", { name });
    meta(pid, tid, "thread_sort_index", { sort_index: tid });
  };
  processName(RUN, `${model} on ${target.name}`);
  threadName(RUN, SAMPLES, "samples");
  threadName(RUN, STEPS, "steps");
  for (const pid of new Set(cores.map((core) => core.pid))) processName(pid, `chip ${pid - FIRST_CHIP}`);
  processName(network, "messages on their way");
  cores.forEach(({ pid, tid }, row) => {
    threadName(pid, tid, `core ${programs[row].core}, sending`);
    threadName(pid, tid + 1, `core ${programs[row].core}, taking in`);
  });
}
