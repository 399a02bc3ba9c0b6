import type { AxonGraph } from "#ir/axon-graph";
import type { Incoming } from "./fill.ts";
import type { LayerShape } from "./tile-order.ts";

/** Taps of a kernel lie at most so far from its centre, in pixels of the layer before. */
const REACH = 7;
/** Pairs of neurons that are compared for a guess, and the share of them that must agree. */
const SAMPLES = 60;
const AGREEING = 0.9;

/**
 * Finds height and width of convolutional layers in bare connectivity: in a plane, two neurons of a channel have the
 * same fan-in, seen from where each of them is. Neurons are taken to be numbered layer by layer, channel by channel,
 * row by row.
 *
 * @returns shapes of all layers, those without height and width as channels alone; undefined where no layer has any
 */
export function inferShapes(graph: AxonGraph, incoming: Incoming): readonly LayerShape[] | undefined {
  const layers = layersOf(graph);
  if (layers === undefined) return undefined;
  const shapes: LayerShape[] = [];
  let found = false;
  for (const { first, size } of layers) {
    const before = shapes.at(-1);
    let shape: LayerShape = { first, channels: size, height: 1, width: 1 };
    if (before !== undefined) {
      const sources =
        isPlane(before) || shapes.length > 1 ? [before] : planesOf(before.first, before.channels);
      let most = 1;
      for (const source of sources) {
        for (const guess of planesOf(first, size)) {
          const pixels = guess.height * guess.width;
          if (pixels <= most || !agrees(incoming, source, guess)) continue;
          most = pixels;
          shape = guess;
          shapes[shapes.length - 1] = source;
          found = true;
        }
      }
    }
    shapes.push(shape);
  }
  return found ? shapes : undefined;
}

function isPlane({ height, width }: LayerShape): boolean {
  return height * width > 1;
}

/** Runs of neurons with the same layer number; undefined if there are none, or a number comes again. */
function layersOf({
  neurons,
  layer,
}: AxonGraph): readonly { readonly first: number; readonly size: number }[] | undefined {
  if (layer === undefined || neurons === 0) return undefined;
  const starts: number[] = [0];
  for (let n = 1; n < neurons; n++) {
    if (layer[n] === layer[n - 1]) continue;
    if (layer[n] < layer[n - 1]) return undefined;
    starts.push(n);
  }
  return starts.map((first, l) => ({ first, size: (starts[l + 1] ?? neurons) - first }));
}

/** All planes of at least 2 x 2 pixels, no side more than four times the other, that a layer could consist of. */
function planesOf(first: number, size: number): LayerShape[] {
  const planes: LayerShape[] = [];
  for (let height = 2; height * height <= 4 * size; height++) {
    if (size % height !== 0) continue;
    for (let width = Math.max(2, Math.ceil(height / 4)); width <= 4 * height; width++)
      if (size % (height * width) === 0)
        planes.push({ first, channels: size / (height * width), height, width });
  }
  return planes;
}

/** Whether neurons of a channel see the layer before alike. */
function agrees(incoming: Incoming, source: LayerShape, guess: LayerShape): boolean {
  const stride = source.height / guess.height;
  if (!Number.isInteger(stride) || source.width / guess.width !== stride || stride > 4) return false;
  const { channels, height, width } = guess;
  const inner = { rows: Math.max(1, height - 2), columns: Math.max(1, width - 2) };
  const skipped = { rows: height > 2 ? 1 : 0, columns: width > 2 ? 1 : 0 };
  let compared = 0;
  let agreeing = 0;
  for (let k = 0; k < SAMPLES; k++) {
    const channel = (k * 7919) % channels;
    const at = (step: number): { row: number; column: number } => ({
      row: skipped.rows + ((k * 31 + step * 5) % inner.rows),
      column: skipped.columns + ((k * 17 + step * 3) % inner.columns),
    });
    const one = at(0);
    const other = at(1 + (k % 5));
    if (one.row === other.row && one.column === other.column) continue;
    const a = tapsOf(incoming, source, guess, channel, one, stride);
    const b = tapsOf(incoming, source, guess, channel, other, stride);
    if (a === undefined || b === undefined) return false;
    if (a === "" && b === "") continue;
    compared++;
    if (a === b) agreeing++;
  }
  return compared >= 4 && agreeing >= AGREEING * compared;
}

/** Fan-in as channel, row and column relative to the neuron; undefined if it is no kernel's. */
function tapsOf(
  { inStart, inSource }: Incoming,
  source: LayerShape,
  { first, height, width }: LayerShape,
  channel: number,
  { row, column }: { readonly row: number; readonly column: number },
  stride: number,
): string | undefined {
  const v = first + (channel * height + row) * width + column;
  const plane = source.height * source.width;
  const taps: string[] = [];
  for (let i = inStart[v]; i < inStart[v + 1]; i++) {
    const id = inSource[i] - source.first;
    if (id < 0 || id >= source.channels * plane) return undefined;
    const pixel = id % plane;
    const down = Math.floor(pixel / source.width) - row * stride;
    const right = (pixel % source.width) - column * stride;
    if (Math.abs(down) > REACH || Math.abs(right) > REACH) return undefined;
    taps.push(`${Math.floor(id / plane)},${down},${right}`);
  }
  return taps.join(" ");
}
