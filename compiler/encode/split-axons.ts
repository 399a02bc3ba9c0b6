import type { CoreLists } from "./core-lists.ts";
import type { Workload } from "./workload.ts";

/**
 * The lists of a crossbar. A row has one type, one delay and (on some chips) one sign, and each of its crosspoints can be
 * used once, so one source may need several input axons. They follow one another, by type, delay and sign. Lists of other
 * kinds of cores stay as they are: there, a source has one.
 */
export function splitAxons({ packer, byProjection }: Workload, lists: CoreLists): CoreLists {
  if (packer.formula !== "crossbar") return lists;
  // Too many already: searches for a cut measure many pieces that fit by no means.
  if (lists.neurons > 1 && lists.sourceNeuron.length > packer.rows) return lists;
  const signed = packer.signPerRow === true ? splitParts(lists) : lists;
  const keys = Float64Array.from(signed.partProjection, (projection) => {
    const { delaySteps, quantization } = byProjection[projection];
    return (quantization.axonType ?? 0) * MOST_DELAYS + delaySteps;
  });
  if (packer.signPerRow === true)
    keys.forEach(
      (key, part) => (keys[part] = 2 * key + (signed.weight[signed.entryStart[part]] < 0 ? 1 : 0)),
    );
  return inRows(signed, keys);
}

/** Delays fit into 8 bits. */
const MOST_DELAYS = 256;

/** Every part in one or two parts of one sign each, the positive first. */
function splitParts(lists: CoreLists): CoreLists {
  const order = new Uint32Array(lists.target.length);
  const partStart = [0];
  const partProjection: number[] = [];
  const entryStart = [0];
  let entry = 0;
  for (let axon = 0; axon < lists.sourceNeuron.length; axon++) {
    for (let part = lists.partStart[axon]; part < lists.partStart[axon + 1]; part++)
      for (const isNegative of [false, true]) {
        const first = entry;
        for (let i = lists.entryStart[part]; i < lists.entryStart[part + 1]; i++)
          if (lists.weight[i] < 0 === isNegative) order[entry++] = i;
        if (entry === first) continue;
        partProjection.push(lists.partProjection[part]);
        entryStart.push(entry);
      }
    partStart.push(partProjection.length);
  }
  return {
    ...lists,
    partStart: Uint32Array.from(partStart),
    partProjection: Uint32Array.from(partProjection),
    entryStart: Uint32Array.from(entryStart),
    target: Uint16Array.from(order, (at) => lists.target[at]),
    weight: Int16Array.from(order, (at) => lists.weight[at]),
  };
}

/** One axon for all parts of a source that have the same key, unless two of them need the same crosspoint. */
function inRows(lists: CoreLists, keys: Float64Array): CoreLists {
  const parts = lists.partProjection.length;
  const sourcePopulation = new Uint32Array(parts);
  const sourceNeuron = new Uint32Array(parts);
  const partStart = new Uint32Array(parts + 1);
  const partProjection = new Uint32Array(parts);
  const entryStart = new Uint32Array(parts + 1);
  const target = new Uint16Array(lists.target.length);
  const weight = new Int16Array(lists.target.length);
  const marks = new Uint32Array(lists.neurons);
  let mark = 0;
  const overlaps = (row: readonly number[], part: number): boolean => {
    mark++;
    for (let i = lists.entryStart[part]; i < lists.entryStart[part + 1]; i++) marks[lists.target[i]] = mark;
    return row.some((other) =>
      lists.target
        .subarray(lists.entryStart[other], lists.entryStart[other + 1])
        .some((compartment) => marks[compartment] === mark),
    );
  };
  let axons = 0;
  let part = 0;
  let entry = 0;
  const write = (axon: number, row: readonly number[]): void => {
    for (const from of row) {
      const [begin, end] = [lists.entryStart[from], lists.entryStart[from + 1]];
      target.set(lists.target.subarray(begin, end), entry);
      weight.set(lists.weight.subarray(begin, end), entry);
      entry += end - begin;
      partProjection[part] = lists.partProjection[from];
      entryStart[++part] = entry;
    }
    sourcePopulation[axons] = lists.sourcePopulation[axon];
    sourceNeuron[axons] = lists.sourceNeuron[axon];
    partStart[++axons] = part;
  };
  for (let axon = 0; axon < lists.sourceNeuron.length; axon++) {
    const [begin, end] = [lists.partStart[axon], lists.partStart[axon + 1]];
    if (end === begin + 1) {
      write(axon, [begin]);
      continue;
    }
    const rows: number[][] = [];
    for (let from = begin; from < end; from++) {
      const row = rows.find(
        ([first, ...others]) => keys[first] === keys[from] && !overlaps([first, ...others], from),
      );
      if (row === undefined) rows.push([from]);
      else row.push(from);
    }
    rows.sort(([a], [b]) => keys[a] - keys[b]);
    for (const row of rows) write(axon, row);
  }
  return {
    neurons: lists.neurons,
    sourcePopulation: sourcePopulation.slice(0, axons),
    sourceNeuron: sourceNeuron.slice(0, axons),
    partStart: partStart.slice(0, axons + 1),
    partProjection,
    entryStart,
    target,
    weight,
  };
}
