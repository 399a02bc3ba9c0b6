import type { IntegerRules } from "#ir/deployment";
import type { WeightQuantization } from "#ir/network";
import { initialLoihiState, loihiInput, stepLoihiCuba } from "#neurons/loihi-cuba";
import { loihiGroupInput, storeLoihiWeight } from "#neurons/loihi-weights";

/** A case of `golden/loihi-int`; its README describes the fields. */
export interface LoihiCase {
  readonly id: string;
  readonly title: string;
  readonly n: number;
  readonly inputs: number;
  readonly steps: number;
  readonly neurons: Readonly<
    Record<"du" | "dv" | "vth_mant" | "bias_mant" | "bias_exp" | "refract_delay" | "u0" | "v0", number[]>
  >;
  readonly nengo_limits?: { readonly vmin: number; readonly vmax: number };
  readonly reset_interval?: number;
  readonly reset_offset?: number;
  readonly synapse_groups: readonly SynapseGroup[];
  readonly input_spikes: readonly (readonly number[])[];
  readonly runs: Readonly<Record<string, LoihiRun>>;
}

export interface SynapseGroup {
  readonly source: "input" | "neurons";
  readonly weight_exp: number;
  readonly sign_mode: WeightQuantization["signMode"];
  /** Source, target, weight mantissa, and delay where there is one. */
  readonly entries: readonly (readonly [number, number, number, number?])[];
}

/** What an implementation computed, or what we do: `[step][neuron]`; spikes: neurons that fired. */
export interface LoihiRun {
  readonly u: readonly (readonly number[])[];
  readonly v: readonly (readonly number[])[];
  readonly spikes: readonly (readonly number[])[];
  readonly q?: readonly (readonly number[])[];
  readonly ref_count?: readonly (readonly number[])[];
  readonly stored_weights?: readonly (readonly (readonly number[])[])[];
}

export const RULES_OF: Readonly<Record<string, IntegerRules>> = { lava: "lava", nengo_loihi: "nengo" };

const LAVA_LIMITS = { vmin: -(2 ** 23 - 1), vmax: 2 ** 23 - 1 };

/** Parameters in the order of `loihiCubaModel.params`. */
export function caseParams({ n, neurons, nengo_limits }: LoihiCase, rules: IntegerRules): Int32Array[] {
  const { vmin } = rules === "nengo" ? (nengo_limits ?? LAVA_LIMITS) : LAVA_LIMITS;
  const { du, dv, vth_mant, bias_mant, bias_exp, refract_delay, u0, v0 } = neurons;
  const vMin = new Array<number>(n).fill(vmin);
  return [du, dv, vth_mant, bias_mant, bias_exp, refract_delay, vMin, u0, v0].map((a) => Int32Array.from(a));
}

/** Steps a case by one rule set, keeping every register. Slow and literal. */
export function runLoihiCase(loihiCase: LoihiCase, rules: IntegerRules): Required<LoihiRun> {
  const { n, steps, synapse_groups, input_spikes } = loihiCase;
  const params = caseParams(loihiCase, rules);
  const state = initialLoihiState(params, n);
  const vMax = rules === "nengo" ? (loihiCase.nengo_limits ?? LAVA_LIMITS).vmax : LAVA_LIMITS.vmax;
  const stored = synapse_groups.map((group) =>
    group.entries.map(([, , mantissa]) =>
      storeLoihiWeight(mantissa, { signMode: group.sign_mode, weightExponent: group.weight_exp }, rules),
    ),
  );
  const run = {
    u: [] as number[][],
    v: [] as number[][],
    spikes: [] as number[][],
    q: [] as number[][],
    ref_count: [] as number[][],
    stored_weights: synapse_groups.map((group, g) =>
      group.entries.map(([source, target], e) => [source, target, 64 * stored[g][e]]),
    ),
  };

  for (let t = 1; t <= steps; t++) {
    const input = new Int32Array(n);
    synapse_groups.forEach((group, g) => {
      const sums = new Float64Array(n);
      group.entries.forEach(([source, target, , delay = 0], e) => {
        const sentAt = t - 1 - delay;
        const sources = group.source === "input" ? input_spikes : run.spikes;
        if (sentAt >= 1 && sources[sentAt - 1].includes(source)) sums[target] += stored[g][e];
      });
      const exponent = rules === "nengo" ? 0 : group.weight_exp;
      for (let i = 0; i < n; i++) input[i] += loihiGroupInput(sums[i], exponent);
    });
    if (
      loihiCase.reset_interval !== undefined &&
      t % loihiCase.reset_interval === (loihiCase.reset_offset ?? 0)
    ) {
      state[0].fill(0);
      state[1].fill(0);
    }
    const fired = new Uint8Array(n);
    stepLoihiCuba(state, params, input, fired, rules, vMax);
    run.u.push([...state[0]]);
    run.v.push([...state[1]]);
    run.ref_count.push([...state[2]]);
    run.spikes.push([...fired].flatMap((f, i) => (f === 1 ? [i] : [])));
    run.q.push([...input].map((sum) => loihiInput(sum, rules)));
  }
  return run;
}
