export * from "./result.ts";
export {
  simulate,
  pipelineSteps,
  prepareSimulation,
  type PrepareOptions,
  type SimulateOptions,
  type Simulation,
  type SimulationRunOptions,
} from "./simulate.ts";
export * from "./reference.ts";
export * from "./energy.ts";
export { TIMING_MODELS } from "./timing/index.ts";
export type { StepTime, StepTimer, TimingModel } from "./timing/timing.ts";
export { createNeuroBenchCounter, type NeuroBenchColumns, type NeuroBenchCounter } from "./neurobench.ts";
