import type { CoreProgram, Deployment, NeuronGroup } from "#ir/deployment";
import { validateDeployment } from "#ir/validate";
import { findNeuronModel } from "#neurons/index";
import { DiagnosticSink } from "#util/diagnostic";
import { sha256, toHex } from "#util/sha256";
import { decodeMessage, MessageFault } from "./decode.ts";
import { damaged, hashMismatch, notOurs, otherVersion } from "./diagnostics.ts";
import { FORMAT_VERSIONS, isDeploymentFile, type DeploymentMeta } from "./header.ts";

export interface DeploymentFile {
  readonly deployment: Deployment;
  readonly meta: DeploymentMeta;
  /** Of the deployment, as `hashOf` gives it. */
  readonly sha256: string;
}

/** As in the file: real parameters apart. */
interface StoredGroup extends Omit<NeuronGroup, "params"> {
  readonly params: readonly Int32Array[];
  readonly realParams: readonly Float64Array[];
}
interface StoredDeployment extends Omit<Deployment, "cores"> {
  readonly cores: readonly (Omit<CoreProgram, "groups"> & { readonly groups: readonly StoredGroup[] })[];
}

/** The parts of the file's outermost message. */
interface Envelope {
  readonly formatVersion: number;
  readonly metaSha256: Uint8Array;
  readonly deploymentSha256: Uint8Array;
  readonly meta: Uint8Array;
  readonly deployment: Uint8Array;
}

/**
 * Reads a deployment file. Trusts nothing: hashes, lengths, indices and parameter ranges are all checked.
 *
 * @returns undefined if there is any fault; all faults are in the sink, `deployment/...` for the file and `ir/...`
 *          for what it holds
 */
export function readDeploymentFile(bytes: Uint8Array, sink: DiagnosticSink): DeploymentFile | undefined {
  if (!isDeploymentFile(bytes)) {
    sink.report(notOurs({ bytes: bytes.length }));
    return undefined;
  }
  try {
    return readParts(bytes, sink);
  } catch (error) {
    if (!(error instanceof MessageFault)) throw error;
    sink.report(damaged(error));
    return undefined;
  }
}

function readParts(bytes: Uint8Array, sink: DiagnosticSink): DeploymentFile | undefined {
  const file = decodeMessage("DeploymentFile", bytes, "file") as unknown as Envelope;
  const { formatVersion: version } = file;
  if (!FORMAT_VERSIONS.includes(version)) {
    sink.report(otherVersion({ version, read: FORMAT_VERSIONS, generator: generatorOf(file) }));
    return undefined;
  }
  const faults = new DiagnosticSink();
  for (const [part, content, hash] of [
    ["meta", file.meta, file.metaSha256],
    ["deployment", file.deployment, file.deploymentSha256],
  ] as const) {
    const expected = toHex(hash);
    const found = toHex(sha256(content));
    if (found !== expected) faults.report(hashMismatch({ part, expected, found }));
  }
  if (faults.hasErrors) return handOver(faults, sink);

  const meta = decodeMessage("Meta", file.meta, "file.meta");
  const fields = decodeMessage("Deployment", file.deployment, "file.deployment");
  const stored = { version: 1, ...fields } as unknown as StoredDeployment;
  checkSizes(stored);
  const deployment: Deployment = {
    ...stored,
    cores: stored.cores.map((program) => ({
      ...program,
      groups: program.groups.map((group, g) =>
        readGroup(group, `deployment.cores[${program.core}].groups[${g}]`, faults),
      ),
    })),
  };
  validateDeployment(deployment, faults);
  if (faults.hasErrors) return handOver(faults, sink);
  const notes = meta["notes"] as readonly { readonly key: string; readonly value: string }[];
  return {
    deployment,
    meta: {
      generator: meta["generator"] as string,
      notes: Object.fromEntries(notes.map(({ key, value }) => [key, value])),
    },
    sha256: toHex(file.deploymentSha256),
  };
}

function handOver(faults: DiagnosticSink, sink: DiagnosticSink): undefined {
  for (const fault of faults.diagnostics) sink.report(fault);
}

/** Who wrote the file; the empty string if even that cannot be read. */
function generatorOf(file: Envelope): string {
  try {
    return decodeMessage("Meta", file.meta, "file.meta")["generator"] as string;
  } catch {
    return "";
  }
}

/** A number of neurons is backed by as much data, before anybody reserves memory for it. */
function checkSizes({ cores }: StoredDeployment): void {
  cores.forEach(({ neurons, routeStart }, c) => {
    if (routeStart.length !== neurons + 1)
      throw new MessageFault(
        `file.deployment.cores[${c}].routeStart`,
        `${routeStart.length} entries, but ${neurons} neurons need ${neurons + 1}`,
      );
  });
}

/** The parameters in the order of their model. It has to be known, and all of them to be there and in range. */
function readGroup(
  { params: whole, realParams: real, ...group }: StoredGroup,
  path: string,
  sink: DiagnosticSink,
): NeuronGroup {
  const { model } = group;
  const faulty = { ...group, params: whole };
  const known = findNeuronModel(model);
  if (known === undefined) {
    sink.report(damaged({ path: `${path}.model`, fault: `there is no neuron model "${model}"` }));
    return faulty;
  }
  const reals = known.params.filter(({ isReal }) => isReal).length;
  for (const [field, { length }, count, kind] of [
    ["params", whole, known.params.length - reals, ""],
    ["realParams", real, reals, "real "],
  ] as const) {
    if (length === count) continue;
    const fault = `${length} ${kind}parameters, but "${model}" has ${count}`;
    sink.report(damaged({ path: `${path}.${field}`, fault }));
    return faulty;
  }
  const next = { whole: 0, real: 0 };
  const params = known.params.map(({ isReal }) => (isReal ? real[next.real++] : whole[next.whole++]));
  known.params.forEach(({ name, min, max }, k) => {
    const wrong = params[k].find((value) => !(value >= min && value <= max));
    if (wrong === undefined) return;
    const fault = `${name} is ${wrong}, outside ${min} to ${max}`;
    sink.report(damaged({ path: `${path}.params[${k}]`, fault }));
  });
  return { ...group, params };
}
