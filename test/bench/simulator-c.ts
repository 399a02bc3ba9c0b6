// The C loop beside the simulator: compiled here if there is a compiler, and fed with the network of a deployment.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CoreProgram, InputPort } from "#ir/deployment";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { ROOT } from "#test/shared";
import type { BenchNetwork } from "./networks.ts";

/** How the C loop stores synapses. */
export const C_LAYOUTS = { i8_u16: "a", pack32: "b" } as const;
export type CLayout = keyof typeof C_LAYOUTS;

const OPTIONS = ["-O3", "-march=native", "-std=gnu11"];

/** @returns the program, in `folder`; undefined without a compiler */
export function compileLoop(folder: string): string | undefined {
  const program = join(folder, "event-loop");
  for (const compiler of ["cc", "gcc"]) {
    const source = join(ROOT, "test/bench/c/event-loop.c");
    const { status, error, stderr } = spawnSync(compiler, [...OPTIONS, source, "-o", program], {
      encoding: "utf8",
    });
    if (error !== undefined) continue;
    if (status !== 0) throw new Error(`${compiler} does not compile the loop:\n${stderr}`);
    return program;
  }
  return undefined;
}

export interface LoopRun {
  readonly cpuMs: number;
  readonly events: number;
  /** `[neurons]`, in the order of the cores. */
  readonly spikesOf: readonly number[];
}

/** A process that holds one network and runs it on demand. */
export class CLoop {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor(program: string, network: BenchNetwork, folder: string) {
    const file = join(folder, "network.bin");
    writeNetwork(network, file);
    this.#child = spawn(program, [file]);
    this.#child.stderr.pipe(process.stderr);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async run(layout: CLayout): Promise<LoopRun> {
    this.#child.stdin.write(`${C_LAYOUTS[layout]}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("The C loop has ended.");
    const [ns, events, ...spikesOf] = value.split(" ").map(Number);
    return { cpuMs: ns / 1e6, events, spikesOf };
  }

  close(): void {
    this.#child.stdin.end();
  }
}

type Routes = Pick<CoreProgram | InputPort, "routeStart" | "routeCore" | "routeAxon">;

/**
 * Writes a network as the C loop reads it, in 32-bit words: neurons, input lines, steps, synapses, events of the host,
 * bias, threshold, lower clamp; first synapse of each neuron and line; synapses (target, weight x 65536); first event of
 * each step; their lines; first state of each neuron.
 */
function writeNetwork({ deployment, inputs, steps }: BenchNetwork, path: string): void {
  const { cores } = deployment;
  const rowOf = new Map(cores.map(({ core }, row) => [core, row]));
  const neuronBegin = [0];
  for (const { neurons } of cores) neuronBegin.push(neuronBegin[neuronBegin.length - 1] + neurons);
  const neurons = neuronBegin[cores.length];
  const hosts = deployment.inputs;
  const lines = hosts.reduce((sum, { routeStart }) => sum + routeStart.length - 1, 0);
  const synapses = cores.reduce((sum, { target }) => sum + target.length, 0);
  const { bias, threshold, vMin, v0 } = neuronsOf(cores);
  if (hosts.length > 1) throw new Error("The C loop has one input at most.");
  const events = hosts.length === 0 ? { step: [], index: [] } : inputs[hosts[0].name].samples[0];

  const rowStart = new Uint32Array(neurons + lines + 1);
  const words = new Uint32Array(synapses);
  let row = 0;
  let at = 0;
  for (const { routeStart, routeCore, routeAxon } of [...cores, ...hosts] as Routes[])
    for (let n = 0; n + 1 < routeStart.length; n++) {
      for (let r = routeStart[n]; r < routeStart[n + 1]; r++) {
        const to = rowOf.get(routeCore[r])!;
        const { axonStart, target, weight } = cores[to];
        for (let i = axonStart[routeAxon[r]]; i < axonStart[routeAxon[r] + 1]; i++)
          words[at++] = (neuronBegin[to] + target[i]) | (weight[i] << 16);
      }
      rowStart[++row] = at;
    }
  if (at !== synapses) throw new Error("The C loop takes synapse lists with one sender each.");

  const hostStart = new Uint32Array(steps + 1);
  for (const step of events.step) if (step < steps) hostStart[step + 1]++;
  for (let step = 0; step < steps; step++) hostStart[step + 1] += hostStart[step];

  const file = openSync(path, "w");
  const head = [neurons, lines, steps, synapses, hostStart[steps], bias, threshold, vMin];
  const parts = [
    Int32Array.from(head),
    rowStart,
    words,
    hostStart,
    Uint32Array.from(events.index).subarray(0, hostStart[steps]),
    v0,
  ];
  for (const part of parts) {
    const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  }
  closeSync(file);
}

/** Registers that all neurons share, in the machine's units, and their first membranes. */
function neuronsOf(cores: readonly CoreProgram[]): {
  readonly bias: number;
  readonly threshold: number;
  readonly vMin: number;
  readonly v0: Int32Array;
} {
  const values = new Map(loihiCubaModel.params.map(({ name }, p) => [name, everyone(cores, p)]));
  const shared = (name: string): number => {
    const of = values.get(name)!;
    const [first] = of;
    if (of.some((value) => value !== first)) throw new Error(`The C loop takes one ${name} for all neurons.`);
    return first;
  };
  if (shared("uDecay") !== 4095 || shared("vDecay") !== 0 || shared("biasExponent") !== 0)
    throw new Error("The C loop has neither leak nor currents that last.");
  return {
    bias: shared("biasMantissa"),
    threshold: 64 * shared("thresholdMantissa"),
    vMin: shared("vMin"),
    v0: Int32Array.from(values.get("v0")!),
  };
}

function everyone(cores: readonly CoreProgram[], param: number): number[] {
  return cores.flatMap(({ groups }) => groups.flatMap(({ params }) => Array.from(params[param])));
}
