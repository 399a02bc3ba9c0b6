import type { AxonGraph } from "#ir/axon-graph";
import type { DiagnosticSink } from "#util/diagnostic";
import { sortedOnce } from "./axons.ts";
import { badHeader, notSorted, sizeMismatch, targetOutOfRange, truncated } from "./diagnostics.ts";
import type { ConnectivityFormat } from "./format.ts";

const MAGIC = 0x434e_4e53;
const HEADER_WORDS = 4;
const UINT32_MAX = 2 ** 32 - 1;

/**
 * Compressed rows of the mapping benchmark. Little-endian u32 throughout: magic `SNNC`, version 1, neurons n, synapses m,
 * starts `[n + 1]`, targets `[m]`, rates `[n]`, layers `[n]`.
 */
export const snnc: ConnectivityFormat = {
  name: "snnc",
  summary: "compressed rows with rates and layers (mapping benchmark)",
  extensions: [".snnc"],
  recognizes: (bytes) =>
    bytes.length >= 4 && bytes[0] === 0x53 && bytes[1] === 0x4e && bytes[2] === 0x4e && bytes[3] === 0x43,

  read(bytes, _, sink) {
    if (bytes.length < 4 * HEADER_WORDS) {
      sink.report(truncated({ format: "snnc", what: "its header of 16 bytes" }));
      return undefined;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, 4 * HEADER_WORDS);
    const [magic, version, neurons, synapses] = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
    if (magic !== MAGIC || version !== 1) {
      const reason = magic === MAGIC ? `its version is ${version}, not 1` : "the word SNNC is missing";
      sink.report(badHeader({ format: "snnc", reason, hint: "write the file again as version 1." }));
      return undefined;
    }
    const neededBytes = 4 * (HEADER_WORDS + neurons + 1 + synapses + 2 * neurons);
    if (bytes.length !== neededBytes) {
      const hint = "the file is cut off, damaged, or followed by something else.";
      const file = `snnc file of ${neurons} neurons and ${synapses} synapses`;
      sink.report(sizeMismatch({ file, found: bytes.length, needed: neededBytes, unit: "bytes", hint }));
      return undefined;
    }
    // A copy: the lists may be sorted in place, and the bytes are the caller's.
    const words = new Uint32Array(new Uint8Array(bytes.subarray(4 * HEADER_WORDS)).buffer);
    const axonStart = words.slice(0, neurons + 1);
    const target = words.subarray(neurons + 1, neurons + 1 + synapses);
    if (!areSound(axonStart, target, neurons, sink)) return undefined;
    const behind = neurons + 1 + synapses;
    const graph: AxonGraph = {
      neurons,
      axonStart,
      target,
      rate: Float64Array.from(words.subarray(behind, behind + neurons)),
      layer: words.slice(behind + neurons),
    };
    return sortedOnce(graph, sink);
  },

  write({ neurons, axonStart, target, rate, layer }) {
    const words = new Uint32Array(HEADER_WORDS + neurons + 1 + target.length + 2 * neurons);
    words.set([MAGIC, 1, neurons, target.length]);
    words.set(axonStart, HEADER_WORDS);
    words.set(target, HEADER_WORDS + neurons + 1);
    const behind = HEADER_WORDS + neurons + 1 + target.length;
    for (let n = 0; n < neurons; n++) words[behind + n] = Math.min(UINT32_MAX, Math.round(rate[n]));
    if (layer !== undefined) words.set(layer, behind + neurons);
    return new Uint8Array(words.buffer);
  },
};

function areSound(
  axonStart: Uint32Array,
  target: Uint32Array,
  neurons: number,
  sink: DiagnosticSink,
): boolean {
  if (axonStart[0] !== 0 || axonStart[neurons] !== target.length) {
    sink.report(notSorted({ axon: axonStart[0] === 0 ? neurons - 1 : 0 }));
    return false;
  }
  for (let n = 0; n < neurons; n++) {
    if (axonStart[n + 1] < axonStart[n] || axonStart[n + 1] > target.length) {
      sink.report(notSorted({ axon: n }));
      return false;
    }
    for (let s = axonStart[n]; s < axonStart[n + 1]; s++)
      if (target[s] >= neurons) {
        sink.report(targetOutOfRange({ edge: n, neuron: target[s], neurons }));
        return false;
      }
  }
  return true;
}
