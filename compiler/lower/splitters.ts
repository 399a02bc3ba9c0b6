/** Relays of a population: neurons that repeat one spike each, on cores of their own. */
export interface Splitters {
  /** Relays in all; relay r sits on splitter core `coreOf[r]`. Those of a neuron follow one another. */
  readonly coreOf: Uint32Array;
  /** `[relays]`, whom they repeat. */
  readonly neuron: Uint32Array;
  /** `[size + 1]`: neuron n has relays start[n] .. start[n + 1]; none if it reaches one place only. */
  readonly start: Uint32Array;
  /** `[size]`, splitter cores that each neuron sends to; for neurons without relays the places that it reaches itself. */
  readonly destinations: Uint32Array;
}

/**
 * Gives every neuron that has to reach several places a relay for each of them. A neuron's relays share a core where they fit
 * into one, so that the neuron has one place to reach.
 *
 * @param destinations `[size]`, places that each neuron has to reach
 * @param perCore      relays that a core holds
 */
export function planSplitters(destinations: Uint32Array, perCore: number): Splitters {
  const coreOf: number[] = [];
  const neuron: number[] = [];
  const start = new Uint32Array(destinations.length + 1);
  const reached = destinations.slice();
  let core = 0;
  let filled = 0;
  destinations.forEach((wanted, n) => {
    if (wanted > 1) {
      if (filled > 0 && filled + wanted > perCore) {
        core++;
        filled = 0;
      }
      const first = core;
      for (let i = 0; i < wanted; i++) {
        if (filled === perCore) {
          core++;
          filled = 0;
        }
        filled++;
        coreOf.push(core);
        neuron.push(n);
      }
      reached[n] = core - first + 1;
    }
    start[n + 1] = coreOf.length;
  });
  return { coreOf: Uint32Array.from(coreOf), neuron: Uint32Array.from(neuron), start, destinations: reached };
}

export function splitterCores({ coreOf }: Splitters): number {
  return coreOf.length === 0 ? 0 : coreOf[coreOf.length - 1] + 1;
}
