/** What one core holds, as a mapper of bare connectivity counts it. */
export interface CoreCapacity {
  readonly name: string;
  readonly neurons: number;
  /** Synapse lists: one for each axon that has a target in the core. */
  readonly axonsIn: number;
  /** One for each neuron of the core and core that it reaches, its own included. */
  readonly axonsOut: number;
  readonly synapseWords: number;
  /** Words of a list of n synapses. */
  readonly wordsOfList: (synapses: number) => number;
}

/** Lists in blocks of 64 synapses; a block of n costs ceil((bits x n + header) / 64) words. */
export function blockedList(bitsPerSynapse: number, headerBits: number): (synapses: number) => number {
  const words = (n: number): number => (n === 0 ? 0 : Math.ceil((bitsPerSynapse * n + headerBits) / 64));
  return (synapses) => Math.floor(synapses / 64) * words(64) + words(synapses % 64);
}

/** `[longest + 1]`; signed, as differences of it are taken in the innermost loops. */
export function wordTable({ wordsOfList }: CoreCapacity, longest: number): Int32Array {
  return Int32Array.from({ length: longest + 1 }, (_, n) => wordsOfList(n));
}
