import type { IntegerRules } from "#ir/deployment";
import { CLOCKED_WEIGHT_UNIT, STATUS } from "#neurons/clocked";
import { digitalLifModel, initialDigitalState, stepDigitalLif } from "#neurons/digital-lif";
import { initialLoihiState, loihiCubaModel, stepLoihiCuba } from "#neurons/loihi-cuba";
import { stepTruenorthLif, truenorthLifModel } from "#neurons/truenorth-lif";

type Values = Int32Array | Float64Array;

/** The neurons of one population, for one sample. */
export interface ReferenceNeurons {
  /** One array for each of the model's state variables, `[size]`. */
  readonly state: readonly Values[];
  /**
   * One step of the population.
   *
   * @param input  `[size]`, summed stored weights of what arrives
   * @param spikes `[size]`, overwritten
   */
  step(input: Int32Array, spikes: Float64Array): void;
}

/** A chip's neuron as the integer reference runs it: by the plain step of `src/neurons`. */
interface ReferenceModel {
  readonly name: string;
  /** @param params in the order of the model's */
  create(params: readonly Values[], size: number, rules: IntegerRules): ReferenceNeurons;
}

/** To add one: an entry. */
export const REFERENCE_MODELS: readonly ReferenceModel[] = [
  {
    name: loihiCubaModel.name,
    create(params, size, rules) {
      const state = initialLoihiState(params, size);
      return {
        state,
        step(input, spikes) {
          const fired = new Uint8Array(size);
          stepLoihiCuba(state, params, input, fired, rules);
          spikes.set(fired);
        },
      };
    },
  },
  {
    name: digitalLifModel.name,
    create(params, size) {
      const state = initialDigitalState(params, size);
      return {
        state,
        step(input, spikes) {
          stepDigitalLif(state, params, input, spikes);
        },
      };
    },
  },
  {
    name: truenorthLifModel.name,
    create(params, size) {
      const v = Float64Array.from(params[truenorthLifModel.params.findIndex(({ name }) => name === "v0")]);
      return {
        state: [v],
        step(input, spikes) {
          for (let i = 0; i < size; i++) {
            // Whether anything arrived decides what a step costs, not what it computes.
            const status = stepTruenorthLif({ state: [v], params }, i, input[i] * CLOCKED_WEIGHT_UNIT, true);
            spikes[i] = status === STATUS.fired ? 1 : 0;
          }
        },
      };
    },
  },
];
