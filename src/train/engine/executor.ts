// Runs a planned graph forwards and backwards on a backend.
import type { GraphPlan, LayerOp, PlannedLayer } from "../graph.ts";
import { sizeOf } from "../graph.ts";
import type { Parameters } from "../parameters.ts";
import type { Backend, Floats } from "./backend.ts";
import { LAYER_OPS, type LayerProgram, type OpContext } from "./layer-ops.ts";

export interface ExecutorOptions {
  readonly plan: GraphPlan;
  readonly parameters: Parameters;
  readonly backend: Backend;
  /** Time steps. */
  readonly steps: number;
  /** Largest number of samples in one call. */
  readonly maxBatch: number;
  /** False: no arrays for the backward pass are kept. */
  readonly learns: boolean;
  /** Checks only: neurons emit the surrogate's primitive (reference backend). */
  readonly smooth?: boolean;
}

export interface Executor {
  /** Where the caller puts the data: `[batch, …inputShape]` (static) or `[steps, batch, …inputShape]`. */
  readonly input: Floats;
  /** `[steps, batch, outputs]`; a static output is `[1, batch, outputs]`. */
  readonly output: Floats;
  readonly outputSteps: number;
  /** Where the caller puts dLoss/doutput before `backward`. */
  readonly outputGradient: Floats;
  /** `training`: batch statistics, dropout. `seed` of the dropout masks. */
  forward(batch: number, mode: ForwardMode): void;
  /** Fills `gradient` of every parameter (overwrites). After a training `forward` of the same batch. */
  backward(batch: number): void;
  /** What layer `index` of the plan gave in the last forward: `[steps or 1, batch, …outputShape]`, first part of a larger array. */
  activation(index: number): Floats;
}

export interface ForwardMode {
  readonly training: boolean;
  readonly seed: number;
}

interface BatchProgram {
  readonly forward: readonly LayerProgram[];
  /** Last layer first; fills gradients. */
  readonly backward: readonly (() => void)[];
}

export function createExecutor(options: ExecutorOptions): Executor {
  const { plan, backend, steps, maxBatch, learns } = options;
  const lengthOf = (isStatic: boolean, shape: readonly number[], batch: number): number =>
    (isStatic ? 1 : steps) * batch * sizeOf(shape);
  const roots = plan.layers.map((_, i) => rootOf(plan, i));
  const allocateFor = ({ isStatic, outputShape }: PlannedLayer, i: number, all: Floats[]): Floats =>
    roots[i] < i
      ? roots[i] < 0
        ? input
        : all[roots[i]]
      : backend.allocate(lengthOf(isStatic, outputShape, maxBatch));
  const input = backend.allocate(lengthOf(plan.staticInput, plan.graph.inputShape, maxBatch));
  const outputs: Floats[] = [];
  plan.layers.forEach((planned, i) => outputs.push(allocateFor(planned, i, outputs)));
  const gradients: Floats[] = [];
  if (learns) plan.layers.forEach((planned, i) => gradients.push(allocateFor(planned, i, gradients)));
  const learnsBefore = layersWithParametersBefore(plan, options.parameters);

  const kept = new Map<string, Floats>();
  const keep = (name: string, length: number, most: number): Floats => {
    let array = kept.get(name);
    if (array === undefined) kept.set(name, (array = backend.allocate(most)));
    return array.subarray(0, length);
  };

  const programs = new Map<number, BatchProgram>();
  const programFor = (batch: number): BatchProgram => {
    let program = programs.get(batch);
    if (program === undefined) programs.set(batch, (program = build(batch)));
    return program;
  };

  function build(batch: number): BatchProgram {
    const outputOf = (i: number): Floats => {
      if (i < 0) return input.subarray(0, lengthOf(plan.staticInput, plan.graph.inputShape, batch));
      const { isStatic, outputShape } = plan.layers[i];
      return outputs[i].subarray(0, lengthOf(isStatic, outputShape, batch));
    };
    const gradientOf = (i: number): Floats => gradients[i].subarray(0, outputOf(i).length);
    const scaled = (length: number): number => Math.ceil(length / batch) * maxBatch;
    const written = new Set<number>([roots[plan.output]]);
    const forward: LayerProgram[] = [];
    const backward: (() => void)[] = [];
    for (let i = plan.layers.length - 1; i >= 0; i--) {
      const planned = plan.layers[i];
      const additions: (() => void)[] = [];
      const dx = planned.inputs.map((from, position) => {
        if (!learns || from < 0 || !learnsBefore[from] || planned.layer.op === "flatten") return undefined;
        const gradient = gradientOf(from);
        if (!written.has(roots[from])) {
          written.add(roots[from]);
          return gradient;
        }
        const part = keep(
          `sum${position}:${gradient.length / batch}`,
          gradient.length,
          scaled(gradient.length),
        );
        additions.push(() => backend.add(part, gradient));
        return part;
      });
      const context = {
        op: planned.layer,
        planned,
        index: i,
        backend,
        parameters: options.parameters,
        steps,
        batch,
        images: (planned.isStatic ? 1 : steps) * batch,
        x: planned.inputs.map(outputOf),
        staticX: planned.inputs.map((from) => (from < 0 ? plan.staticInput : plan.layers[from].isStatic)),
        y: outputOf(i),
        dy: learns ? gradientOf(i) : outputOf(i),
        dx,
        smooth: options.smooth ?? false,
        keep: (name: string, length: number) => keep(`${i}:${name}`, length, scaled(length)),
      };
      const builder = LAYER_OPS[planned.layer.op] as (context: OpContext<LayerOp["op"]>) => LayerProgram;
      const program = builder(context as OpContext<LayerOp["op"]>);
      forward.unshift(program);
      if (!learns) continue;
      const root = roots[i];
      if (!written.has(root) && root >= 0) {
        written.add(root);
        backward.push(() => gradientOf(i).fill(0));
      }
      backward.push(() => program.backward(), ...additions);
    }
    return { forward, backward };
  }

  const last = plan.layers[plan.output];
  return {
    input,
    output: outputs[plan.output],
    outputSteps: last.isStatic ? 1 : steps,
    outputGradient: learns ? gradients[plan.output] : outputs[plan.output],
    forward: (batch, mode) => {
      for (const program of programFor(batch).forward) program.forward(mode);
    },
    backward: (batch) => {
      for (const work of programFor(batch).backward) work();
    },
    activation: (index) => outputs[index],
  };
}

/** The layer whose array this one shares: flatten changes nothing but the shape. -1: the data. */
function rootOf(plan: GraphPlan, index: number): number {
  let root = index;
  while (root >= 0 && plan.layers[root].layer.op === "flatten") root = plan.layers[root].inputs[0];
  return root;
}

/** For every layer whether it, or anything it reads, has something to learn. */
function layersWithParametersBefore(plan: GraphPlan, parameters: Parameters): readonly boolean[] {
  const owners = new Set(parameters.list.map((p) => p.layer));
  const result: boolean[] = [];
  for (const { layer, inputs } of plan.layers)
    result.push(owners.has(layer.name) || inputs.some((from) => from >= 0 && result[from]));
  return result;
}
