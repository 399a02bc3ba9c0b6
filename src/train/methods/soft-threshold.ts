import { createOptimizer } from "../optimizer.ts";
import type { StateTree } from "../state.ts";
import { createLiveWeights } from "./live-weights.ts";
import type { MethodContext, MethodRun } from "./method.ts";

/** The final threshold D as a rule of thumb: five times the mean initial weight leaves about an eighth of the weights. */
export const startThreshold = (facts: { meanAbsoluteWeight: number }): number => 5 * facts.meanAbsoluteWeight;

export interface ThresholdSchedule {
  /** Threshold d, in units of the weights, after `done` optimizer steps. Never negative. */
  after(done: number): number;
  /** `done` may be smaller next time. */
  restart(): void;
}

/**
 * The common core of STDS and LATS: behind every weight a signed number θ, `w = sign(θ)·max(|θ| - d, 0)` with one d for the
 * whole network. The gradient of w is taken for that of θ, inside the dead zone too; the optimizer (its weight decay
 * included) works on θ. Then d moves on, and the weights follow. With d = 0 throughout this is dense training, bit by bit.
 *
 * @param inverseInit true: θ starts at sign(w0)·(|w0| + d(0)), so that w starts at w0; false: θ starts at w0
 */
export function createSoftThresholdRun(
  context: MethodContext,
  schedule: ThresholdSchedule,
  inverseInit: boolean,
): MethodRun {
  const { prunable, backend, rateOf } = context;
  let steps = 0;
  let threshold = schedule.after(0);
  let l1 = 0;
  const layers = prunable.map((parameter) => {
    const theta = backend.allocate(parameter.value.length);
    const shift = inverseInit ? threshold : 0;
    for (let i = 0; i < theta.length; i++) {
      const weight = parameter.value[i];
      theta[i] = weight + Math.sign(weight) * shift;
    }
    return { parameter, theta, optimizer: createOptimizer(context.optimizer, backend, theta.length) };
  });
  const show = (): void => {
    for (const { parameter, theta } of layers) backend.softThreshold(theta, threshold, parameter.value);
  };
  show();
  const live = createLiveWeights(prunable);

  return {
    step(n) {
      const rate = rateOf(n);
      for (const { parameter, theta, optimizer } of layers)
        optimizer.step(theta, parameter.gradient, rate, n + 1);
      steps = n + 1;
      const before = threshold;
      threshold = schedule.after(steps);
      l1 = rate === 0 ? 0 : (threshold - before) / rate;
      show();
    },
    facts: () => ({ threshold, l1Coefficient: l1, ...live.changes() }),
    save: () => ({
      steps,
      threshold,
      l1,
      live: live.save(),
      layers: Object.fromEntries(
        layers.map(({ parameter, theta, optimizer }) => [
          parameter.name,
          { theta: theta.slice(), optimizer: optimizer.save() },
        ]),
      ),
    }),
    restore(state) {
      steps = state.steps as number;
      threshold = state.threshold as number;
      l1 = state.l1 as number;
      schedule.restart();
      const saved = state.layers as StateTree;
      for (const { parameter, theta, optimizer } of layers) {
        const own = saved[parameter.name] as StateTree;
        theta.set(own.theta as Float32Array);
        optimizer.restore(own.optimizer as StateTree);
      }
      show();
      live.restore(state.live as StateTree);
    },
  };
}
