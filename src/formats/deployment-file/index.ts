export { isDeploymentFile, type DeploymentMeta } from "./header.ts";
export { readDeploymentFile, type DeploymentFile } from "./read.ts";
export { hashOf, writeDeploymentFile } from "./write.ts";
