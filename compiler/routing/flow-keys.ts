import type { DiagnosticSink } from "#util/diagnostic";
import type { CoreTraffic } from "../placement/core-traffic.ts";
import { meshExtent, type Sites } from "../placement/sites.ts";
import { keysTooLong } from "./diagnostics.ts";

/** What packets carry. */
const KEY_BITS = 32;

/** Keys of axons: the number of the core above, the number of the axon in its core below. */
export interface FlowKeys {
  /** Bits of a key in use, and those of the axon among them. */
  readonly keyBits: number;
  readonly axonBits: number;
  /** `[flows]`: each has a block of 2^bits keys, `key` being the first. */
  readonly key: Uint32Array;
  readonly bits: Uint8Array;
  /** `[flows]`, axons: keys from the first on that are in use. */
  readonly axons: Uint32Array;
}

/**
 * Numbers the axons of each core so that those with equal destinations follow each other, in blocks of a power of two that
 * one key and mask can name: large blocks first, which leaves no gaps between them; blocks of one size by their
 * destinations, so that neighbours part late. Cores are numbered by row and column.
 *
 * @param axonsOfFlow `[flows]`, see `axonsOfFlows`
 * @returns undefined, and a diagnostic `routing/keys-too-long`, if keys have too few bits
 */
export function assignFlowKeys(
  { cores, flows, source, sinkStart, sink }: CoreTraffic,
  axonsOfFlow: ArrayLike<number>,
  sites: Sites,
  siteOf: ArrayLike<number>,
  into: DiagnosticSink,
): FlowKeys | undefined {
  const bits = Uint8Array.from(axonsOfFlow, bitsFor);
  const order = Uint32Array.from({ length: flows }, (_, f) => f).sort(
    (a, b) => source[a] - source[b] || bits[b] - bits[a] || bySinks(a, b) || a - b,
  );
  const axonNumber = new Uint32Array(flows);
  const used = new Float64Array(cores);
  for (const f of order) {
    axonNumber[f] = used[source[f]];
    used[source[f]] += 2 ** bits[f];
  }
  const axonBits = bitsFor(used.reduce((a, b) => Math.max(a, b), 1));
  const { number, coreBits } = coreNumbers(cores, sites, siteOf);
  const keyBits = axonBits + coreBits;
  if (keyBits > KEY_BITS) {
    into.report(keysTooLong({ needed: keyBits, available: KEY_BITS }));
    return undefined;
  }
  return {
    keyBits,
    axonBits,
    key: Uint32Array.from(source, (core, f) => number[core] * 2 ** axonBits + axonNumber[f]),
    bits,
    axons: Uint32Array.from(axonsOfFlow),
  };

  function bySinks(a: number, b: number): number {
    const length = Math.min(sinkStart[a + 1] - sinkStart[a], sinkStart[b + 1] - sinkStart[b]);
    for (let i = 0; i < length; i++) {
      const difference = siteOf[sink[sinkStart[a] + i]] - siteOf[sink[sinkStart[b] + i]];
      if (difference !== 0) return difference;
    }
    return sinkStart[a + 1] - sinkStart[a] - (sinkStart[b + 1] - sinkStart[b]);
  }
}

/** `[cores]`: row, column, place at the router, each with bits of its own, so that a block of keys can name a row or a part of it. */
function coreNumbers(
  cores: number,
  sites: Sites,
  siteOf: ArrayLike<number>,
): { readonly number: Uint32Array; readonly coreBits: number } {
  const { columns, rows } = meshExtent(sites);
  const atRouter = new Uint32Array(columns * rows);
  const place = new Uint32Array(cores);
  const router = (core: number): number => sites.y[siteOf[core]] * columns + sites.x[siteOf[core]];
  for (let c = 0; c < cores; c++) place[c] = atRouter[router(c)]++;
  const placeBits = bitsFor(atRouter.reduce((a, b) => Math.max(a, b), 1));
  const columnBits = bitsFor(columns);
  return {
    number: place.map(
      (at, c) => (sites.y[siteOf[c]] * 2 ** columnBits + sites.x[siteOf[c]]) * 2 ** placeBits + at,
    ),
    coreBits: bitsFor(rows) + columnBits + placeBits,
  };
}

/** Bits of numbers below `count`. */
function bitsFor(count: number): number {
  return Math.ceil(Math.log2(Math.max(1, count)));
}

/** `[flows]`, axons of each. @param flowOf `[neurons]`, as `coreTraffic` leaves it */
export function axonsOfFlows(flows: number, flowOf: Int32Array): Uint32Array {
  const axons = new Uint32Array(flows);
  for (const flow of flowOf) if (flow >= 0) axons[flow]++;
  return axons;
}

/** `[neurons]`, key of the axon of each; -1 where it stays in its core. */
export function axonKeys({ key }: FlowKeys, flowOf: Int32Array): Float64Array {
  const next = new Uint32Array(key.length);
  return Float64Array.from(flowOf, (flow) => (flow < 0 ? -1 : key[flow] + next[flow]++));
}
