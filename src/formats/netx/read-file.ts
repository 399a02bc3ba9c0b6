import type { Hdf5Fault } from "#formats/hdf5/fault";
import { isFault, openHdf5, type Hdf5File } from "#formats/hdf5/file";
import { hdf5Start } from "#formats/hdf5/superblock";
import type { Hdf5Array, Hdf5Strings } from "#formats/hdf5/values";
import { describeForeign } from "#formats/nir/signature";
import type { DiagnosticSink } from "#util/diagnostic";
import * as messages from "./diagnostics.ts";

/** One group of `/layer` as it is stored. */
export interface NetxLayer {
  /** Place in the chain, and name of the group. */
  readonly index: number;
  readonly path: string;
  readonly type: string;
  /** By name; those of the neuron as "neuron/name". */
  readonly fields: ReadonlyMap<string, Hdf5Array | Hdf5Strings>;
  /** Fields that are there and could not be read; the sink has why. */
  readonly unreadable: ReadonlySet<string>;
}

/** What lava-dl is known to write; training leftovers among it that no importer needs. */
const FIELDS: readonly string[] = [
  ...["type", "shape", "weight", "weight_rec", "recWeight", "bias", "delay", "inFeatures", "outFeatures"],
  ...["inChannels", "outChannels", "kernelSize", "stride", "padding", "dilation", "groups", "layers"],
];
const NEURON_FIELDS: readonly string[] = [
  ...["type", "iDecay", "vDecay", "vThMant", "refDelay", "wgtExp", "gradedSpike"],
  ...["scaleRho", "tauRho", "theta", "activation", "sigma_output"],
];

/** Whether the bytes are an HDF5 file with a group of layers, and not a NIR graph. Never throws. */
export function isNetx(bytes: Uint8Array): boolean {
  const start = hdf5Start(bytes);
  if (start === undefined) return false;
  const file = openHdf5(bytes, start);
  return !isFault(file) && file.kindOf("/layer") === "group" && file.kindOf("/node") === undefined;
}

/**
 * Reads the layers of a netx file as they are stored, in the order of their numbers; nothing is judged but
 * that they can be read.
 *
 * @returns the layers whose type could be read, also where the sink received errors for others and for fields, so
 *   that they are looked at all the same; undefined if there are none. Never throws for a fault of the file.
 */
export async function readNetxFile(
  bytes: Uint8Array,
  sink: DiagnosticSink,
): Promise<readonly NetxLayer[] | undefined> {
  const start = hdf5Start(bytes);
  if (start === undefined) {
    sink.report(messages.notHdf5(describeForeign(bytes)));
    return undefined;
  }
  const file = openHdf5(bytes, start);
  if (isFault(file)) {
    sink.report(openFault(file));
    return undefined;
  }
  const groups = file.kindOf("/layer") === "group" ? file.list("/layer") : [];
  if (isFault(groups)) {
    sink.report(messages.damaged({ reason: reasonOf(groups) }));
    return undefined;
  }
  if (groups.length === 0) {
    sink.report(messages.noLayers());
    return undefined;
  }
  const names = groups.map(({ name }) => name);
  if (!names.every((_, k) => names.includes(String(k)))) {
    sink.report(messages.layerNumbers({ found: names }));
    return undefined;
  }
  const layers: NetxLayer[] = [];
  for (let index = 0; index < names.length; index++) {
    const layer = await readLayer(file, index, sink);
    if (layer !== undefined) layers.push(layer);
  }
  return layers.length === 0 ? undefined : layers;
}

async function readLayer(
  file: Hdf5File,
  index: number,
  sink: DiagnosticSink,
): Promise<NetxLayer | undefined> {
  const path = `/layer/${index}`;
  const fields = new Map<string, Hdf5Array | Hdf5Strings>();
  const unreadable = new Set<string>();
  const found = { fields, unreadable };
  await readFields(file, path, "", FIELDS, found, sink);
  if (file.kindOf(`${path}/neuron`) !== undefined)
    await readFields(file, `${path}/neuron`, "neuron/", NEURON_FIELDS, found, sink);
  const type = textOf(fields.get("type"));
  if (type !== undefined) return { index, path, type, fields, unreadable };
  if (file.kindOf(`${path}/type`) === undefined) sink.report(messages.layerEmpty({ path }));
  else if (fields.has("type"))
    sink.report(
      messages.fieldShape({ path: `${path}/type`, needed: "one word", shape: shapeOf(fields.get("type")) }),
    );
  return undefined;
}

async function readFields(
  file: Hdf5File,
  path: string,
  prefix: string,
  known: readonly string[],
  { fields, unreadable }: { fields: Map<string, Hdf5Array | Hdf5Strings>; unreadable: Set<string> },
  sink: DiagnosticSink,
): Promise<void> {
  const entries = file.list(path);
  if (isFault(entries)) {
    sink.report(messages.fieldUnreadable({ path, fault: entries }));
    return;
  }
  for (const { name, kind } of entries) {
    if (prefix === "" && name === "neuron") continue;
    if (!known.includes(name)) {
      sink.report(messages.fieldUnknown({ path: `${path}/${name}` }));
      continue;
    }
    const value: Hdf5Array | Hdf5Strings | Hdf5Fault =
      kind === "group" && name === "weight"
        ? { kind: "unreadable", reason: "it is a group (complex weights), not an array" }
        : await file.dataset(`${path}/${name}`);
    if (isFault(value)) {
      unreadable.add(`${prefix}${name}`);
      sink.report(messages.fieldUnreadable({ path: `${path}/${name}`, fault: value }));
    } else fields.set(`${prefix}${name}`, value);
  }
}

/** The word of a text field of one element; undefined if it is not that. */
export function textOf(field: Hdf5Array | Hdf5Strings | undefined): string | undefined {
  return field !== undefined && "strings" in field && field.strings.length === 1
    ? field.strings[0]
    : undefined;
}

export function shapeOf(field: Hdf5Array | Hdf5Strings | undefined): readonly number[] | "text" {
  return field === undefined || "strings" in field ? "text" : field.shape;
}

const openFault = (fault: Hdf5Fault): ReturnType<typeof messages.damaged> =>
  fault.kind === "truncated" ? messages.truncated(fault) : messages.damaged({ reason: reasonOf(fault) });

const reasonOf = (fault: Hdf5Fault): string => (fault.kind === "unreadable" ? fault.reason : fault.kind);
