// The three levels, and functions that change none of them.
export type * from "./network.ts";
export { DEFAULT_DYNAMICS, RESET_MODES } from "./network.ts";
export type * from "./block-graph.ts";
export { COMMON_RESOURCES, demandOf, RESOURCES } from "./block-graph.ts";
export type * from "./deployment.ts";
export { ENCODINGS, storedWords } from "./deployment.ts";
export type * from "./spikes.ts";
export {
  compose,
  expand,
  type ExpandOptions,
  forEachEntry,
  identity,
  isIdentity,
  nonzeroSynapseCount,
  nonzeroWeightCount,
  propagate,
  scaleConnectivity,
  storedWeights,
  synapseCount,
  weightCount,
  withStoredWeights,
} from "./connectivity.ts";
export {
  dropZeros,
  emptySparse,
  filterEntries,
  mergeSparse,
  multiply,
  scaleSparse,
  sparseFromDense,
  sparseFromTriplets,
  transpose,
  type Triplets,
} from "./sparse.ts";
export * from "./summary.ts";
export { blockGraphText, deploymentText, networkText } from "./text.ts";
export {
  type ModelSpec,
  type ParameterRange,
  validateBlockGraph,
  validateDeployment,
  validateNetwork,
  type ValidateNetworkOptions,
} from "./validate.ts";
