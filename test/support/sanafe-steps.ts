// Every step of a golden case, neuron by neuron, for tests of timing models: no machine, no packing.
import type { CoreProgram, Deployment } from "#ir/deployment";
import { FIRED } from "#simulator/activity";
import { NEURON_KERNELS } from "#simulator/neuron-models/index";
import type { GoldenSetup } from "./sanafe-golden.ts";
import type { NeuronSpec, RouteSpec, StepSpec } from "./step-activity.ts";

export function stepsOfGolden({ deployment, inputs }: GoldenSetup, timesteps: number): StepSpec[] {
  const { cores, populations } = deployment;
  const depth = 1 + cores.reduce((most, core) => core.delaySteps.reduce((a, b) => Math.max(a, b), most), 0);
  const states = new Map(
    cores.map((program) => [
      program.core,
      {
        program,
        status: new Uint8Array(program.neurons),
        /** Doubled, plus 1 if anything came; by step modulo depth. */
        sums: Array.from({ length: depth }, () => new Int32Array(program.neurons)),
        groups: program.groups.map((group) => {
          const kernel = NEURON_KERNELS.find(({ model }) => model === group.model)!;
          const stepper = kernel.create(group.params, group.end - group.begin);
          stepper.reset();
          return { ...group, stepper };
        }),
      },
    ]),
  );

  return Array.from({ length: timesteps }, (_, step): StepSpec => {
    for (const { program, status, sums, groups } of states.values())
      for (const { population, begin, end, stepper } of groups) {
        const { name, core, compartment } = populations[population];
        for (const i of inputsAt(inputs[name]?.samples[0], step))
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
      cores: [...states.values()].map(({ program, status }) => ({
        id: program.core,
        neurons: Array.from(status, (state, n): NeuronSpec => ({
          status: state as NeuronSpec["status"],
          isInput: isInput(program, deployment, n),
          routes: routesOf(program, deployment, n),
        })),
      })),
    };
  });
}

function inputsAt(events: { step: Uint32Array; index: Uint32Array } | undefined, step: number): number[] {
  return events === undefined ? [] : [...events.index].filter((_, e) => events.step[e] === step);
}

function isInput({ groups }: CoreProgram, { populations }: Deployment, neuron: number): boolean {
  const { population } = groups.find(({ begin, end }) => begin <= neuron && neuron < end)!;
  return populations[population].name === "input";
}

function routesOf(program: CoreProgram, { cores }: Deployment, neuron: number): RouteSpec[] {
  const routes: RouteSpec[] = [];
  for (let r = program.routeStart[neuron]; r < program.routeStart[neuron + 1]; r++) {
    const to = program.routeCore[r];
    const axon = program.routeAxon[r];
    const { axonStart } = cores.find(({ core }) => core === to)!;
    routes.push({ to, sparse: axonStart[axon + 1] - axonStart[axon] });
  }
  return routes;
}
