import { CLOCKED_WEIGHT_UNIT, type ClockedNeurons, type NeuronStatus } from "#neurons/clocked";
import type { NeuronModel } from "#neurons/neuron";
import type { NeuronKernel, NeuronStepper } from "../kernels/neuron-kernel.ts";

/** One step of neuron i; see `stepSanafeLif`. */
type StepNeuron = (
  neurons: ClockedNeurons,
  i: number,
  input: number,
  arrived: boolean,
  isFirst: boolean,
) => NeuronStatus;

/** The kernel of a model that visits every neuron in every step. */
export function clockedKernel(model: NeuronModel, stepNeuron: StepNeuron): NeuronKernel {
  const places = Object.fromEntries(model.state.map((name, place) => [name, place]));
  const initial = model.params.findIndex(({ name }) => name === "v0");
  return {
    model: model.name,
    create(params, size): NeuronStepper {
      const state = model.state.map(() => new Float64Array(size));
      const neurons = { state, params };
      const v = state[places["v"]];
      const u = state[places["u"]] as Float64Array | undefined;
      const reset = (): void => {
        for (const values of state) values.fill(0);
        v.set(params[initial]);
      };
      reset();
      return {
        reset,
        step(step, sums, sumsAt, status, statusAt): void {
          for (let i = 0; i < size; i++) {
            const sum = sums[sumsAt + i];
            const input = (sum >> 1) * CLOCKED_WEIGHT_UNIT;
            status[statusAt + i] = stepNeuron(neurons, i, input, sum !== 0, step === 0);
          }
        },
        ...(u === undefined ? {} : { u }),
        v,
      };
    },
  };
}
