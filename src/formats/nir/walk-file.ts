import type { Hdf5Fault } from "#formats/hdf5/fault";
import { isFault, type Hdf5Entry, type Hdf5File } from "#formats/hdf5/file";
import type { Hdf5Array, Hdf5Strings } from "#formats/hdf5/values";
import type { Diagnostic } from "#util/diagnostic";
import * as messages from "./diagnostics-file.ts";
import type { NirField, NirFile, NirGraph, NirNode } from "./graph.ts";

/** More than any real file has; ends the walk through links that lead in circles. */
const MAX_DEPTH = 32;
const MAX_OBJECTS = 100_000;

type Fields = Record<string, NirField>;

/** Members of a graph's group that are not fields. */
const GRAPH_MEMBERS: readonly string[] = ["nodes", "edges"];

/** One walk through one NIR file; owns what it found wrong and the count of what it has seen. */
export class FileWalk {
  readonly found: Diagnostic[] = [];
  readonly #file: Hdf5File;
  readonly #fileBytes: number;
  #objects = 0;
  /** A limit was met: what is left of the file is neither read nor judged. */
  #hasEnded = false;

  constructor(file: Hdf5File, fileBytes: number) {
    this.#file = file;
    this.#fileBytes = fileBytes;
  }

  /** The whole file; a root that is a single node becomes a graph of that node. */
  async file(): Promise<NirFile | undefined> {
    const members = this.#list("/", 0);
    if (!members.some(({ name, kind }) => name === "node" && kind === "group")) {
      this.#report(messages.noRoot({ members: members.map(({ name }) => name) }));
      return undefined;
    }
    const hasVersion = members.some(({ name }) => name === "version");
    const version = hasVersion ? await this.#text("/version", "warning") : undefined;
    const node = await this.#node("/node", "node", 0);
    if (!node) return undefined;
    const root = node.graph ?? { nodes: [node], edges: [], metadata: {} };
    return { ...(version === undefined ? {} : { version }), root };
  }

  async #node(path: string, name: string, depth: number): Promise<NirNode | undefined> {
    const members = this.#list(path, depth);
    if (!members.some((member) => member.name === "type")) {
      this.#report(messages.nodeWithoutType({ path, found: contentsOf(members) }));
      return undefined;
    }
    const type = await this.#text(`${path}/type`, "error");
    const fields: Fields = {};
    const metadata: Fields = {};
    for (const member of members) {
      if (member.name === "type" || (type === "NIRGraph" && GRAPH_MEMBERS.includes(member.name))) continue;
      const isMetadata = member.name === "metadata";
      const into = isMetadata ? { fields: metadata, prefix: "" } : { fields, prefix: member.name };
      const severity = isMetadata ? "warning" : "error";
      await this.#collect(`${path}/${member.name}`, member.kind, depth + 1, { ...into, severity });
    }
    if (type === undefined) return undefined;
    const node = { name, path, type, fields, metadata };
    return type === "NIRGraph" ? { ...node, graph: await this.#graph(path, metadata, depth) } : node;
  }

