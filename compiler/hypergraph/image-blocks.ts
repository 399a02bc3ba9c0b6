// Blocks of layers with height and width: neighbouring layers cut together into compact tiles of equal weight.
import type { AxonGraph } from "#ir/axon-graph";
import { wordTable, type CoreCapacity } from "./capacity.ts";
import { fillInOrder, type Incoming } from "./fill.ts";
import { imagePlaces, piecesOf, type ImagePlaces } from "./image-places.ts";
import type { LayerShape } from "./tile-order.ts";

export interface BlockProblem {
  readonly graph: AxonGraph;
  readonly incoming: Incoming;
  readonly capacity: CoreCapacity;
  readonly shapes: readonly LayerShape[];
  /** Cores wanted. */
  readonly cores: number;
}

interface Cut {
  readonly coreOf: Uint16Array;
  readonly cores: number;
}

/** Uniform groups that the search begins with. */
const GROUP_SIZES = [1, 2, 3, 4];
/** Axons that groupings are judged by. */
const SAMPLED_AXONS = 16_384;
/** Tiles are never fuller, so that halves of odd sizes fit too. */
const MOST_FULL = 0.993;

/**
 * Divides layers into groups of neighbours, and every group into compact tiles by halving it again and again. Which
 * layers go together is searched: a boundary is set or taken away as long as that saves cut spikes. Layers without
 * height and width are filled in order.
 */
export function imageBlocks(problem: BlockProblem): Cut {
  const { shapes } = problem;
  const plan = new BlockPlan(problem);
  const isImage = shapes.map(({ height, width }) => height * width > 1);
  const open = shapes.flatMap((_, l) => (isImage[l] && isImage[l + 1] ? [l] : []));
  const allEnds = new Uint8Array(shapes.length).fill(1);
  let best: { readonly ends: Uint8Array; readonly cut: number } = {
    ends: allEnds,
    cut: plan.costOf(allEnds),
  };
  const offer = (ends: Uint8Array): boolean => {
    const cut = plan.costOf(ends);
    if (cut >= best.cut) return false;
    best = { ends, cut };
    return true;
  };
  for (const size of GROUP_SIZES.slice(1)) {
    const ends = allEnds.slice();
    open.forEach((l, k) => (ends[l] = (k + 1) % size === 0 ? 1 : 0));
    offer(ends);
  }
  for (let improved = true; improved;) {
    improved = false;
    for (const l of open) {
      const ends = best.ends.slice();
      ends[l] = 1 - ends[l];
      if (offer(ends)) improved = true;
    }
  }
  return plan.tiles(best.ends);
}

/** Neurons of a place, or some of them: entries begin .. end of its list. */
interface Piece {
  readonly place: number;
  readonly begin: number;
  readonly end: number;
}

class BlockPlan {
  readonly #problem: BlockProblem;
  readonly #places: ImagePlaces;
  /** `[neurons]`, share of a core. */
  readonly #weight: Float64Array;
  readonly #step: number;
  /** Cores of layers without places, filled in order. */
  readonly #plain: Cut;

