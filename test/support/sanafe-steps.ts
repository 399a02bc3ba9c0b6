// Every step of a golden case, neuron by neuron, for tests of timing models: no machine, no packing.
import type { CoreProgram, Deployment } from "#ir/deployment";
import { FIRED } from "#simulator/activity";
import { NEURON_KERNELS } from "#simulator/neuron-models/index";
import type { GoldenSetup } from "./sanafe-golden.ts";
import type { NeuronSpec, RouteSpec, StepSpec } from "./step-activity.ts";

export function stepsOfGolden({ deployment, inputs }: GoldenSetup, timesteps: number): StepSpec[] {
  const { cores, populations } = deployment;
  const depth = 1 + cores.reduce((most, core) => core.delaySteps.reduce((a, b) => Math.max(a, b), most), 0);
  const programs = new Map(cores.map((program) => [program.core, program]));
  const states = new Map(
    cores.map((program) => [
      program.core,
      {
        program,
        neurons: Array.from({ length: program.neurons }, (_, n) => ({
          isInput: isInput(program, deployment, n),
          routes: routesOf(program, programs, n),
        })),
        status: new Uint8Array(program.neurons),
        /** Doubled, plus 1 if anything came; by step modulo depth. */
        sums: Array.from({ length: depth }, () => new Int32Array(program.neurons)),
        groups: program.groups.map((group) => {
          const kernel = NEURON_KERNELS.find(({ model }) => model === group.model)!;
          const stepper = kernel.create(group.params, group.end - group.begin, () => undefined);
          stepper.reset();
          return { ...group, stepper };
        }),
      },
    ]),
  );

  const wanted = populations.map(({ name }) => eventsOf(inputs[name]?.samples[0], timesteps));
  return Array.from({ length: timesteps }, (_, step): StepSpec => {
    for (const { program, status, sums, groups } of states.values())
      for (const { population, begin, end, stepper } of groups) {
        const { core, compartment } = populations[population];
        for (const i of wanted[population][step])
          if (core[i] === program.core) stepper.wanted![compartment[i] - begin] = 1;
        stepper.step(step, sums[step % depth], begin, status, begin);
        sums[step % depth].fill(0, begin, end);
      }
    for (const { program, status } of states.values())
      status.forEach((state, n) => {
        if (state !== FIRED) return;
        for (let r = program.routeStart[n]; r < program.routeStart[n + 1]; r++) {
          const to = states.get(program.routeCore[r])!;
          const { axonStart, target, delaySteps, weight } = to.program;
          for (let i = axonStart[program.routeAxon[r]]; i < axonStart[program.routeAxon[r] + 1]; i++) {
            const sums = to.sums[(step + delaySteps[i]) % depth];
            sums[target[i]] = (sums[target[i]] + 2 * weight[i]) | 1;
          }
        }
      });
    return {
      cores: [...states.values()].map(({ program, neurons, status }) => ({
        id: program.core,
        neurons: neurons.map((neuron, n) => ({ ...neuron, status: status[n] as NeuronSpec["status"] })),
      })),
    };
  });
}

/** Indices by step. */
function eventsOf(
  events: { readonly step: Uint32Array; readonly index: Uint32Array } | undefined,
  timesteps: number,
): number[][] {
  const byStep = Array.from({ length: timesteps }, (): number[] => []);
  events?.step.forEach((step, e) => byStep[step].push(events.index[e]));
  return byStep;
}

function isInput({ groups }: CoreProgram, { populations }: Deployment, neuron: number): boolean {
  const { population } = groups.find(({ begin, end }) => begin <= neuron && neuron < end)!;
  return populations[population].name === "input";
}

function routesOf(
  program: CoreProgram,
  programs: ReadonlyMap<number, CoreProgram>,
  neuron: number,
): RouteSpec[] {
  const routes: RouteSpec[] = [];
  for (let r = program.routeStart[neuron]; r < program.routeStart[neuron + 1]; r++) {
    const to = program.routeCore[r];
    const axon = program.routeAxon[r];
    const { axonStart } = programs.get(to)!;
    routes.push({ to, sparse: axonStart[axon + 1] - axonStart[axon] });
  }
  return routes;
}
