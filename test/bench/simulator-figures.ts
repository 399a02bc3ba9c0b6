// What is measured of one network.
import type { Deployment } from "#ir/deployment";
import { createMachine } from "#simulator/machine";
import { ACTIONS, type Action, type RunResult } from "#simulator/result";
import { simulate, type SimulateOptions } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import { cpuMs } from "#test/bench";
import { loadavg } from "node:os";
import type { BenchNetwork } from "./networks.ts";
import { C_LAYOUTS, CLoop, type CLayout } from "./simulator-c.ts";

/** Timed rounds, after one to warm up; in each, all programs but the plain kernels run one after the other. */
const ROUNDS = 5;
/** For compiled kernels, before: the engine compiles in threads of its own, and their time would count too. */
const WARM_UP_MS = 300;

export interface Figures {
  readonly name: string;
  readonly neurons: number;
  readonly synapses: number;
  readonly steps: number;
  readonly spikes: number;
  readonly events: number;
  /** From cores and host, received. */
  readonly messages: number;
  /** Medians, CPU time. Runs of `simulate` are without the building of the machine, the C loop without its reading. */
  readonly compiledMs: number;
  readonly plainMs: number;
  /** Absent without a C compiler, or where the C loop has no such neurons. */
  readonly cMs?: Readonly<Record<CLayout, number>>;
  /** Compiled kernels, timing model `detailed`. */
  readonly detailedMs: number;
  /** `createMachine`. */
  readonly loadMs: number;
  readonly deploymentBytes: number;
  readonly machineBytes: number;
  /** Slowest round over fastest, of the compiled runs: how noisy the machine was. */
  readonly spread: number;
  /** Of one minute, afterwards. */
  readonly load: number;
}

/**
 * Runs a network in all programs, interleaved.
 *
 * @param program the C loop, if there is one
 * @throws Error if programs differ in the spikes of a neuron or in the number of synaptic events
 */
export async function measureNetwork(
  network: BenchNetwork,
  program: string | undefined,
  folder: string,
): Promise<Figures> {
  const { deployment, name, steps } = network;
  const loop = program === undefined || leaks(deployment) ? undefined : new CLoop(program, network, folder);
  const times = {
    compiled: [] as number[],
    plain: [] as number[],
    detailed: [] as number[],
    load: [] as number[],
    i8_u16: [] as number[],
    pack32: [] as number[],
  };
  let facts: Counted | undefined;
  const agree = (who: string, did: Counted): void => {
    facts ??= did;
    compare(`${who} on ${name}`, did, facts);
  };
  const once = (kind: keyof typeof RUNS): number => {
    const { run, ms } = timedRun(network, RUNS[kind]);
    agree(kind, countedOf(deployment, run));
    times[kind].push(ms);
    return ms;
  };
  // Not between runs: it would take compiled functions along.
  globalThis.gc?.();
  for (const kind of ["compiled", "detailed"] as const) {
    let warmMs = 0;
    while (warmMs < WARM_UP_MS) warmMs += Math.max(1, once(kind));
    times[kind].length = 0;
  }
  for (let round = 0; round <= ROUNDS; round++) {
    if (loop !== undefined)
      for (const layout of Object.keys(C_LAYOUTS) as CLayout[]) {
        const { cpuMs: ms, events, spikesOf } = await loop.run(layout);
        agree(`C ${layout}`, { events, spikesOf });
        times[layout].push(ms);
      }
    once("compiled");
    once("detailed");
    times.load.push(cpuMs(() => createMachine(deployment)));
  }
  // Apart: the engine makes slower code for what it has seen with both kinds of kernels.
  for (let round = 0; round <= ROUNDS; round++) once("plain");
  loop?.close();

  const { run } = timedRun(network, {});
  const { compiled, i8_u16, pack32 } = times;
  const timed = compiled.slice(1);
  return {
    name,
    neurons: deployment.cores.reduce((sum, core) => sum + core.neurons, 0),
    synapses: deployment.cores.reduce((sum, { target }) => sum + target.length, 0),
    steps,
    spikes: counted(run, "spikeOut"),
    events: counted(run, "synapseSparse"),
    messages: counted(run, "messageIn"),
    compiledMs: median(compiled),
    plainMs: median(times.plain),
    ...(loop === undefined ? {} : { cMs: { i8_u16: median(i8_u16), pack32: median(pack32) } }),
    detailedMs: median(times.detailed),
    loadMs: median(times.load),
    deploymentBytes: bytesOf(deployment),
    machineBytes: createMachine(deployment).bytes,
    spread: Math.max(...timed) / Math.min(...timed),
    load: loadavg()[0],
  };
}

const RUNS: Readonly<Record<"compiled" | "plain" | "detailed", SimulateOptions>> = {
  compiled: { kernels: "compiled" },
  plain: { kernels: "plain" },
  detailed: { kernels: "compiled", timing: "detailed" },
};

/** The run from when its machine is built; spikes of the output are recorded, and `simple` times the steps unless told else. */
function timedRun(
  { deployment, inputs, steps }: BenchNetwork,
  options: SimulateOptions,
): { run: RunResult; ms: number } {
  let begin: NodeJS.CpuUsage | undefined;
  const started = (): void => {
    begin ??= process.cpuUsage();
  };
  const run = simulate(deployment, loihi1, loihi1.profiles[0], inputs, { steps, ...options }, started);
  const { user, system } = process.cpuUsage(begin);
  if (run.stepNs.some(Number.isNaN)) throw new Error("The benchmark's profile does not time every step.");
  return { run, ms: (user + system) / 1000 };
}

/** Without the first, which warms up. */
function median(ms: readonly number[]): number {
  const sorted = ms.slice(1).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** What every program must have done. */
interface Counted {
  readonly events: number;
  /** `[neurons]`, in the order of the cores. */
  readonly spikesOf: ArrayLike<number>;
}

function countedOf({ cores, populations }: Deployment, run: RunResult): Counted {
  const begin = new Map<number, number>();
  let neurons = 0;
  for (const core of cores) {
    begin.set(core.core, neurons);
    neurons += core.neurons;
  }
  const spikesOf = new Float64Array(neurons);
  populations.forEach(({ core, compartment }, p) => {
    core.forEach((id, i) => (spikesOf[begin.get(id)! + compartment[i]] = run.spikesOf![p][i]));
  });
  return { events: counted(run, "synapseSparse"), spikesOf };
}

function compare(who: string, did: Counted, first: Counted): void {
  if (did.events !== first.events)
    throw new Error(`${who}: ${did.events} synaptic events, others have ${first.events}.`);
  for (let n = 0; n < first.spikesOf.length; n++)
    if (did.spikesOf[n] !== first.spikesOf[n])
      throw new Error(`${who}: neuron ${n} fired ${did.spikesOf[n]} times, in others ${first.spikesOf[n]}.`);
}

function counted(run: RunResult, action: Action): number {
  let total = 0;
  for (let i = ACTIONS.indexOf(action); i < run.counts.length; i += ACTIONS.length) total += run.counts[i];
  return total;
}

/** All typed arrays of the cores, whatever they hold. */
function bytesOf({ cores }: Deployment): number {
  return cores
    .flatMap((core) => Object.values(core) as unknown[])
    .reduce<number>((sum, part) => sum + (ArrayBuffer.isView(part) ? part.byteLength : 0), 0);
}

function leaks({ cores }: Deployment): boolean {
  return cores.some(({ groups }) => groups.some(({ params }) => params[1].some((vDecay) => vDecay !== 0)));
}
