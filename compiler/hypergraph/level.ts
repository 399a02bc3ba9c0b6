import type { AxonGraph } from "#ir/axon-graph";
import type { Incoming } from "./fill.ts";

/**
 * The hypergraph at one level of coarsening: nodes are clusters of neurons, nets are axons that reach the same clusters.
 * Plain arrays in both directions, some 12 bytes for a pin.
 */
export interface Level {
  readonly nodes: number;
  readonly nets: number;
  /** `[nodes]`, neurons of a node. */
  readonly size: Uint32Array;
  /** `[nets + 1]` into `pin`. */
  readonly netStart: Uint32Array;
  /** `[pins]`, nodes that hold targets of the net. */
  readonly pin: Uint32Array;
  /** `[pins]`, how many targets; absent: one each. */
  readonly pinCount?: Uint16Array;
  /** `[nets]`, node whose spikes they are. */
  readonly source: Uint32Array;
  /** `[nets]`, of all axons of the net together. */
  readonly rate: Float64Array;
  /** `[nets]`, axons that were merged into the net. */
  readonly axons: Uint32Array;
  /** `[nodes + 1]` into the next two: nets that have targets in the node. */
  readonly inStart: Uint32Array;
  readonly inNet: Uint32Array;
  readonly inCount?: Uint16Array;
  /** `[nodes + 1]` into the next: nets of the node that have no target in it. */
  readonly outStart: Uint32Array;
  readonly outNet: Uint32Array;
}

/**
 * Every neuron a node, every axon with targets a net.
 *
 * @param incoming if it is at hand: where every neuron has targets, it is the reverse of the nets as well, and is not made twice
 */
export function finestLevel(graph: AxonGraph, incoming?: Incoming): Level {
  const { neurons, axonStart, target, rate } = graph;
  let nets = 0;
  for (let n = 0; n < neurons; n++) if (axonStart[n + 1] > axonStart[n]) nets++;
  const netStart = new Uint32Array(nets + 1);
  const source = new Uint32Array(nets);
  const netRate = new Float64Array(nets);
  let net = 0;
  for (let n = 0; n < neurons; n++) {
    if (axonStart[n + 1] === axonStart[n]) continue;
    source[net] = n;
    netRate[net] = rate[n];
    netStart[++net] = axonStart[n + 1];
  }
  const level = {
    nodes: neurons,
    nets,
    size: new Uint32Array(neurons).fill(1),
    netStart,
    pin: target,
    source,
    rate: netRate,
    axons: new Uint32Array(nets).fill(1),
  };
  if (incoming === undefined || nets < neurons) return withReverse(level);
  return withOutgoing({ ...level, inStart: incoming.inStart, inNet: incoming.inSource });
}

type Forward = Omit<Level, "inStart" | "inNet" | "inCount" | "outStart" | "outNet">;

/** Adds the nets of every node. */
export function withReverse(level: Forward): Level {
  const { nodes, nets, netStart, pin, pinCount } = level;
  const inStart = new Uint32Array(nodes + 1);
  for (let p = 0; p < netStart[nets]; p++) inStart[pin[p] + 1]++;
  for (let v = 0; v < nodes; v++) inStart[v + 1] += inStart[v];
  const next = inStart.slice(0, nodes);
  const inNet = new Uint32Array(inStart[nodes]);
  const inCount = pinCount === undefined ? undefined : new Uint16Array(inStart[nodes]);
  for (let net = 0; net < nets; net++)
    for (let p = netStart[net]; p < netStart[net + 1]; p++) {
      const at = next[pin[p]]++;
      inNet[at] = net;
      if (inCount !== undefined) inCount[at] = pinCount![p];
    }
  return withOutgoing({ ...level, inStart, inNet, ...(inCount !== undefined && { inCount }) });
}

/** Adds the nets of every node that have no target in it. */
function withOutgoing(level: Omit<Level, "outStart" | "outNet">): Level {
  const { nodes, nets, netStart, pin, source } = level;
  const isSelf = new Uint8Array(nets);
  const outStart = new Uint32Array(nodes + 1);
  for (let net = 0; net < nets; net++) {
    const from = source[net];
    for (let p = netStart[net]; p < netStart[net + 1]; p++) if (pin[p] === from) isSelf[net] = 1;
    if (isSelf[net] === 0) outStart[from + 1]++;
  }
  for (let v = 0; v < nodes; v++) outStart[v + 1] += outStart[v];
  const outNet = new Uint32Array(outStart[nodes]);
  const nextOut = outStart.slice(0, nodes);
  for (let net = 0; net < nets; net++) if (isSelf[net] === 0) outNet[nextOut[source[net]]++] = net;
  return { ...level, outStart, outNet };
}
