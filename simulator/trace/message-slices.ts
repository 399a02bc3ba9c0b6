import type { StepView } from "../activity.ts";
import type { TraceEvent } from "./trace-writer.ts";

/** How long cores worked on messages in a step; arrays by row, 0 where a core had none. */
export interface MessageActivity {
  readonly messages: number;
  /** Of them, those that get a slice. */
  readonly shown: number;
  /** End of the last message's sending. */
  readonly sentNs: Float64Array;
  /** First message taken in, and the end of the last one's processing. */
  readonly firstNs: Float64Array;
  readonly processedNs: Float64Array;
}

export interface MessageSlices {
  /** Undefined if the timing model does not follow messages. */
  read(view: StepView): MessageActivity | undefined;
  /** Adds the messages of the step read last: from when they are sent until they are received. */
  write(events: TraceEvent[], beginPs: number, endPs: number): void;
}

/**
 * Messages as slices of the process `network`. They overlap, so each is a pair of events with an id of its own.
 *
 * @param coreIds `[rows]`
 */
export function createMessageSlices(
  coreIds: ArrayLike<number>,
  network: number,
  maxMessages: number,
): MessageSlices {
  const [sentNs, firstNs, processedNs] = [0, 1, 2].map(() => new Float64Array(coreIds.length));
  let times: StepView["messageTimes"];
  let shown = 0;
  let nextId = 1;
  return {
    read({ messageTimes }) {
      times = messageTimes;
      if (times === undefined) return undefined;
      sentNs.fill(0);
      processedNs.fill(0);
      firstNs.fill(Infinity);
      let messages = 0;
      for (let m = 0; m < times.count; m++) {
        const from = times.from[m];
        const to = times.to[m];
        if (from >= 0) sentNs[from] = Math.max(sentNs[from], times.sendNs[m]);
        if (to < 0) continue;
        if (from >= 0) messages++;
        firstNs[to] = Math.min(firstNs[to], times.receivedNs[m]);
        processedNs[to] = Math.max(processedNs[to], times.processedNs[m]);
      }
      shown = Math.min(messages, maxMessages);
      return { messages, shown, sentNs, firstNs, processedNs };
    },
    write(events, beginPs, endPs) {
      if (times === undefined) return;
      const at = (ns: number): number => Math.min(endPs, beginPs + Math.round(ns * 1000));
      for (let m = 0, left = shown; left > 0; m++) {
        const from = times.from[m];
        const to = times.to[m];
        if (from < 0 || to < 0) continue;
        left--;
        const name = `core ${coreIds[from]} to core ${coreIds[to]}`;
        const common = { name, pid: network, tid: 1, cat: "message", id: nextId++ };
        const blocked = times.blockedNs[m];
        const args = blocked > 0 ? { blockedNs: blocked } : {};
        events.push(
          { ...common, ph: "b", tsPs: at(times.sendNs[m]), args },
          { ...common, ph: "e", tsPs: at(Math.max(times.sendNs[m], times.receivedNs[m])) },
        );
      }
    },
  };
}
