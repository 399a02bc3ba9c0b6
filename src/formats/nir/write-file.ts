import { writeHdf5, type Hdf5Writer } from "#formats/hdf5/writer";
import type { WritableType } from "#formats/numbers";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import { nameNotWritable } from "./diagnostics-file.ts";
import type { NirArray, NirField, NirFile, NirGraph, NirNode } from "./graph.ts";

export interface WriteNirOptions {
  /** Of arrays of rank 1 and more: `gzip` (the default, as the reference writer) or `none`. */
  readonly compression?: "gzip" | "none";
  /** 1 to 9; 4 unless given. */
  readonly gzipLevel?: number;
}

/**
 * Writes a NIR file as `nir.read` of Python accepts it. Same graph, same bytes.
 *
 * Stored types are kept, except two that the HDF5 library cannot write: float16 becomes float32, and bool
 * becomes int8. Node paths are not used; names decide where a node goes.
 *
 * @throws ToolchainError listing every name that HDF5 cannot hold ("/" inside, empty, ".")
 */
export async function writeNirFile(file: NirFile, options: WriteNirOptions = {}): Promise<Uint8Array> {
  const faults = checkNames(file.root, "/node/nodes");
  if (faults.length > 0) throw new ToolchainError(faults);
  const gzip = options.compression === "none" ? undefined : (options.gzipLevel ?? 4);
  return writeHdf5((writer) => {
    if (file.version !== undefined) writer.text("/version", [file.version], []);
    writer.group("/node");
    writer.text("/node/type", ["NIRGraph"], []);
    writeGraph(writer, file.root, "/node", gzip);
    writeMetadata(writer, file.root.metadata, "/node", gzip);
  });
}

function checkNames(graph: NirGraph, path: string): Diagnostic[] {
  return graph.nodes.flatMap((node) => {
    const isWritable = node.name !== "" && node.name !== "." && !node.name.includes("/");
    const own = isWritable ? [] : [nameNotWritable({ path, name: node.name })];
    return node.graph ? [...own, ...checkNames(node.graph, `${path}/${node.name}/nodes`)] : own;
  });
}

function writeGraph(writer: Hdf5Writer, graph: NirGraph, path: string, gzip: number | undefined): void {
  // A list without elements has no type; the reference writer stores it so.
  if (graph.edges.length === 0) {
    writer.numbers(`${path}/edges`, { data: [], shape: [0], dtype: "float64" });
  } else {
    writer.text(`${path}/edges`, graph.edges.flat(), [graph.edges.length, 2]);
  }
  writer.group(`${path}/nodes`);
  for (const node of graph.nodes) writeNode(writer, node, `${path}/nodes/${node.name}`, gzip);
}

function writeNode(writer: Hdf5Writer, node: NirNode, path: string, gzip: number | undefined): void {
  writer.group(path);
  writer.text(`${path}/type`, [node.type], []);
  writeFields(writer, node.fields, path, gzip);
  writeMetadata(writer, node.metadata, path, gzip);
  if (node.graph) writeGraph(writer, node.graph, path, gzip);
}

function writeMetadata(
  writer: Hdf5Writer,
  metadata: NirNode["metadata"],
  path: string,
  gzip: number | undefined,
): void {
  if (Object.keys(metadata).length === 0) return;
  writer.group(`${path}/metadata`);
  writeFields(writer, metadata, `${path}/metadata`, gzip);
}

/** Names joined by "/" become groups. */
function writeFields(
  writer: Hdf5Writer,
  fields: Readonly<Record<string, NirField>>,
  path: string,
  gzip: number | undefined,
): void {
  const groups = new Set<string>();
  for (const [name, field] of Object.entries(fields)) {
    const parts = name.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const group = parts.slice(0, depth).join("/");
      if (!groups.has(group)) writer.group(`${path}/${group}`);
      groups.add(group);
    }
    writeField(writer, field, `${path}/${name}`, gzip);
  }
}

function writeField(writer: Hdf5Writer, field: NirField, path: string, gzip: number | undefined): void {
  if (typeof field === "string") writer.text(path, [field], []);
  else if ("data" in field) {
    writer.numbers(path, { data: field.data, shape: field.shape, dtype: writableType(field) }, gzip);
  } else writer.text(path, field, [field.length]);
}

function writableType({ dtype }: NirArray): WritableType {
  if (dtype === "float16") return "float32";
  return dtype === "bool" ? "int8" : (dtype as WritableType);
}
