import type { Rng } from "#util/rng";
import type { CoreNeighbours } from "./core-neighbours.ts";
import type { PlacementProblem } from "./problem.ts";

const ITERATIONS = 120;

/**
 * A first placement: cores by the two slowest vibrations of the traffic graph (Hall 1970), sorted into the columns of the
 * mesh by the first and into the rows by the second.
 *
 * @returns `[cores]`, sites
 */
export function spectralSeed({ graph, sites, fill }: PlacementProblem, rng: Rng): Uint32Array {
  const { cores } = graph;
  const first = slowVector(graph, [], rng);
  const second = slowVector(graph, [first], rng);
  const order = Array.from({ length: cores }, (_, c) => c).sort((a, b) => first[a] - first[b] || a - b);
  // Sites column by column, nearest the top first; a column takes the cores whose turn it is, by the second vector.
  const columns = new Map<number, number[]>();
  for (const s of fill) {
    const column = columns.get(sites.x[s]);
    if (column === undefined) columns.set(sites.x[s], [s]);
    else column.push(s);
  }
  const siteOf = new Uint32Array(cores);
  let taken = 0;
  let seen = 0;
  for (const [, column] of [...columns].sort(([a], [b]) => a - b)) {
    column.sort((a, b) => sites.y[a] - sites.y[b] || a - b);
    seen += column.length;
    const until = Math.min(cores, Math.round((cores * seen) / fill.length));
    const mine = order.slice(taken, until).sort((a, b) => second[a] - second[b] || a - b);
    const spare = column.length - mine.length;
    mine.forEach((core, i) => {
      siteOf[core] = column[i + Math.floor(spare / 2)];
    });
    taken = until;
  }
  return siteOf;
}

/** Second eigenvector of the random walk on the graph, at right angles to the constant and to `others`, by power iteration. */
function slowVector(
  { cores, start, neighbour, spikes }: CoreNeighbours,
  others: readonly Float64Array[],
  rng: Rng,
): Float64Array {
  const degree = new Float64Array(cores);
  for (let c = 0; c < cores; c++) for (let i = start[c]; i < start[c + 1]; i++) degree[c] += spikes[i];
  let vector = Float64Array.from({ length: cores }, () => rng() - 0.5);
  const constant = new Float64Array(cores).fill(1);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    for (const other of [constant, ...others]) {
      let along = 0;
      let norm = 0;
      for (let c = 0; c < cores; c++) {
        along += degree[c] * vector[c] * other[c];
        norm += degree[c] * other[c] * other[c];
      }
      const share = norm === 0 ? 0 : along / norm;
      for (let c = 0; c < cores; c++) vector[c] -= share * other[c];
    }
    const next = new Float64Array(cores);
    let length = 0;
    for (let c = 0; c < cores; c++) {
      let sum = 0;
      for (let i = start[c]; i < start[c + 1]; i++) sum += spikes[i] * vector[neighbour[i]];
      // Half a step of the walk: its eigenvalues are positive, so the largest is the slowest.
      next[c] = degree[c] === 0 ? 0 : 0.5 * (vector[c] + sum / degree[c]);
      length += degree[c] * next[c] * next[c];
    }
    const scale = length === 0 ? 1 : 1 / Math.sqrt(length);
    for (let c = 0; c < cores; c++) next[c] *= scale;
    vector = next;
  }
  return vector;
}
