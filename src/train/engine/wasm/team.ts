// Fork and join on the shared memory: a call is cut into chunks, and whoever is free takes the next.
import { invariant } from "#util/diagnostic";
import { KERNEL_NAMES, type Kernel, type KernelName } from "./kernels.ts";

/**
 * Words of the board through which the threads talk. `ticket` holds which chunks of a call nobody has taken yet, from
 * `front` to before `back`, 6 bits each, and above them the number of the call. The other words of a call are written
 * before its ticket and stay until its last chunk is done, so whoever has changed a ticket that was still the one he had
 * read has read the right words. The caller takes chunks from the front and the others from the back: with that a
 * thread mostly meets the same part of an array again, and finds it in its own cache.
 */
export const BOARD = {
  ticket: 0,
  call: 1,
  sleeping: 2,
  done: 3,
  failed: 4,
  kernel: 5,
  count: 6,
  chunk: 7,
  argumentCount: 8,
} as const;
const CHUNK_BITS = 6;
const MOST_CHUNKS = (1 << CHUNK_BITS) - 1;
export const ARGUMENTS_OFFSET = 64;
export const BOARD_BYTES = 512;
/** Looks at the board before a thread lies down: some 30 µs. */
export const SPINS = 20_000;

export interface Team {
  /**
   * Runs a kernel on [0, count).
   *
   * @param grain least length of a chunk worth handing out; chunks are multiples of it
   */
  run(kernel: KernelName, count: number, grain: number, ...rest: readonly number[]): void;
}

/** What a worker is started with. */
export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly board: number;
  /** From 1: 0 is the calling thread. */
  readonly thread: number;
  readonly kernels: readonly string[];
}

/** A team of one: no board. */
export function soloTeam(kernels: Readonly<Record<KernelName, Kernel>>): Team {
  return { run: (kernel, count, _grain, ...rest) => kernels[kernel](0, count, ...rest) };
}

export function sharedTeam(
  kernels: Readonly<Record<KernelName, Kernel>>,
  memory: WebAssembly.Memory,
  board: number,
  threads: number,
): Team {
  const words = new Int32Array(memory.buffer, board, ARGUMENTS_OFFSET / 4);
  const numbers = new Float64Array(memory.buffer, board + ARGUMENTS_OFFSET, 32);
  let call = 0;
  return {
    run(kernel, count, grain, ...rest) {
      const wanted = Math.max(grain, count / Math.min(4 * threads, MOST_CHUNKS));
      const chunk = Math.ceil(wanted / grain) * grain;
      const chunks = Math.ceil(count / chunk);
      if (chunks < 2) {
        kernels[kernel](0, count, ...rest);
        return;
      }
      call++;
      words[BOARD.kernel] = KERNEL_NAMES.indexOf(kernel);
      words[BOARD.count] = count;
      words[BOARD.chunk] = chunk;
      words[BOARD.argumentCount] = rest.length;
      numbers.set(rest);
      Atomics.store(words, BOARD.done, 0);
      Atomics.store(words, BOARD.ticket, (call << (2 * CHUNK_BITS)) | (chunks << CHUNK_BITS));
      Atomics.store(words, BOARD.call, call | 0);
      if (Atomics.load(words, BOARD.sleeping) > 0) Atomics.notify(words, BOARD.call);

      let fault: unknown;
      for (;;) {
        const ticket = Atomics.load(words, BOARD.ticket);
        const front = ticket & MOST_CHUNKS;
        if (front >= ((ticket >> CHUNK_BITS) & MOST_CHUNKS)) break;
        if (Atomics.compareExchange(words, BOARD.ticket, ticket, ticket + 1) !== ticket) continue;
        try {
          kernels[kernel](front * chunk, Math.min(count, (front + 1) * chunk), ...rest);
        } catch (error) {
          // Nobody may still be at work when the caller hears of it.
          fault = error;
        }
        Atomics.add(words, BOARD.done, 1);
      }
      for (let spins = 0; ; spins++) {
        const done = Atomics.load(words, BOARD.done);
        if (done === chunks) break;
        if (spins > SPINS) Atomics.wait(words, BOARD.done, done);
      }
      if (fault !== undefined) throw fault;
      invariant(Atomics.exchange(words, BOARD.failed, 0) === 0, `kernel ${kernel} runs on every thread`);
    },
  };
}

/**
 * The loop of a worker, as text: it has to start from compiled files and from sources alike. Expects `setup`, the board's
 * layout and `ready`, to be called before the first look at the board.
 */
export const WORKER_LOOP: string = `
const { module, memory, board, thread, kernels } = setup;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
exports.setThread(thread);
const words = new Int32Array(memory.buffer, board, ${String(ARGUMENTS_OFFSET / 4)});
const numbers = new Float64Array(memory.buffer, board + ${String(ARGUMENTS_OFFSET)}, 32);
const functions = kernels.map((name) => exports[name]);
ready();
for (;;) {
  const call = Atomics.load(words, ${String(BOARD.call)});
  const ticket = Atomics.load(words, ${String(BOARD.ticket)});
  const back = (ticket >> ${String(CHUNK_BITS)}) & ${String(MOST_CHUNKS)};
  if ((ticket & ${String(MOST_CHUNKS)}) < back) {
    const kernel = functions[words[${String(BOARD.kernel)}]];
    const count = words[${String(BOARD.count)}];
    const chunk = words[${String(BOARD.chunk)}];
    const rest = Array.from(numbers.subarray(0, words[${String(BOARD.argumentCount)}]));
    if (Atomics.compareExchange(words, ${String(BOARD.ticket)}, ticket, ticket - ${String(1 << CHUNK_BITS)}) !== ticket) continue;
    try {
      kernel((back - 1) * chunk, Math.min(count, back * chunk), ...rest);
    } catch {
      Atomics.store(words, ${String(BOARD.failed)}, 1);
    }
    Atomics.add(words, ${String(BOARD.done)}, 1);
    Atomics.notify(words, ${String(BOARD.done)});
    continue;
  }
  let spins = 0;
  while (spins < ${String(SPINS)} && Atomics.load(words, ${String(BOARD.call)}) === call) spins++;
  if (spins < ${String(SPINS)}) continue;
  Atomics.add(words, ${String(BOARD.sleeping)}, 1);
  Atomics.wait(words, ${String(BOARD.call)}, call);
  Atomics.sub(words, ${String(BOARD.sleeping)}, 1);
}
`;
