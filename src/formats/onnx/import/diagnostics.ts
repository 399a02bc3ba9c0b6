// Every message about ONNX files as such, in alphabetical order; `diagnostics-nodes.ts` has those about nodes.
import type { Diagnostic } from "#util/diagnostic";

export function cycle(facts: { nodes: readonly string[] }): Diagnostic {
  return {
    code: "onnx/cycle",
    severity: "error",
    message: `${facts.nodes.length} nodes wait for each other: ${list(facts.nodes)}.`,
    hint: "feed a state back through a graph output and a graph input, or through Scan.",
    data: { nodes: facts.nodes },
  };
}

export function damaged(facts: { fault: string }): Diagnostic {
  return {
    code: "onnx/damaged",
    severity: "error",
    message: `the file is no whole ONNX model: ${facts.fault}.`,
    hint: "copy or download the file again, or export the model anew.",
    data: { fault: facts.fault },
  };
}

export function dataSize(facts: { tensor: string; needed: string; found: string }): Diagnostic {
  const { tensor, needed, found } = facts;
  return {
    code: "onnx/data-size",
    severity: "error",
    message: `tensor "${tensor}" needs ${needed}, and holds ${found}.`,
    subject: tensorAt(tensor),
    hint: "export the model again: the file was cut or put together wrongly.",
    data: { tensor, needed, found },
  };
}

export function dataType(facts: { tensor: string; found: string }): Diagnostic {
  return {
    code: "onnx/data-type",
    severity: "error",
    message: `tensor "${facts.tensor}" holds ${facts.found}, and numbers are needed.`,
    subject: tensorAt(facts.tensor),
    hint: "export the model with float, double, float16, integer or bool tensors.",
    data: facts,
  };
}

export function dimensions(facts: { tensor: string; dims: readonly number[] }): Diagnostic {
  const { tensor, dims } = facts;
  return {
    code: "onnx/dimensions",
    severity: "error",
    message: `tensor "${tensor}" has the dimensions ${shapeText(dims)}, and each needs to be a whole number of at least 0.`,
    subject: tensorAt(tensor),
    hint: "export the model again.",
    data: { tensor, dims: dims.map(String) },
  };
}

export function duplicateName(facts: { name: string; places: readonly string[] }): Diagnostic {
  return {
    code: "onnx/duplicate-name",
    severity: "error",
    message: `"${facts.name}" is defined ${facts.places.length} times: ${list(facts.places)}.`,
    subject: tensorAt(facts.name),
    hint: "give every tensor a name of its own.",
    data: facts,
  };
}

export function dynamicAxis(facts: { input: string; dims: readonly string[] }): Diagnostic {
  return {
    code: "onnx/dynamic-axis",
    severity: "error",
    message: `input "${facts.input}" has the shape ${facts.dims.join(" x ")}, and only the batch may be left open.`,
    subject: `inputs["${facts.input}"]`,
    hint: "export the model with fixed extents and one dynamic axis, the batch.",
    data: facts,
  };
}

export function externalLocation(facts: { tensor: string; location: string; reason: string }): Diagnostic {
  const { tensor, location, reason } = facts;
  return {
    code: "onnx/external-location",
    severity: "error",
    message: `tensor "${tensor}" is to be read from "${location}", ${reason}; files beside the model are read, and no others.`,
    subject: tensorAt(tensor),
    hint: "save the model with its external data in the model's own folder.",
    data: facts,
  };
}

export function externalMissing(facts: { tensor: string; location: string }): Diagnostic {
  const { tensor, location } = facts;
  return {
    code: "onnx/external-missing",
    severity: "error",
    message: `tensor "${tensor}" is kept in "${location}", and there is no such file beside the model.`,
    subject: tensorAt(tensor),
    hint: `put "${location}" into the model's folder.`,
    data: facts,
  };
}

