import type { DiagnosticSink } from "#util/diagnostic";
import { axonsOfEdges, type EdgeList } from "./axons.ts";
import { badRate, sizeMismatch, targetOutOfRange, tooManyNeurons, truncated } from "./diagnostics.ts";
import { believedNeurons, type ConnectivityFormat } from "./format.ts";

/** u32 number of targets, u32 source, f32 rate. */
const EDGE_WORDS = 3;

/**
 * Binary hypergraphs of AxonCUDA. Little-endian: u32 nodes, u32 edges; for each edge u32 number of targets, u32 source,
 * u32 targets, f32 rate. Read: any order, several edges from one source are united, edges without targets are fine.
 * Written: an edge for each neuron that has targets.
 */
export const snn: ConnectivityFormat = {
  name: "snn",
  summary: "directed hyperedges with rates (AxonCUDA)",
  extensions: [".snn"],
  recognizes: (bytes) => edgesEnd(bytes) === bytes.length,

  read(bytes, _, sink) {
    const edges = edgesOf(bytes, sink);
    return edges === undefined ? undefined : axonsOfEdges(edges, sink);
  },

  write({ neurons, axonStart, target, rate }) {
    let edges = 0;
    for (let n = 0; n < neurons; n++) if (axonStart[n + 1] > axonStart[n]) edges++;
    const words = new Uint32Array(2 + EDGE_WORDS * edges + target.length);
    const floats = new Float32Array(words.buffer);
    words.set([neurons, edges]);
    let at = 2;
    for (let n = 0; n < neurons; n++) {
      const list = target.subarray(axonStart[n], axonStart[n + 1]);
      if (list.length === 0) continue;
      words[at++] = list.length;
      words[at++] = n;
      words.set(list, at);
      at += list.length;
      floats[at++] = rate[n];
    }
    return new Uint8Array(words.buffer);
  },
};

/** Where the edges end, in bytes; undefined if they do not fit into the file. */
function edgesEnd(bytes: Uint8Array): number | undefined {
  if (bytes.length < 8 || bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const edges = view.getUint32(4, true);
  let at = 8;
  for (let e = 0; e < edges; e++) {
    if (at + 4 * EDGE_WORDS > bytes.length) return undefined;
    at += 4 * (EDGE_WORDS + view.getUint32(at, true));
  }
  return at > bytes.length ? undefined : at;
}

function edgesOf(bytes: Uint8Array, sink: DiagnosticSink): EdgeList | undefined {
  if (bytes.length < 8) {
    sink.report(truncated({ format: "snn", what: "its header of 8 bytes" }));
    return undefined;
  }
  const end = edgesEnd(bytes);
  if (end === undefined) {
    sink.report(truncated({ format: "snn", what: "an edge" }));
    return undefined;
  }
  if (end !== bytes.length) {
    const hint = "the file is damaged, or followed by something else.";
    sink.report(sizeMismatch({ file: "snn file", found: bytes.length, needed: end, unit: "bytes", hint }));
    return undefined;
  }
  const words = new Uint32Array(new Uint8Array(bytes).buffer);
  const floats = new Float32Array(words.buffer);
  const [neurons, edges] = words;
  const limit = believedNeurons(bytes);
  if (neurons > limit) {
    sink.report(tooManyNeurons({ neurons, bytes: bytes.length, limit }));
    return undefined;
  }
  const source = new Uint32Array(edges);
  const start = new Uint32Array(edges + 1);
  const target = new Uint32Array(words.length - 2 - EDGE_WORDS * edges);
  const rate = new Float64Array(edges);
  let at = 2;
  let kept = 0;
  for (let e = 0; e < edges; e++) {
    const count = words[at];
    source[e] = words[at + 1];
    const list = words.subarray(at + 2, at + 2 + count);
    const beyond = source[e] < neurons ? list.find((neuron) => neuron >= neurons) : source[e];
    if (beyond !== undefined) {
      sink.report(targetOutOfRange({ edge: e, neuron: beyond, neurons }));
      return undefined;
    }
    target.set(list, kept);
    kept += count;
    start[e + 1] = kept;
    at += 2 + count;
    rate[e] = floats[at++];
    if (!(rate[e] >= 0 && rate[e] < Infinity)) {
      sink.report(badRate({ edge: e, rate: rate[e] }));
      return undefined;
    }
  }
  return { neurons, source, start, target, rate };
}
