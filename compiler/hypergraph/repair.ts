import type { Assignment } from "./assignment.ts";

/**
 * Takes nodes out of every core that is over a wall, those first whose leaving costs least for what it frees, into
 * cores that have room; into new ones where none has.
 *
 * @returns whether all walls hold
 */
export function repair(state: Assignment, maxCores: number): boolean {
  state.setWalls(1);
  for (let round = 0; round < ROUNDS; round++) {
    const before = state.overload;
    if (before === 0) return true;
    const cores = state.cores;
    for (let core = 0; core < cores; core++) if (state.isOver(core)) shed(state, core, maxCores);
    if (state.overload >= before && state.cores === cores) break;
  }
  for (let core = 0, { cores } = state; core < cores; core++)
    if (state.isOver(core)) openFor(state, core, maxCores);
  return state.overload === 0;
}

/** What found no room goes to a new core, as far as the sources have entries left for that. */
function openFor(state: Assignment, core: number, maxCores: number): void {
  if (state.cores >= maxCores) return;
  const opened = state.cores++;
  for (let v = 0; v < state.level.nodes && state.isOver(core); v++)
    if (state.coreOf[v] === core && freed(state, v) > 0 && state.fits(v, opened)) state.move(v, opened);
  if (state.neurons[opened] === 0) state.cores--;
}

const ROUNDS = 30;

function shed(state: Assignment, core: number, maxCores: number): void {
  const { level, coreOf, capacity } = state;
  const candidates: { node: number; price: number }[] = [];
  for (let v = 0; v < level.nodes; v++) {
    if (coreOf[v] !== core) continue;
    candidates.push({ node: v, price: bestPlace(state, v).loss / Math.max(1e-9, freed(state, v)) });
  }
  candidates.sort((a, b) => a.price - b.price);
  let opened = -1;
  for (const { node } of candidates) {
    if (!state.isOver(core)) return;
    if (freed(state, node) <= 0) continue;
    const { to } = bestPlace(state, node);
    if (to >= 0) {
      state.move(node, to);
      continue;
    }
    if (opened < 0 || state.neurons[opened] + level.size[node] > capacity.neurons) {
      if (state.cores >= maxCores) continue;
      opened = state.cores++;
    }
    state.move(node, opened);
  }
}

/** How much of the walls that a node's core is over it would free, as shares of them. */
function freed(state: Assignment, node: number): number {
  const { level, capacity, coreOf, neurons, axonsIn, axonsOut, words, lambda, table } = state;
  const core = coreOf[node];
  let sum = 0;
  if (neurons[core] > capacity.neurons) sum += level.size[node] / capacity.neurons;
  const overIn = axonsIn[core] > capacity.axonsIn;
  const overWords = words[core] > capacity.synapseWords;
  let out = 0;
  for (let i = level.inStart[node]; i < level.inStart[node + 1]; i++) {
    const net = level.inNet[i];
    if (level.source[net] === node) out += level.axons[net] * lambda[net];
    if (!overIn && !overWords) continue;
    const begin = level.netStart[net];
    for (let s = begin; s < begin + lambda[net]; s++) {
      if (state.slotCore[s] !== core) continue;
      const count = level.inCount === undefined ? 1 : level.inCount[i];
      if (overIn && state.slotCount[s] === count) sum += level.axons[net] / capacity.axonsIn;
      if (overWords)
        sum +=
          (level.axons[net] * (table[state.slotCount[s]] - table[state.slotCount[s] - count])) /
          capacity.synapseWords;
      break;
    }
  }
  for (let i = level.outStart[node]; i < level.outStart[node + 1]; i++) {
    const net = level.outNet[i];
    out += level.axons[net] * lambda[net];
  }
  if (axonsOut[core] > capacity.axonsOut) sum += out / capacity.axonsOut;
  return sum;
}

/** Above all losses: there is no room for the node. */
const NO_ROOM = 1e12;

/** Cheapest core that has room for a node, the entries of its sources left out; -1 if there is none. */
function bestPlace(state: Assignment, node: number): { readonly to: number; readonly loss: number } {
  const { gain, leaving } = state.offersFor(node);
  const to = state.bestOffer(node, true);
  const loss = to < 0 ? NO_ROOM : -(gain[to] + leaving);
  state.releaseOffers();
  return { to, loss };
}
