import { STATUS } from "#neurons/clocked";
import type { NeuronKernel, NeuronStepper } from "../kernels/neuron-kernel.ts";

/** Input neurons that sit on cores: they fire when the host wants it, and are visited like any other. */
export const inputKernel: NeuronKernel = {
  model: "input",
  create(_, size): NeuronStepper {
    const wanted = new Uint8Array(size);
    return {
      reset(): void {
        wanted.fill(0);
      },
      step(_step, _sums, _sumsAt, status, statusAt): void {
        for (let i = 0; i < size; i++) status[statusAt + i] = wanted[i] === 0 ? STATUS.idle : STATUS.fired;
        wanted.fill(0);
      },
      wanted,
    };
  },
};