  async #graph(path: string, metadata: NirGraph["metadata"], depth: number): Promise<NirGraph> {
    const nodes: NirNode[] = [];
    if (this.#file.kindOf(`${path}/nodes`) === "group") {
      for (const { name, kind } of this.#list(`${path}/nodes`, depth)) {
        nodes.push(...(await this.#nodes(`${path}/nodes`, name, kind, depth + 1)));
      }
    } else this.#report(messages.noNodes({ path: `${path}/nodes` }));
    return { nodes, edges: await this.#edges(`${path}/edges`), metadata };
  }

  /** One node, or several where a name with "/" became a folder. */
  async #nodes(parent: string, name: string, kind: Hdf5Entry["kind"], depth: number): Promise<NirNode[]> {
    const path = `${parent}/${name}`;
    if (kind === "dataset") {
      this.#report(messages.nodeWithoutType({ path, found: "is a dataset, not a group" }));
      return [];
    }
    if (!this.#isFolderOfNodes(path)) {
      const node = await this.#node(path, name, depth);
      return node ? [node] : [];
    }
    const nodes: NirNode[] = [];
    for (const member of this.#list(path, depth)) {
      const longName = `${name}/${member.name}`;
      nodes.push(...(await this.#nodes(parent, longName, member.kind, depth + 1)));
      if (nodes.at(-1)?.name === longName) {
        this.#report(messages.nodeNameWithSlash({ path: `${parent}/${longName}`, name: longName }));
      }
    }
    return nodes;
  }

  #isFolderOfNodes(path: string): boolean {
    const members = this.#file.list(path);
    if (isFault(members) || members.length === 0) return false;
    return members.every(
      ({ name, kind }) => kind === "group" && this.#file.kindOf(`${path}/${name}/type`) !== undefined,
    );
  }

  async #edges(path: string): Promise<[string, string][]> {
    if (this.#file.kindOf(path) === undefined) {
      this.#report(messages.badEdges({ path, found: "missing" }));
      return [];
    }
    const value = await this.#read(path, "error");
    // An empty list has no type: the reference writer stores it as float64 of shape [0].
    if (!value || value.shape[0] === 0) return [];
    if (!("strings" in value) || value.shape.length !== 2 || value.shape[1] !== 2) {
      this.#report(messages.badEdges({ path, found: describeValue(value) }));
      return [];
    }
    const { strings } = value;
    return Array.from({ length: value.shape[0] }, (_, i) => [strings[2 * i], strings[2 * i + 1]]);
  }

  /** A dataset as one field; a group as many, their names joined by "/". */
  async #collect(
    path: string,
    kind: Hdf5Entry["kind"],
    depth: number,
    into: { readonly fields: Fields; readonly prefix: string; readonly severity: "error" | "warning" },
  ): Promise<void> {
    if (kind === "group") {
      for (const member of this.#list(path, depth)) {
        const prefix = into.prefix === "" ? member.name : `${into.prefix}/${member.name}`;
        await this.#collect(`${path}/${member.name}`, member.kind, depth + 1, { ...into, prefix });
      }
      return;
    }
    const value = await this.#read(path, into.severity);
    if (value) into.fields[into.prefix] = toField(value);
  }

  /** One text; other shapes and types are reported. */
  async #text(path: string, severity: "error" | "warning"): Promise<string | undefined> {
    const value = await this.#read(path, severity);
    if (!value || ("strings" in value && value.strings.length === 1)) return value?.strings[0];
    this.#report({ ...messages.notOneText({ path, found: describeValue(value) }), severity });
    return undefined;
  }

  async #read(path: string, severity: "error" | "warning"): Promise<Hdf5Array | Hdf5Strings | undefined> {
    if (this.#hasEnded) return undefined;
    const value = await this.#file.dataset(path);
    if (!isFault(value)) return value;
    this.#report({ ...describeFault(value, path, this.#fileBytes), severity });
    return undefined;
  }

  /** Nothing more once a limit is met: what links lead to in circles would be found again and again. */
  #list(path: string, depth: number): readonly Hdf5Entry[] {
    if (this.#hasEnded) return [];
    if (depth > MAX_DEPTH) {
      this.#report(messages.tooDeep({ path, limit: MAX_DEPTH }));
      this.#hasEnded = true;
      return [];
    }
    const members = this.#file.list(path);
    if (isFault(members)) {
      this.#report(describeFault(members, path, this.#fileBytes));
      return [];
    }
    this.#objects += members.length;
    if (this.#objects > MAX_OBJECTS) {
      this.#report(messages.tooManyObjects({ limit: MAX_OBJECTS }));
      this.#hasEnded = true;
    }
    return members;
  }

  #report(diagnostic: Diagnostic): void {
    if (!this.#hasEnded) this.found.push(diagnostic);
  }
}

function contentsOf(members: readonly Hdf5Entry[]): string {
  if (members.length === 0) return "holds nothing";
  return `holds only ${members.map(({ name }) => `"${name}"`).join(", ")}`;
}

function describeValue(value: Hdf5Array | Hdf5Strings): string {
  return `${"strings" in value ? "text" : value.dtype} of shape [${value.shape.join(", ")}]`;
}

function toField(value: Hdf5Array | Hdf5Strings): NirField {
  if (!("strings" in value)) return value;
  return value.shape.length === 0 ? value.strings[0] : value.strings;
}

function describeFault(fault: Hdf5Fault, path: string, fileBytes: number): Diagnostic {
  switch (fault.kind) {
    case "huge":
      return messages.hugeArray({ path, shape: fault.shape, neededBytes: fault.neededBytes, fileBytes });
    case "filter":
      return messages.unsupportedFilter({ path, filter: fault.filter });
    case "dtype":
      return messages.unsupportedDtype({ path, dtype: fault.dtype });
    case "inexact":
      return messages.inexactInteger({ path, dtype: fault.dtype });
    case "truncated":
      return messages.truncated(fault);
    case "unreadable":
      return messages.unreadableDataset({ path, reason: fault.reason });
  }
}
