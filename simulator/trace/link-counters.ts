import type { Link, LinkTraffic } from "../timing/timing.ts";
import type { TraceEvent } from "./trace-writer.ts";

/** Messages over the links of the mesh, step by step: a counter for each link, in a process of their own. */
export interface LinkCounters {
  /** Adds what is new in a step: counters keep their value until the next one. */
  write(events: TraceEvent[], traffic: LinkTraffic, tsPs: number): void;
  /** Links that carried messages and have no counter. */
  leftOut(): number;
}

/** @param maxLinks the first of them that carry a message get a counter */
export function createLinkCounters(pid: number, maxLinks: number): LinkCounters {
  /** `[links]` of the step before. */
  let before = new Float64Array();
  /** `[links]`; undefined: has no counter yet. */
  const names: (string | undefined)[] = [];
  const without = new Set<number>();
  let counters = 0;
  return {
    write(events, { links, stepMessages }, tsPs) {
      if (before.length === 0) before = new Float64Array(links.length);
      for (let link = 0; link < links.length; link++) {
        const messages = stepMessages[link];
        if (messages === before[link]) continue;
        before[link] = messages;
        if (names[link] === undefined && counters === maxLinks) {
          without.add(link);
          continue;
        }
        if (counters === 0) events.push(processName(pid, tsPs));
        if (names[link] === undefined) counters++;
        const name = (names[link] ??= nameOf(links[link]));
        events.push({ ph: "C", name, pid, tid: 1, tsPs, args: { messages } });
      }
    },
    leftOut: () => without.size,
  };
}

function processName(pid: number, tsPs: number): TraceEvent {
  const args = { name: "links, messages in a step" };
  return { ph: "M", name: "process_name", pid, tid: 0, tsPs, args };
}

function nameOf({ chip, fromTile, toChip, toTile, direction }: Link): string {
  const to = chip === toChip ? `tile ${toTile}` : `chip ${toChip} tile ${toTile}`;
  return `chip ${chip} tile ${fromTile} to ${to} (${direction})`;
}
