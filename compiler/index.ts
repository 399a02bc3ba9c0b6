export { compile, type CompileOptions, type CompileResult } from "./compile.ts";
export { PARTITIONERS } from "./partition/index.ts";
export type { Partitioner, PartitionContext } from "./partition/partitioner.ts";
export { PLACERS } from "./place/index.ts";
export { placementCost, type Placer } from "./place/placer.ts";
export { ROUTERS } from "./route/index.ts";
export type { Router } from "./route/router.ts";
export { verify, type VerifyReport } from "./verify.ts";
export type { PopulationUse, ResourceUse, Utilization } from "./utilization.ts";
