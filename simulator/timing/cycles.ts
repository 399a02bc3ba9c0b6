import { PRICED_ACTIONS } from "#targets/target";
import { invariant } from "#util/diagnostic";
import type { MachineTables, StepActivity, StepMessages } from "../activity.ts";
import { AXON_COLUMNS } from "./message-clock.ts";
import { ratesOf, refuseRates, type RateMeanings } from "./rates.ts";
import { PHASE, type StepTime, type StepTimer, type TimingContext, type TimingModel } from "./timing.ts";
import { NEURON_ACCESSES, SPIKES, sumOf, SYNAPTIC_EVENTS } from "./work-counts.ts";

const RATES: RateMeanings<"cycles"> = {
  cycleNs: { meaning: "length of a clock cycle" },
  inputs: { meaning: "input channels, each visited in every step" },
};

/** Clock cycles of Xylo's stages, by event. Source: SynSense, Rockpool 42cee1c and its documentation. */
const CYCLES = {
  input: 1,
  /** For each spike of an input and hidden neuron. */
  inputWeight: 3.5,
  hiddenSynapses: 3,
  /** For each spike of a hidden neuron and recurrent synapse. */
  recurrentEvent: 7,
  hiddenNeuron: 19,
  hiddenNeuronSpike: 3,
  /** For each spike of a hidden neuron: looking at the outputs, and each of them. */
  outputScan: 1,
  outputWeight: 8,
  outputNeuron: 12,
  /** The maker multiplies the sum by this when a clock is chosen. */
  margin: 1.2,
} as const;

/**
 * One processor goes through the stages of a step, one after the other: inputs, recurrent synapses, read-out synapses,
 * hidden neurons, read-out neurons. Counts take the place of the spike probabilities of the published law.
 *
 * Cores whose neurons send nothing on the chip are the read-out, all others are hidden. Weights from inputs to hidden
 * neurons, and from hidden to read-out neurons, are stored and visited in full, so pruning them saves no time here.
 * Aliases (a spike copied to another neuron) do not occur in deployments.
 *
 * Source: SynSense, Rockpool 42cee1c and its documentation (cycle law of Xylo).
 */
export const cycles: TimingModel = {
  name: "cycles",
  summary: "clock cycles of one processor that does inputs, synapses and neurons in turn (Xylo)",
  needs: "messages",
  refuses: (context) => refuseRates("cycles", RATES, context),
  prepare: prepareCycles,
};

function prepareCycles(context: TimingContext): StepTimer {
  const { cycleNs, inputs } = ratesOf("cycles", context);
  const { tables } = context;
  invariant(tables !== undefined, "cycles has its tables");
  const isHidden = hiddenRows(tables);
  const outputs = context.coreIds.reduce(
    (sum, _, row) => sum + (isHidden[row] ? 0 : tables.neuronBegin[row + 1] - tables.neuronBegin[row]),
    0,
  );
  const ns = CYCLES.margin * cycleNs;
  const barrierNs = inputs * CYCLES.input * ns;
  const spikeCycles = CYCLES.hiddenNeuronSpike + CYCLES.outputScan + outputs * CYCLES.outputWeight;
  const hostEvents = new Float64Array(isHidden.length);
  const hostMessages = new Float64Array(isHidden.length);

  return {
    barrierNs,
    untimed: [],
    time({ rows, counts, messages }: StepActivity, out: StepTime): void {
      invariant(messages !== undefined, "a timing model that needs messages gets them");
      addHostMessages(messages, tables.axonTable, hostEvents, hostMessages);
      let total = 0;
      let largest = 0;
      out.core = -1;
      out.phase = PHASE.barrier;
      for (let row = 0; row < rows; row++) {
        const at = row * PRICED_ACTIONS.length;
        const neurons = sumOf(counts, at, NEURON_ACCESSES);
        const events = sumOf(counts, at, SYNAPTIC_EVENTS) - hostEvents[row];
        const ofNeurons = isHidden[row]
          ? neurons * (CYCLES.hiddenSynapses + CYCLES.hiddenNeuron) + sumOf(counts, at, SPIKES) * spikeCycles
          : neurons * CYCLES.outputNeuron;
        const ofEvents = isHidden[row]
          ? events * CYCLES.recurrentEvent + hostMessages[row] * neurons * CYCLES.inputWeight
          : 0;
        total += ofNeurons + ofEvents;
        const phase = ofEvents > ofNeurons ? PHASE.reception : PHASE.generation;
        if (Math.max(ofNeurons, ofEvents) <= largest) continue;
        largest = Math.max(ofNeurons, ofEvents);
        out.core = row;
        out.phase = phase;
      }
      out.timeNs = total * ns + barrierNs;
    },
  };
}

/** `[rows]`, whether any neuron of the row sends anything. */
function hiddenRows({ neuronBegin, routeStart }: MachineTables): readonly boolean[] {
  return Array.from(neuronBegin.subarray(1), (end, row) => routeStart[end] > routeStart[neuronBegin[row]]);
}

function addHostMessages(
  { hostMessages: count, hostRow, hostAxon }: StepMessages,
  axonTable: Uint32Array,
  events: Float64Array,
  messages: Float64Array,
): void {
  events.fill(0);
  messages.fill(0);
  for (let i = 0; i < count; i++) {
    const at = hostAxon[i] * AXON_COLUMNS.length;
    for (let k = 1; k < AXON_COLUMNS.length; k++) events[hostRow[i]] += axonTable[at + k];
    messages[hostRow[i]]++;
  }
}
