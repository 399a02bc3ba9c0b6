import type { DiagnosticSink } from "#util/diagnostic";
import { type BlockGraph, RESOURCES } from "./block-graph.ts";
import { notExactlyOnce, indexRange, outOfRange } from "./diagnostics.ts";
import type { Network, Population } from "./network.ts";
import { checkElements } from "./validate-arrays.ts";

/** Level 2: every neuron of the network lies in exactly one block, and nets join blocks that exist. */
export function validateBlockGraph(graph: BlockGraph, network: Network, sink: DiagnosticSink): void {
  const { blocks, nets } = graph;
  const covered = network.populations.map(({ size }) => new Uint8Array(size));
  blocks.forEach((block, b) => {
    const subject = `blockGraph.blocks[${b}]`;
    block.slices.forEach(({ population, begin, end }, s) => {
      const at = `${subject}.slices[${s}]`;
      const found = network.populations[population] as Population | undefined;
      if (found === undefined) {
        const count = network.populations.length;
        sink.report(indexRange({ subject: at, what: "population", index: population, count }));
      } else if (!(
        Number.isInteger(begin) &&
        Number.isInteger(end) &&
        0 <= begin &&
        begin < end &&
        end <= found.size
      )) {
        const needed = `a range inside [0, ${found.size})`;
        sink.report(outOfRange({ subject: at, what: "the slice", needed, found: `[${begin}, ${end})` }));
      } else {
        for (let i = begin; i < end; i++) covered[population][i]++;
      }
    });
    for (const resource of RESOURCES) {
      const value = block.demand[resource];
      if (Number.isFinite(value) && value >= 0) continue;
      const needed = "a number, at least 0";
      sink.report(
        outOfRange({ subject: `${subject}.demand.${resource}`, what: resource, needed, found: value }),
      );
    }
  });
  network.populations.forEach(({ name, model }, p) => {
    const expected = model === "input" ? 0 : 1;
    const neuron = covered[p].findIndex((times) => times !== expected);
    if (neuron === -1) return;
    const subject = `network.populations["${name}"][${neuron}]`;
    if (model === "input") {
      sink.report(outOfRange({ subject, what: "an input line", needed: "in no block", found: "in one" }));
    } else {
      sink.report(
        notExactlyOnce({ subject, what: `neuron ${neuron} of "${name}"`, times: covered[p][neuron] }),
      );
    }
  });
  nets.forEach(({ source, sinks, spikesPerStep }, n) => {
    const subject = `blockGraph.nets[${n}]`;
    if (source >= blocks.length || source < -network.inputs.length) {
      const count = source < 0 ? network.inputs.length : blocks.length;
      const what = source < 0 ? "input port" : "block";
      sink.report(indexRange({ subject, what, index: source < 0 ? -1 - source : source, count }));
    }
    checkElements(sinks, 0, blocks.length - 1, `${subject}.sinks`, sink);
    if (!(spikesPerStep >= 0 && spikesPerStep < Infinity)) {
      const needed = "a number, at least 0";
      sink.report(outOfRange({ subject, what: "spikesPerStep", needed, found: spikesPerStep }));
    }
  });
}
