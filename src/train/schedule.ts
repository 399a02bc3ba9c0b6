import type { ScheduleSpec } from "./options.ts";

/** The learning rate of step n, from 0. Warm-up rises in equal steps to the full rate at its last step. */
export function learningRate(
  spec: ScheduleSpec,
  epochs: number,
  stepsPerEpoch: number,
): (n: number) => number {
  const warmup = spec.warmupEpochs * stepsPerEpoch;
  const steps = epochs * stepsPerEpoch;
  return (n) => {
    if (n < warmup) return (spec.rate * (n + 1)) / warmup;
    const epoch = Math.floor(n / stepsPerEpoch);
    switch (spec.name) {
      case "constant":
        return spec.rate;
      case "step":
        return spec.rate * spec.factor ** Math.floor(epoch / spec.everyEpochs);
      case "cosine": {
        const done = spec.per === "step" ? n - warmup : epoch - spec.warmupEpochs;
        const all = spec.per === "step" ? steps - warmup : epochs - spec.warmupEpochs;
        return (spec.rate * (1 + Math.cos((Math.PI * done) / all))) / 2;
      }
    }
  };
}