  constructor(problem: BlockProblem) {
    const { graph, incoming, capacity, shapes } = problem;
    this.#problem = problem;
    this.#places = imagePlaces(shapes);
    const wordsOfSynapse = wordTable(capacity, 64)[64] / 64;
    this.#weight = Float64Array.from({ length: graph.neurons }, (_, n) => {
      const words = (incoming.inStart[n + 1] - incoming.inStart[n]) * wordsOfSynapse;
      return Math.max(1 / capacity.neurons, words / capacity.synapseWords);
    });
    this.#step = Math.max(1, Math.floor(graph.neurons / SAMPLED_AXONS));
    const plain = shapes
      .filter(({ height, width }) => height * width === 1)
      .flatMap(({ first, channels }) => Array.from({ length: channels }, (_, c) => first + c));
    this.#plain = this.#fill(Uint32Array.from(plain));
  }

  /** Spikes of a sample of the axons that leave their core. */
  costOf(ends: Uint8Array): number {
    const { axonStart, target, rate, neurons } = this.#problem.graph;
    const { coreOf, cores } = this.tiles(ends);
    const seen = new Int32Array(cores).fill(-1);
    let cut = 0;
    for (let n = 0; n < neurons; n += this.#step) {
      seen[coreOf[n]] = n;
      for (let s = axonStart[n]; s < axonStart[n + 1]; s++) {
        const core = coreOf[target[s]];
        if (seen[core] === n) continue;
        seen[core] = n;
        cut += rate[n];
      }
    }
    return cut;
  }

  /** Tiles of the groups that end at these layers. */
  tiles(ends: Uint8Array): Cut {
    const { shapes, cores, capacity } = this.#problem;
    const { startOf } = this.#places;
    const coreOf = this.#plain.coreOf.slice();
    const groups: { readonly pieces: Piece[]; need: number }[] = [];
    let isOpen = false;
    let neurons = 0;
    for (let l = 0, place = 0; l < shapes.length; l++) {
      const { height, width } = shapes[l];
      const last = place + height * width;
      if (height * width === 1) {
        place = last;
        continue;
      }
      if (!isOpen) groups.push({ pieces: [], need: 0 });
      const group = groups[groups.length - 1];
      isOpen = ends[l] === 0;
      for (; place < last; place++) {
        for (const [begin, end] of piecesOf(startOf[place], startOf[place + 1])) {
          const piece = { place, begin, end };
          group.pieces.push(piece);
          group.need += this.#weightOf(piece);
          neurons += end - begin;
        }
      }
    }
    const wanted = Math.max(cores - this.#plain.cores, Math.ceil(neurons / capacity.neurons / MOST_FULL));
    const parts = shareOut(
      groups.map(({ need }) => need),
      wanted,
    );
    let core = this.#plain.cores;
    groups.forEach(({ pieces }, g) => {
      this.#halve(pieces, parts[g], core, coreOf);
      core += parts[g];
    });
    return { coreOf, cores: core };
  }

  /** Divides pieces across the longer side of what they cover, until every part is a core. */
  #halve(pieces: Piece[], parts: number, core: number, coreOf: Uint16Array): void {
    const { x, y, order } = this.#places;
    if (parts === 1) {
      for (const { begin, end } of pieces) for (let i = begin; i < end; i++) coreOf[order[i]] = core;
      return;
    }
    const [long, short] = span(pieces, x) >= span(pieces, y) ? [x, y] : [y, x];
    pieces.sort(
      (a, b) =>
        long[a.place] - long[b.place] ||
        short[a.place] - short[b.place] ||
        a.place - b.place ||
        a.begin - b.begin,
    );
    const fewer = parts >> 1;
    let wanted = (pieces.reduce((sum, piece) => sum + this.#weightOf(piece), 0) * fewer) / parts;
    const here: Piece[] = [];
    const there: Piece[] = [];
    for (const piece of pieces) {
      const weight = this.#weightOf(piece);
      (wanted > weight / 2 ? here : there).push(piece);
      wanted -= weight;
    }
    this.#halve(here, fewer, core, coreOf);
    this.#halve(there, parts - fewer, core + fewer, coreOf);
  }

  #weightOf({ begin, end }: Piece): number {
    let sum = 0;
    for (let i = begin; i < end; i++) sum += this.#weight[this.#places.order[i]];
    return sum;
  }

  /** In as few cores as that takes, about equally full. */
  #fill(order: Uint32Array): Cut {
    const { graph, incoming, capacity } = this.#problem;
    if (order.length === 0) return { coreOf: new Uint16Array(graph.neurons), cores: 0 };
    const full = fillInOrder(graph, incoming, order, capacity);
    const even = fillInOrder(graph, incoming, order, capacity, order.length / full.cores / capacity.neurons);
    return even.cores <= full.cores ? even : full;
  }
}

function span(pieces: readonly Piece[], at: Float64Array): number {
  let least = Infinity;
  let most = -Infinity;
  for (const { place } of pieces) {
    least = Math.min(least, at[place]);
    most = Math.max(most, at[place]);
  }
  return most - least;
}

/** Gives cores to groups one by one, always to the fullest. */
function shareOut(needs: readonly number[], cores: number): number[] {
  const parts = needs.map(() => 1);
  for (let left = cores - needs.length; left > 0; left--) {
    let fullest = 0;
    for (let g = 1; g < needs.length; g++)
      if (needs[g] / parts[g] > needs[fullest] / parts[fullest]) fullest = g;
    parts[fullest]++;
  }
  return parts;
}
