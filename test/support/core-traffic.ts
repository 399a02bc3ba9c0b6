import type { CoreTraffic } from "#compiler/placement/core-traffic";
import { createRng } from "#util/rng";
import { between } from "./networks.ts";

/** Flows between random cores; each core sends a few, to one to `most` others. */
export function randomTraffic(cores: number, seed: number, most = 4): CoreTraffic {
  const rng = createRng(seed);
  const source: number[] = [];
  const spikes: number[] = [];
  const sinkStart = [0];
  const sink: number[] = [];
  if (cores > 1)
    for (let core = 0; core < cores; core++)
      for (let flow = between(rng, 0, 3); flow > 0; flow--) {
        const sinks = new Set<number>();
        for (let i = between(rng, 1, most); i > 0; i--) sinks.add(between(rng, 0, cores - 1));
        sinks.delete(core);
        if (sinks.size === 0) continue;
        source.push(core);
        spikes.push(between(rng, 1, 99));
        sink.push(...[...sinks].sort((a, b) => a - b));
        sinkStart.push(sink.length);
      }
  return {
    cores,
    flows: source.length,
    source: Uint32Array.from(source),
    spikes: Float64Array.from(spikes),
    sinkStart: Uint32Array.from(sinkStart),
    sink: Uint32Array.from(sink),
  };
}

/** Cores of a square mesh in shuffled order, each talking to the four around it: what a placer should find again. */
export function shuffledGrid(edge: number, seed: number): CoreTraffic {
  const rng = createRng(seed);
  const name = Array.from({ length: edge * edge }, (_, i) => i);
  for (let i = name.length - 1; i > 0; i--) {
    const j = between(rng, 0, i);
    [name[i], name[j]] = [name[j], name[i]];
  }
  const source: number[] = [];
  const sinkStart = [0];
  const sink: number[] = [];
  for (let y = 0; y < edge; y++)
    for (let x = 0; x < edge; x++) {
      const around = [
        [x + 1, y],
        [x - 1, y],
        [x, y + 1],
        [x, y - 1],
      ].filter(([column, row]) => column >= 0 && row >= 0 && column < edge && row < edge);
      source.push(name[y * edge + x]);
      sink.push(...around.map(([column, row]) => name[row * edge + column]).sort((a, b) => a - b));
      sinkStart.push(sink.length);
    }
  return {
    cores: edge * edge,
    flows: source.length,
    source: Uint32Array.from(source),
    spikes: new Float64Array(source.length).fill(1),
    sinkStart: Uint32Array.from(sinkStart),
    sink: Uint32Array.from(sink),
  };
}
