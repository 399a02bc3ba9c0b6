import { MAX_ARRAY_BYTES } from "#formats/hdf5/dataset";
import type { Diagnostic } from "#util/diagnostic";

// Every message about a NIR file as bytes: HDF5, groups and datasets, before the graph means anything.
// One function each, in alphabetical order.

const SEE_INSIDE = "look inside with h5dump or h5py, and write the file again with nir.write.";

export function badEdges(facts: { path: string; found: string }): Diagnostic {
  return {
    code: "nir/bad-edges",
    severity: "error",
    message: `the edges of a graph must be a text dataset of shape [edges, 2], but "${facts.path}" is ${facts.found}.`,
    subject: facts.path,
    hint: "write the graph again with nir.write: one row per edge, source name and target name.",
    data: facts,
  };
}

export function damaged(facts: { reason: string }): Diagnostic {
  return {
    code: "nir/damaged-file",
    severity: "error",
    message: `the file starts like HDF5 but cannot be opened: ${facts.reason}.`,
    hint: "copy or download the file again, and close it in the program that writes it.",
    data: facts,
  };
}

export function emptyFile(): Diagnostic {
  return {
    code: "nir/empty-file",
    severity: "error",
    message: "the file has 0 bytes; a NIR file is an HDF5 file with a group /node.",
    hint: "copy or download the file again.",
  };
}

export function hugeArray(facts: {
  path: string;
  shape: readonly number[];
  neededBytes: number;
  fileBytes: number;
}): Diagnostic {
  const { path, shape, neededBytes, fileBytes } = facts;
  return {
    code: "nir/huge-array",
    severity: "error",
    message: `"${path}" claims shape [${shape.join(", ")}], which needs ${neededBytes} bytes; the file has ${fileBytes} bytes, and an array may have ${MAX_ARRAY_BYTES}.`,
    subject: path,
    hint: `the header is damaged or the array was never written: ${SEE_INSIDE}`,
    data: facts,
  };
}

export function inexactInteger(facts: { path: string; dtype: string }): Diagnostic {
  return {
    code: "nir/inexact-integer",
    severity: "error",
    message: `"${facts.path}" holds a number of type ${facts.dtype} beyond 2^53, which no parameter of a network needs.`,
    subject: facts.path,
    hint: "write the parameter as int32 or float64.",
    data: facts,
  };
}

export function nameNotWritable(facts: { path: string; name: string }): Diagnostic {
  return {
    code: "nir/name-not-writable",
    severity: "error",
    message: `the node name "${facts.name}" cannot be written: HDF5 needs a name that is not empty, not "." and has no "/".`,
    subject: facts.path,
    hint: 'rename the node, for instance with "." in place of "/".',
    data: facts,
  };
}

export function nodeNameWithSlash(facts: { path: string; name: string }): Diagnostic {
  return {
    code: "nir/node-name-with-slash",
    severity: "warning",
    message: `the node name "${facts.name}" contains "/", which HDF5 takes for a folder; other NIR readers refuse the file.`,
    subject: facts.path,
    hint: 'rename the node, for instance with "." in place of "/".',
    data: facts,
  };
}

export function nodeWithoutType(facts: { path: string; found: string }): Diagnostic {
  return {
    code: "nir/node-without-type",
    severity: "error",
    message: `a node needs a text dataset "type" that names its kind, but "${facts.path}" ${facts.found}.`,
    subject: facts.path,
    hint: 'write "type" (for instance "LIF") into the node\'s group, or write the graph again with nir.write.',
    data: facts,
  };
}

export function noNodes(facts: { path: string }): Diagnostic {
  return {
    code: "nir/no-nodes",
    severity: "error",
    message: `a graph needs a group of nodes, but "${facts.path}" is missing.`,
    subject: facts.path,
    hint: "write the graph again with nir.write.",
    data: facts,
  };
}

export function noRoot(facts: { members: readonly string[] }): Diagnostic {
  const found = facts.members.length === 0 ? "nothing" : facts.members.map((m) => `"${m}"`).join(", ");
  return {
    code: "nir/no-root",
    severity: "error",
    message: `a NIR file has its graph in the group "/node", but this HDF5 file has ${found} at its root.`,
    subject: "/node",
    hint: "write the model with nir.write; a file of weights alone (Keras, PyTorch) is not a graph.",
    data: facts,
  };
}

export function notHdf5(facts: { looksLike: string; advice: string }): Diagnostic {
  return {
    code: "nir/not-hdf5",
    severity: "error",
    message: `a NIR file is an HDF5 file, but this one looks like ${facts.looksLike}.`,
    hint: facts.advice,
    data: { looksLike: facts.looksLike },
  };
}

export function notOneText(facts: { path: string; found: string }): Diagnostic {
  return {
    code: "nir/not-one-text",
    severity: "error",
    message: `"${facts.path}" must be one text, but is ${facts.found}.`,
    subject: facts.path,
    hint: "write the model again with nir.write.",
    data: facts,
  };
}

export function tooDeep(facts: { path: string; limit: number }): Diagnostic {
  return {
    code: "nir/too-deep",
    severity: "error",
    message: `the groups at "${facts.path}" are nested more than ${facts.limit} deep.`,
    subject: facts.path,
    hint: "look for a link that leads back to one of its own parents.",
    data: facts,
  };
}

export function tooManyObjects(facts: { limit: number }): Diagnostic {
  return {
    code: "nir/too-many-objects",
    severity: "error",
    message: `the file lists more than ${facts.limit} groups and datasets.`,
    hint: "look for links that lead back to one of their own parents.",
    data: facts,
  };
}

export function truncated({ hasBytes, needsBytes }: { hasBytes: number; needsBytes: number }): Diagnostic {
  return {
    code: "nir/truncated",
    severity: "error",
    message: `the file should have ${needsBytes} bytes by its own header, but has ${hasBytes}.`,
    hint: "copy or download the file again.",
    data: { hasBytes, needsBytes },
  };
}

export function unreadableDataset(facts: { path: string; reason: string }): Diagnostic {
  return {
    code: "nir/unreadable-dataset",
    severity: "error",
    message: `"${facts.path}" cannot be read: ${facts.reason}.`,
    subject: facts.path,
    hint: `the file is damaged there: ${SEE_INSIDE}`,
    data: facts,
  };
}

export function unsupportedDtype(facts: { path: string; dtype: string }): Diagnostic {
  return {
    code: "nir/unsupported-dtype",
    severity: "error",
    message: `"${facts.path}" has the type ${facts.dtype}; readable are float16, float32, float64, integers of 8 to 64 bits, bool and text.`,
    subject: facts.path,
    hint: "convert the parameter, for instance with astype('float32'), and write the file again.",
    data: facts,
  };
}

export function unsupportedFilter(facts: { path: string; filter: string }): Diagnostic {
  return {
    code: "nir/unsupported-filter",
    severity: "error",
    message: `"${facts.path}" is compressed with the HDF5 filter ${facts.filter}; readable are gzip, lzf, shuffle and fletcher32.`,
    subject: facts.path,
    hint: "write the file again with compression='gzip' (nir.write's default), or run h5repack -f GZIP=4.",
    data: facts,
  };
}
