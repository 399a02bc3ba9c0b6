// Inner loops of the simulator: the compiled kernels and their plain twins, on one core of 1,024 neurons.
import { CORE, FORM, LIST_WORDS } from "#simulator/kernels/tables";
import { createMachine } from "#simulator/machine";
import { measure, report } from "#test/bench";
import { randomNetwork } from "./networks.ts";

const NEURONS = 1024;

/** ns for each synaptic event of a step in which a tenth of the neurons send a message. */
function deliveryNs(targets: number, kernels: "compiled" | "plain"): number {
  const { deployment } = randomNetwork(NEURONS, targets, 0.1, 1);
  const machine = createMachine(deployment, { kernels });
  const { memory } = machine;
  const messages = Math.floor(NEURONS / 10);
  const us = measure(() => {
    for (let q = 0; q < messages; q++) memory.fired[q] = q * 10;
    memory.firedEnd[0] = messages;
    machine.kernels.send(0);
    machine.kernels.deliver(0);
  }).medianUs;
  return (1000 * us) / (messages * targets);
}

/** ns for each neuron of a step without messages. */
function neuronNs(rate: number, kernels: "compiled" | "plain", smallSums: boolean): number {
  const { deployment } = randomNetwork(NEURONS, 1, rate, 1);
  const machine = createMachine(deployment, { kernels });
  machine.memory.cores[CORE.smallSums] = smallSums ? 1 : 0;
  let step = 0;
  const us = measure(() => {
    machine.kernels.begin(step);
    machine.kernels.stepGroup(0, step++);
    machine.memory.logLength[0] = 0;
  }).medianUs;
  return (1000 * us) / NEURONS;
}

const formOf = (targets: number): string => {
  const { memory } = createMachine(randomNetwork(NEURONS, targets, 0.1, 1).deployment);
  const form = memory.lists[4 * LIST_WORDS * (memory.routeAt[0] >>> 1)];
  return Object.entries(FORM).find(([, code]) => code === form)![0];
};

for (const targets of [32, 205, 400, 1024])
  report({
    name: `deliver, ${targets} of ${NEURONS} targets (${formOf(targets)})`,
    unit: "ns/event",
    results: { compiled: deliveryNs(targets, "compiled"), plain: deliveryNs(targets, "plain") },
  });
for (const rate of [0.01, 0.1])
  report({
    name: `neuron step, no leak, ${100 * rate}% fire`,
    unit: "ns/neuron",
    results: {
      compiled: neuronNs(rate, "compiled", true),
      "compiled, sums unknown": neuronNs(rate, "compiled", false),
      plain: neuronNs(rate, "plain", true),
    },
  });
