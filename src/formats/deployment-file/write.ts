import type { Deployment, NeuronGroup } from "#ir/deployment";
import { sha256, toHex } from "#util/sha256";
import { encodeMessage } from "./encode.ts";
import { FORMAT_VERSIONS, MAGIC, type DeploymentMeta } from "./header.ts";

/** Bytes of a deployment file. Equal arguments give equal bytes. */
export function writeDeploymentFile(deployment: Deployment, meta: DeploymentMeta): Uint8Array {
  const notes = Object.entries(meta.notes ?? {})
    .map(([key, value]) => ({ key, value }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const metaBytes = encodeMessage("Meta", { generator: meta.generator, notes });
  const deploymentBytes = encodeMessage("Deployment", storedForm(deployment));
  return encodeMessage("DeploymentFile", {
    magic: MAGIC,
    formatVersion: FORMAT_VERSIONS[hasReals(deployment) ? 1 : 0],
    metaSha256: sha256(metaBytes),
    deploymentSha256: sha256(deploymentBytes),
    meta: metaBytes,
    deployment: deploymentBytes,
  });
}

/** SHA-256 of a deployment in hexadecimal: that of its file too, whatever the file's `meta` says. */
export function hashOf(deployment: Deployment): string {
  return toHex(sha256(encodeMessage("Deployment", storedForm(deployment))));
}

function hasReals({ cores }: Deployment): boolean {
  return cores.some(({ groups }) => groups.some(({ params }) => params.some(isReal)));
}

/** In files, real parameters have a list of their own. */
function storedForm(deployment: Deployment): object {
  if (!hasReals(deployment)) return deployment;
  const cores = deployment.cores.map((core) => ({ ...core, groups: core.groups.map(storedGroup) }));
  return { ...deployment, cores };
}

function storedGroup({ params, ...group }: NeuronGroup): object {
  return {
    ...group,
    params: params.filter((values) => !isReal(values)),
    realParams: params.filter(isReal),
  };
}

function isReal(values: Int32Array | Float64Array): boolean {
  return values instanceof Float64Array;
}
