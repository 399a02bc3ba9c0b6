import type { Diagnostic } from "#util/diagnostic";
import { plural } from "#util/units";

// Every message about spike data, one function each, in alphabetical order. `where` names the part of the
// file: `sample 3`, `"in a", sample 3`, `array "x"`.

export function badJson(facts: { reason: string }): Diagnostic {
  return {
    code: "spikes/bad-json",
    severity: "error",
    message: `the file looks like JSON but does not parse: ${facts.reason}.`,
    hint: "copy the file again, or write it with a JSON library.",
    data: facts,
  };
}

export function badLabels(facts: { name: string }): Diagnostic {
  return {
    code: "spikes/bad-labels",
    severity: "error",
    message: `the labels "${facts.name}" must be a list of whole numbers, one for each sample.`,
    hint: "save the index of the class, not a one-hot row or a name.",
    data: facts,
  };
}

export function badLayout(facts: { where: string; found: string }): Diagnostic {
  return {
    code: "spikes/bad-layout",
    severity: "error",
    message: `${facts.where} must be {"shape": [steps, ...], "samples": [{"t": [...], "i": [...]}, ...]} or nested arrays of numbers, but is ${facts.found}.`,
    hint: "t holds the step and i the flat C-order index of each event; x, if given, its value.",
    data: facts,
  };
}

export function badShape(facts: { where: string; shape: unknown }): Diagnostic {
  return {
    code: "spikes/bad-shape",
    severity: "error",
    message: `${facts.where} needs a shape of whole numbers, steps first, but has ${JSON.stringify(facts.shape)}.`,
    hint: 'write "shape": [steps, ...shape of one step], for instance [100, 1, 28, 28].',
    data: facts,
  };
}

export function badStepLength(facts: { dtSeconds: number }): Diagnostic {
  return {
    code: "spikes/bad-step-length",
    severity: "error",
    message: `a step needs a length above 0 s; ${facts.dtSeconds} s was given.`,
    hint: "give the length of a step in seconds, or none at all: times then count steps.",
    data: { dtSeconds: String(facts.dtSeconds) },
  };
}

export function duplicateEvents(facts: {
  where: string;
  count: number;
  step: number;
  index: number;
}): Diagnostic {
  const { where, count, step, index } = facts;
  return {
    code: "spikes/duplicate-events",
    severity: "error",
    message: `${where} has ${plural(count, "event")} at a step and index that has one already, first at step ${step}, index ${index}.`,
    hint: "merge them into one event, with their sum as its value x.",
    data: facts,
  };
}

export function emptyFile(): Diagnostic {
  return {
    code: "spikes/empty-file",
    severity: "error",
    message: "the file has 0 bytes and so no spikes.",
    hint: "copy or write the file again.",
  };
}

export function eventOutOfRange(facts: {
  where: string;
  count: number;
  what: "step" | "index";
  value: number;
  limit: number;
}): Diagnostic {
  const { where, count, what, value, limit } = facts;
  return {
    code: "spikes/event-out-of-range",
    severity: "error",
    message: `${where} has ${plural(count, "event")} whose ${what} is not a whole number from 0 to ${limit - 1}; the first has ${value}.`,
    hint:
      what === "step"
        ? "count steps from 0, and give the number of steps first in the shape."
        : "count indices from 0, flat over the shape of one step in C order.",
    data: facts,
  };
}

export function notFinite(facts: { where: string; count: number; first: number }): Diagnostic {
  const { where, count, first } = facts;
  return {
    code: "spikes/not-finite",
    severity: "error",
    message: `${where} holds ${plural(count, "value")} that ${count === 1 ? "is no finite number" : "are no finite numbers"}; the first is element ${first}.`,
    hint: "replace NaN and infinity before saving.",
    data: facts,
  };
}

export function nameNotWritable(facts: { name: string }): Diagnostic {
  return {
    code: "spikes/name-not-writable",
    severity: "error",
    message: `the name "${facts.name}" cannot be written: between "/" HDF5 needs names that are not empty and not ".".`,
    hint: "rename the population.",
    data: facts,
  };
}

