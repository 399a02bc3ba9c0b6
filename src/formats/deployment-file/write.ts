import type { Deployment } from "#ir/deployment";
import { sha256, toHex } from "#util/sha256";
import { encodeMessage } from "./encode.ts";
import { FORMAT_VERSION, MAGIC, type DeploymentMeta } from "./header.ts";

/** Bytes of a deployment file. Equal arguments give equal bytes. */
export function writeDeploymentFile(deployment: Deployment, meta: DeploymentMeta): Uint8Array {
  const notes = Object.entries(meta.notes ?? {})
    .map(([key, value]) => ({ key, value }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const metaBytes = encodeMessage("Meta", { generator: meta.generator, notes });
  const deploymentBytes = encodeMessage("Deployment", deployment);
  return encodeMessage("DeploymentFile", {
    magic: MAGIC,
    formatVersion: FORMAT_VERSION,
    metaSha256: sha256(metaBytes),
    deploymentSha256: sha256(deploymentBytes),
    meta: metaBytes,
    deployment: deploymentBytes,
  });
}

/** SHA-256 of a deployment in hexadecimal: that of its file too, whatever the file's `meta` says. */
export function hashOf(deployment: Deployment): string {
  return toHex(sha256(encodeMessage("Deployment", deployment)));
}