export function externalRange(facts: {
  tensor: string;
  location: string;
  offset: number;
  length: number;
  bytes: number;
}): Diagnostic {
  const { tensor, location, offset, length, bytes } = facts;
  return {
    code: "onnx/external-range",
    severity: "error",
    message: `tensor "${tensor}" needs bytes ${offset} to ${offset + length} of "${location}", which has ${bytes} bytes.`,
    subject: tensorAt(tensor),
    hint: `copy "${location}" again: it is not the file that belongs to the model.`,
    data: facts,
  };
}

export function externalUnused(facts: { tensor: string; location: string }): Diagnostic {
  const { tensor, location } = facts;
  return {
    code: "onnx/external-unavailable",
    severity: "error",
    message: `tensor "${tensor}" is kept in another file, "${location}", and only the model's own bytes were given.`,
    subject: tensorAt(tensor),
    hint: "save the model with its data inside, or give a way to read the files beside it (`externalData`).",
    data: facts,
  };
}

export function noGraph(facts: { missing: string }): Diagnostic {
  return {
    code: "onnx/no-graph",
    severity: "error",
    message: `the file has no ${facts.missing}, so it is no ONNX model.`,
    hint: "choose a file that an ONNX exporter wrote.",
    data: facts,
  };
}

export function notOnnx(facts: { looksLike: string }): Diagnostic {
  return {
    code: "onnx/not-onnx",
    severity: "error",
    message: `the file looks like ${facts.looksLike}, and not like an ONNX model.`,
    hint: "choose a file that an ONNX exporter wrote.",
    data: facts,
  };
}

export function opset(facts: {
  domain: string;
  version: number | undefined;
  known: readonly [number, number];
}): Diagnostic {
  const { domain, version, known } = facts;
  const found = version === undefined ? "names no operator set" : `is written for version ${version}`;
  return {
    code: "onnx/opset",
    severity: "error",
    message: `the file ${found} of "${domain}", and needs one of ${known[0]} to ${known[1]}.`,
    hint: "export the model with opset 17, or convert it with onnx.version_converter.",
    data: { domain, ...(version === undefined ? {} : { version }), known },
  };
}

export function outputMissing(facts: { output: string }): Diagnostic {
  return {
    code: "onnx/output-missing",
    severity: "error",
    message: `output "${facts.output}" is computed by no node.`,
    subject: `outputs["${facts.output}"]`,
    hint: "export the model again.",
    data: facts,
  };
}

export function ownLayout(facts: { fault: string }): Diagnostic {
  return {
    code: "onnx/own-layout",
    severity: "error",
    message: `the file says that spinec wrote it, but its layout does not fit its graph: ${facts.fault}.`,
    subject: 'metadata["spinec.layout"]',
    hint: "export the network again; to read the graph alone, remove the entry from the metadata.",
    data: facts,
  };
}

export function tooLarge(facts: { what: string; elements: number; limit: number }): Diagnostic {
  const { what, elements, limit } = facts;
  return {
    code: "onnx/too-large",
    severity: "error",
    message: `${what} would have ${elements} elements, and at most ${limit} are read.`,
    hint: "choose a smaller model, or export it without that tensor.",
    data: facts,
  };
}

export function undefinedName(facts: { name: string; node: string }): Diagnostic {
  return {
    code: "onnx/undefined-name",
    severity: "error",
    message: `node "${facts.node}" reads "${facts.name}", which is no input, no initializer and no output of a node.`,
    subject: `nodes["${facts.node}"]`,
    hint: "export the model again, with its initializers.",
    data: facts,
  };
}

export function unsorted(facts: { nodes: number }): Diagnostic {
  return {
    code: "onnx/unsorted",
    severity: "warning",
    message: `the nodes do not stand in the order of their computation, as the standard asks; they were sorted.`,
    hint: "have the writer sort its nodes: other readers refuse the file.",
    data: facts,
  };
}

export const shapeText = (dims: readonly number[]): string => dims.join(" x ") || "scalar";

/** At most eight of them. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

const tensorAt = (name: string): string => `tensors["${name}"]`;
