import type { SpikeEvents } from "#ir/spikes";
import type { Machine, MachinePort, Messages } from "./machine.ts";
import { HOST_LINES } from "./memory.ts";

/** Reads the spikes of one sample for one port, step by step. */
export interface Feed {
  readonly port: MachinePort;
  readonly events: SpikeEvents;
  /** First event of a later step. */
  next: number;
  /** `[lines]`, spikes of the run. */
  readonly sent: Float64Array;
}

/**
 * Messages from the host in the step that is on. Call after `stepNeurons`. Counted at the receiver as input messages
 * (and, like any, as messages in); how far they travel on the chip nobody knows, so they make no hops.
 */
export function injectSpikes(machine: Machine, feed: Feed, step: number): void {
  const { memory, kernels, messages } = machine;
  const { hostLine, hostSpikes } = memory;
  const { events, sent, port } = feed;
  const { step: steps, index, value } = events;
  const modelStep = step - port.startStep;
  const { length } = steps;
  let next = feed.next;
  while (next < length && steps[next] <= modelStep) {
    let lines = 0;
    for (; lines < HOST_LINES && next < length && steps[next] <= modelStep; next++, lines++) {
      const line = index[next];
      const spikes = value === undefined ? 1 : value[next];
      sent[line] += spikes;
      hostLine[lines] = port.lineBegin + line;
      hostSpikes[lines] = spikes;
    }
    if (messages !== undefined) noteHost(machine, messages, lines);
    kernels.inject(lines, step);
  }
  feed.next = next;
}

/** Input lines that are neurons on cores: they fire in the step that comes. Call before `stepNeurons`. */
export function wantSpikes(feed: Feed, step: number): void {
  const { events, sent } = feed;
  const { drives, startStep } = feed.port;
  for (; feed.next < events.step.length && events.step[feed.next] <= step - startStep; feed.next++) {
    const line = events.index[feed.next];
    const spikes = events.value === undefined ? 1 : events.value[feed.next];
    sent[line] += spikes;
    const { wanted, at } = drives![line];
    if (spikes > 0) wanted[at] = 1;
  }
}

/** Lists the messages of the first entries of `hostLine`. */
function noteHost({ memory, lineAxon }: Machine, messages: Messages, lines: number): void {
  const { hostLine, hostSpikes, lineStart, lineRow } = memory;
  for (let e = 0; e < lines; e++) {
    const begin = lineStart[hostLine[e]];
    const end = lineStart[hostLine[e] + 1];
    reserve(messages, hostSpikes[e] * (end - begin));
    for (let k = 0; k < hostSpikes[e]; k++)
      for (let r = begin; r < end; r++) {
        messages.hostRow[messages.hostMessages] = lineRow[r];
        messages.hostAxon[messages.hostMessages++] = lineAxon[r];
      }
  }
}

function reserve(messages: Messages, more: number): void {
  const needed = messages.hostMessages + more;
  if (needed <= messages.hostRow.length) return;
  const capacity = Math.max(needed, 2 * messages.hostRow.length);
  const [row, axon] = [new Uint32Array(capacity), new Uint32Array(capacity)];
  row.set(messages.hostRow);
  axon.set(messages.hostAxon);
  messages.hostRow = row;
  messages.hostAxon = axon;
}
