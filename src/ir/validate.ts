// One validator per level, trusting nobody. Each reports everything it finds to a sink; codes are `ir/...`.
export { validateBlockGraph } from "./validate-block-graph.ts";
export { validateDeployment } from "./validate-deployment.ts";
export {
  type ModelSpec,
  type ParameterRange,
  validateNetwork,
  type ValidateNetworkOptions,
} from "./validate-network.ts";
