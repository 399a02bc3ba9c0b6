import type { Deployment, NeuronGroup } from "#ir/deployment";
import { LOIHI_INPUT_SHIFT, loihiCubaModel } from "#neurons/loihi-cuba";
import { GROUP, GROUP_FLAG } from "./kernels/tables.ts";
import type { MachineGroup } from "./machine.ts";
import type { MachineMemory } from "./memory.ts";

/** Kernels read four neurons' values at a time. */
const VECTOR = 4;

const COLUMNS = [
  GROUP.bias,
  GROUP.uKeep,
  GROUP.vKeep,
  GROUP.threshold,
  GROUP.vMin,
  GROUP.refractory,
] as const;

/** Entries of `params` that a group takes: a parameter that all neurons share is stored once (for each lane). */
export function paramsSize(group: NeuronGroup, isDriven: boolean): number {
  if (group.model !== loihiCubaModel.name) return 0;
  return kernelParams(group).reduce(
    (sum, values, p) => sum + (isShared(values) && !(p === 0 && isDriven) ? VECTOR : values.length),
    0,
  );
}

/**
 * Writes the kernels' table of groups, their parameters and first state.
 *
 * @param driven populations whose biases the host writes
 */
export function fillGroups(
  memory: MachineMemory,
  deployment: Deployment,
  groups: readonly MachineGroup[],
  driven: ReadonlySet<number>,
): void {
  const programs = deployment.cores.flatMap((program) => program.groups);
  let next = 0;
  programs.forEach((group, g) => {
    const { begin, end, row, startStep, population } = groups[g];
    const table = memory.groups.subarray(g * GROUP.count, (g + 1) * GROUP.count);
    table[GROUP.begin] = begin;
    table[GROUP.end] = end;
    table[GROUP.row] = row;
    table[GROUP.startStep] = startStep;
    const { periodicReset } = deployment.populations[population];
    if (periodicReset !== undefined) {
      table[GROUP.resetInterval] = periodicReset.intervalSteps;
      table[GROUP.resetOffset] = periodicReset.offsetSteps;
    }
    if (group.model !== loihiCubaModel.name) {
      table[GROUP.flags] = GROUP_FLAG.foreign;
      return;
    }
    const isDriven = driven.has(population);
    const params = kernelParams(group);
    params.forEach((values, p) => {
      const shared = isShared(values) && !(p === 0 && isDriven);
      table[COLUMNS[p]] = next;
      table[COLUMNS[p] + 1] = shared ? 0 : 1;
      if (shared) memory.params.fill(values[0], next, next + VECTOR);
      else memory.params.set(values, next);
      next += shared ? VECTOR : values.length;
    });
    table[GROUP.flags] = flagsOf(params, isDriven);
    const [u0, v0] = group.params.slice(-2);
    memory.u0.set(u0, begin);
    memory.v0.set(v0, begin);
  });
}

/** Parameters as the kernels want them, in the order of `COLUMNS`. */
function kernelParams({ params }: NeuronGroup): Int32Array[] {
  const [uDecay, vDecay, mantissa, biasMantissa, biasExponent, refractory, vMin] = params;
  const size = uDecay.length;
  const each = (value: (i: number) => number): Int32Array => {
    const values = new Int32Array(size);
    for (let i = 0; i < size; i++) values[i] = value(i);
    return values;
  };
  return [
    each((i) => Math.floor(biasMantissa[i] * 2 ** biasExponent[i])),
    each((i) => 4096 - (uDecay[i] + 1)),
    each((i) => 4096 - vDecay[i]),
    each((i) => mantissa[i] * 2 ** LOIHI_INPUT_SHIFT),
    each((i) => vMin[i]),
    each((i) => refractory[i]),
  ];
}

function isShared(values: Int32Array): boolean {
  return values.every((value) => value === values[0]);
}

function flagsOf([bias, uKeep, vKeep, , , refractory]: readonly Int32Array[], isDriven: boolean): number {
  let flags = 0;
  if (uKeep.every((keep) => keep === 0)) flags |= GROUP_FLAG.noCurrentMemory;
  if (vKeep.every((keep) => keep === 4096)) flags |= GROUP_FLAG.noLeak;
  if (!isDriven && bias.every((value) => value !== 0)) flags |= GROUP_FLAG.alwaysUpdated;
  if (refractory.some((steps) => steps > 1)) flags |= GROUP_FLAG.waits;
  return flags;
}
