import type { CoreTraffic } from "./core-traffic.ts";

/** Spikes between pairs of cores, as neighbour lists. */
export interface CoreNeighbours {
  readonly cores: number;
  /** `[cores + 1]` into the next two. */
  readonly start: Uint32Array;
  /** Ascending inside a list. */
  readonly neighbour: Uint32Array;
  readonly spikes: Float64Array;
}

/** Both directions added up: every pair stands in the lists of both its cores. */
export function coreNeighbours(traffic: CoreTraffic): CoreNeighbours {
  return gather(traffic, true, true);
}

/** Where the spikes of each core go. */
export function coreReceivers(traffic: CoreTraffic): CoreNeighbours {
  return gather(traffic, true, false);
}

/** Where the spikes that reach a core come from. */
export function coreSenders(traffic: CoreTraffic): CoreNeighbours {
  return gather(traffic, false, true);
}

function gather(traffic: CoreTraffic, receivers: boolean, senders: boolean): CoreNeighbours {
  const { cores, flows, source, spikes, sinkStart, sink } = traffic;
  // Flows by the cores whose lists they add to.
  const flowStart = new Uint32Array(cores + 1);
  const each = (visit: (core: number, flow: number) => void): void => {
    for (let f = 0; f < flows; f++) {
      if (receivers) visit(source[f], f);
      if (senders) for (let s = sinkStart[f]; s < sinkStart[f + 1]; s++) visit(sink[s], f);
    }
  };
  each((core) => flowStart[core + 1]++);
  for (let c = 0; c < cores; c++) flowStart[c + 1] += flowStart[c];
  const next = flowStart.slice(0, cores);
  const flowList = new Uint32Array(flowStart[cores]);
  each((core, flow) => (flowList[next[core]++] = flow));

  const start = new Uint32Array(cores + 1);
  const neighbour: number[] = [];
  const weight: number[] = [];
  const sum = new Float64Array(cores);
  const stamp = new Int32Array(cores).fill(-1);
  for (let c = 0; c < cores; c++) {
    const seen: number[] = [];
    const add = (other: number, amount: number): void => {
      if (stamp[other] !== c) {
        stamp[other] = c;
        sum[other] = 0;
        seen.push(other);
      }
      sum[other] += amount;
    };
    for (let i = flowStart[c]; i < flowStart[c + 1]; i++) {
      const f = flowList[i];
      if (source[f] !== c) add(source[f], spikes[f]);
      else if (receivers) for (let s = sinkStart[f]; s < sinkStart[f + 1]; s++) add(sink[s], spikes[f]);
    }
    seen.sort((a, b) => a - b);
    for (const other of seen) {
      neighbour.push(other);
      weight.push(sum[other]);
    }
    start[c + 1] = neighbour.length;
  }
  return { cores, start, neighbour: Uint32Array.from(neighbour), spikes: Float64Array.from(weight) };
}
