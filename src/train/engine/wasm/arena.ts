// Memory that is handed out and never taken back one by one: the arrays of a run live as long as the run.
import { ToolchainError, invariant } from "#util/diagnostic";
import { outOfMemory } from "./wasm-diagnostics.ts";

const PAGE_BYTES = 65_536;
const LINE_BYTES = 64;

export interface Arena {
  readonly memory: WebAssembly.Memory;
  /** Address of so many bytes of zeros, aligned to a cache line. Throws ToolchainError `train/out-of-memory`. */
  reserve(bytes: number): number;
  /** Zeros. */
  allocate(length: number): Float32Array;
  /** Room for the length of one call, whatever it holds. The same room comes again in the next call. */
  scratch(bytes: number): number;
  /** Address of an array of this arena, or of a part of one; undefined for any other. */
  find(array: ArrayBufferView): number | undefined;
}

/** @param limitPages what the memory may grow to; smaller where the system does not give so many addresses */
export function createArena(limitPages = 65_536): Arena {
  const { memory, pages } = createMemory(limitPages);
  // `memory.buffer` is another object after each growth (and, with threads, whenever the others hear of it); arrays keep
  // the one they were made on. Hence arrays are made only on objects that are listed here.
  let buffer = memory.buffer;
  const buffers = new WeakSet<ArrayBufferLike>([buffer]);
  // The first page is not handed out: no array has address 0.
  let used = PAGE_BYTES;
  let scratchAddress = 0;
  let scratchBytes = 0;

  const reserve = (bytes: number): number => {
    const address = used;
    const end = address + Math.max(LINE_BYTES, Math.ceil(bytes / LINE_BYTES) * LINE_BYTES);
    const missing = end - buffer.byteLength;
    if (missing > 0) {
      const facts = { neededBytes: missing, usedBytes: used, limitBytes: pages * PAGE_BYTES };
      if (end > facts.limitBytes) throw new ToolchainError([outOfMemory(facts)]);
      try {
        memory.grow(Math.ceil(missing / PAGE_BYTES));
      } catch {
        throw new ToolchainError([outOfMemory(facts)]);
      }
      buffer = memory.buffer;
      buffers.add(buffer);
    }
    used = end;
    return address;
  };

  return {
    memory,
    reserve,
    allocate(length) {
      const address = reserve(4 * length);
      return new Float32Array(buffer, address, length);
    },
    scratch(bytes) {
      if (bytes > scratchBytes) {
        // Half as much again: what is left behind stays less than what is in use.
        const grown = Math.max(bytes, Math.min(1.5 * scratchBytes, bytes + 2 ** 26));
        scratchAddress = reserve(grown);
        scratchBytes = grown;
      }
      return scratchAddress;
    },
    find: (array) => (buffers.has(array.buffer) ? array.byteOffset : undefined),
  };
}

function createMemory(limitPages: number): { memory: WebAssembly.Memory; pages: number } {
  for (let pages = limitPages; pages >= 256; pages = Math.floor(pages / 2)) {
    try {
      return {
        memory: new WebAssembly.Memory({ initial: 2, maximum: pages, shared: true }),
        pages,
      };
    } catch {
      // Fewer, then.
    }
  }
  const facts = { neededBytes: 256 * PAGE_BYTES, usedBytes: 0, limitBytes: 0 };
  throw new ToolchainError([outOfMemory(facts)]);
}

/** Address of an array that must come from here. */
export function addressIn(arena: Arena, array: ArrayBufferView): number {
  const address = arena.find(array);
  invariant(address !== undefined, "arrays of the wasm engine come from its `allocate`");
  return address;
}