export function noData(facts: { kind: string }): Diagnostic {
  return {
    code: "spikes/no-data",
    severity: "error",
    message: `the ${facts.kind} holds no spike data.`,
    hint: "save at least one array of shape [steps, ...] or [samples, steps, ...].",
    data: facts,
  };
}

export function noStepLength(facts: { where: string }): Diagnostic {
  return {
    code: "spikes/no-step-length",
    severity: "error",
    message: `${facts.where} gives event times in seconds, and the length of a step is not known.`,
    hint: "give the length of a step with --dt.",
    data: facts,
  };
}

export function ragged(facts: { where: string; path: string; found: string; expected: string }): Diagnostic {
  const { where, path, found, expected } = facts;
  return {
    code: "spikes/ragged-array",
    severity: "error",
    message: `${where} must be a regular array, but ${path} is ${found} where ${expected} is expected.`,
    hint: "give every step the same number of elements, filled up with zeros.",
    data: facts,
  };
}

export function severalObservables(facts: { where: string; names: readonly string[] }): Diagnostic {
  return {
    code: "spikes/several-observables",
    severity: "error",
    message: `${facts.where} records ${facts.names.map((name) => `"${name}"`).join(" and ")}; spike data need one of them.`,
    hint: 'keep the one that drives the network, or name it "spikes".',
    data: facts,
  };
}

export function tooManyElements(facts: { name: string; elements: number; limit: number }): Diagnostic {
  const { name, elements, limit } = facts;
  return {
    code: "spikes/too-many-elements",
    severity: "error",
    message: `the array of "${name}" would have ${elements} elements, but at most ${limit} are written to .npz.`,
    hint: "record fewer samples (--samples), or write events: .json.gz or .h5.",
    data: facts,
  };
}

export function unequalLengths(facts: { where: string; t: number; i: number; x?: number }): Diagnostic {
  const { where, t, i, x } = facts;
  return {
    code: "spikes/unequal-lengths",
    severity: "error",
    message: `${where} has ${plural(t, "step")} (t) and ${plural(i, "index", "indices")} (i)${x === undefined ? "" : ` and ${plural(x, "value")} (x)`}; every event needs one of each.`,
    hint: "give t, i and x the same length.",
    data: facts,
  };
}

export function unknownFormat(facts: { fileName: string }): Diagnostic {
  return {
    code: "spikes/unknown-format",
    severity: "error",
    message: `"${facts.fileName}" is in no spike format that is read: .npz, .npy, .json, .json.gz and NIRData .h5 are.`,
    hint: "event-camera recordings (.bin, .aedat, .dat) must be binned into steps first, for instance with Tonic, and saved as .npz.",
    data: facts,
  };
}

export function unreadable(facts: { where: string; reason: string }): Diagnostic {
  return {
    code: "spikes/unreadable",
    severity: "error",
    message: `${facts.where} cannot be read: ${facts.reason}.`,
    hint: "copy the file again, or save it again with numpy.savez, JSON or NIRData.",
    data: facts,
  };
}

export function wrongLabelCount(facts: { labels: number; samples: number }): Diagnostic {
  const { labels, samples } = facts;
  return {
    code: "spikes/wrong-label-count",
    severity: "error",
    message: `the file has ${plural(labels, "label")} for ${plural(samples, "sample")}; every sample needs one.`,
    hint: "save as many labels as samples, in the same order.",
    data: facts,
  };
}

/** Without `expected`, the shape of the input is not known. */
export function wrongShape(facts: {
  where: string;
  shape: readonly number[];
  expected?: readonly number[];
}): Diagnostic {
  const { where, shape, expected } = facts;
  const step = expected?.join(", ") ?? "...";
  return {
    code: "spikes/wrong-shape",
    severity: "error",
    message: `${where} has shape [${shape.join(", ")}], but the input needs [steps, ${step}] or [samples, steps, ${step}].`,
    hint: "put samples first, then steps, then the shape of the input node.",
    data: facts,
  };
}
