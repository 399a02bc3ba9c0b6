// Every message of the netx importer, one function each, in alphabetical order.
import type { Hdf5Fault } from "#formats/hdf5/fault";
import type { Diagnostic } from "#util/diagnostic";
import { formatCount, plural } from "#util/units";

export function averageInside(facts: { path: string }): Diagnostic {
  return {
    code: "netx/layer-unsupported",
    severity: "error",
    message:
      'layers of type "average" can only be the last, where the host takes the means; inside the network no chip does.',
    subject: facts.path,
    hint: "take the layer out, or train with a pool or dense layer in its place.",
    data: { type: "average" },
  };
}

export function averageLeftOut(facts: { path: string; values: number; neurons: number }): Diagnostic {
  const { path, values, neurons } = facts;
  return {
    code: "netx/average-left-out",
    severity: "note",
    message: `"average" makes ${plural(values, "value")} of ${plural(neurons, "neuron")} outside the chip; the output is these neurons.`,
    subject: path,
    hint: `sum up ${plural(neurons / values, "neuron")} for each value, as the training code did.`,
    data: { values, neurons },
  };
}

export function biasEncoder(facts: { path: string; weight: number; bias: number }): Diagnostic {
  const { path, weight, bias } = facts;
  return {
    code: "netx/bias-encoder",
    severity: "note",
    message: `the input layer has neurons that biases drive: the data of port "input" are their bias mantissas, whole numbers; the file's weight ${weight} and bias ${bias} are not applied, as in Lava.`,
    subject: path,
    hint: `give ${weight} x image + ${bias}, rounded; the last step given holds to the end.`,
    data: { weight, bias },
  };
}

export function concatLayers(facts: { path: string; layers: readonly number[]; index: number }): Diagnostic {
  const { path, layers, index } = facts;
  const needed = index === 0 ? "layers before it" : `numbers of layers before it, 0 to ${index - 1}`;
  const found = layers.length === 0 ? "there are none" : `"layers" is ${layers.slice(0, 20).join(", ")}`;
  return {
    code: "netx/concat-layers",
    severity: "error",
    message: `"concat" needs ${needed}, but ${found}.`,
    subject: path,
    hint: 'list in "layers" the numbers of the layers that are put together.',
    data: { layers, index },
  };
}

export function damaged(facts: { reason: string }): Diagnostic {
  return {
    code: "netx/damaged",
    severity: "error",
    message: `the file cannot be read as HDF5: ${facts.reason}.`,
    hint: "copy or export the file again.",
    data: facts,
  };
}

export function delayUnsupported(facts: { path: string; type: string }): Diagnostic {
  const { path, type } = facts;
  return {
    code: "netx/delay-unsupported",
    severity: "error",
    message: `"${type}" has a "delay", but only layers with weights can be read with one.`,
    subject: path,
    hint: "move the delay to the layer behind this one.",
    data: { type },
  };
}

export function delayedLoop(facts: { path: string }): Diagnostic {
  return {
    code: "netx/delayed-loop",
    severity: "error",
    message:
      'a recurrent layer has a "delay", and nothing says whether its own spikes are delayed by it, too.',
    subject: facts.path,
    hint: "export the network without delays in recurrent layers.",
  };
}

export function fieldMissing(facts: { path: string; field: string }): Diagnostic {
  const { path, field } = facts;
  return {
    code: "netx/field-missing",
    severity: "error",
    message: `the layer needs "${field}", which is not there.`,
    subject: path,
    hint: "export the network again with lava-dl (net.export_hdf5).",
    data: { field },
  };
}

export function fieldShape(facts: {
  path: string;
  needed: string;
  shape: readonly number[] | "text";
}): Diagnostic {
  const { path, needed, shape } = facts;
  const found = shape === "text" ? "text" : `an array of shape [${shape.join(", ")}]`;
  return {
    code: "netx/field-shape",
    severity: "error",
    message: `the field needs ${needed}, but holds ${found}.`,
    subject: path,
    hint: "export the network again with lava-dl (net.export_hdf5).",
    data: { needed, shape },
  };
}

export function fieldUnknown(facts: { path: string }): Diagnostic {
  return {
    code: "netx/field-unknown",
    severity: "warning",
    message: "the field is none that netx files are known to have, and was not read.",
    subject: facts.path,
  };
}

export function fieldUnreadable(facts: { path: string; fault: Hdf5Fault }): Diagnostic {
  const { path, fault } = facts;
  return {
    code: "netx/field-unreadable",
    severity: "error",
    message: `the field cannot be read: ${faultText(fault)}.`,
    subject: path,
    hint: "copy or export the file again.",
    data: { kind: fault.kind },
  };
}

export function inputInside(facts: { path: string }): Diagnostic {
  return {
    code: "netx/input-inside",
    severity: "error",
    message: 'an "input" layer must be the first of the chain, but others come before it.',
    subject: facts.path,
    hint: "number the layers so that the input is layer 0.",
  };
}

export function inputShapeMissing(facts: { path: string; type: string }): Diagnostic {
  const { path, type } = facts;
  return {
    code: "netx/input-shape-missing",
    severity: "error",
    message: `the chain begins with "${type}", which needs the height and width of its input, but there is no "input" layer to say them.`,
    subject: path,
    hint: 'export the network with an input block, so that layer 0 is an "input" with its shape.',
    data: { type },
  };
}

export function layerEmpty(facts: { path: string }): Diagnostic {
  return {
    code: "netx/layer-empty",
    severity: "error",
    message: "the layer has no type: its group is empty, as an interrupted export leaves it.",
    subject: facts.path,
    hint: "export the network again with lava-dl (net.export_hdf5).",
  };
}

export function layerNumbers(facts: { found: readonly string[] }): Diagnostic {
  const { found } = facts;
  return {
    code: "netx/layer-numbers",
    severity: "error",
    message: `the groups of /layer must be numbered 0, 1, 2, … without gaps, but are ${found.slice(0, 20).join(", ")}.`,
    subject: "/layer",
    hint: "export the network again with lava-dl (net.export_hdf5).",
    data: { found },
  };
}

export function layerUnread(facts: { path: string }): Diagnostic {
  return {
    code: "netx/layer-unread",
    severity: "warning",
    message: "no layer reads this one: it costs memory and energy and changes no output.",
    subject: facts.path,
    hint: 'name it in the "layers" of a concat, or take it out.',
  };
}

export function layerUnsupported(facts: {
  path: string;
  type: string;
  known: readonly string[];
}): Diagnostic {
  const { path, type, known } = facts;
  return {
    code: "netx/layer-unsupported",
    severity: "error",
    message: `layers of type "${type}" are not supported; the types that can be read are ${known.join(", ")}.`,
    subject: path,
    hint: `replace the layer by one of ${known.join(", ")}.`,
    data: { type, known },
  };
}

export function lowestBitLost(facts: { path: string; weights: number }): Diagnostic {
  const { path, weights } = facts;
  return {
    code: "netx/lowest-bit-lost",
    severity: "warning",
    message: `${plural(weights, "weight")} ${weights === 1 ? "is" : "are"} odd, but where signs are mixed the chip stores even mantissas; odd ones are rounded down, as Lava does.`,
    subject: path,
    data: { weights },
  };
}

export function neuronDefault(facts: { path: string }): Diagnostic {
  return {
    code: "netx/neuron-default",
    severity: "note",
    message:
      "the layer has no neuron; as in Lava, it adds up its input without leak and never fires: its membrane is read.",
    subject: facts.path,
  };
}

export function neuronUnsupported(facts: { path: string; type: string; what: string }): Diagnostic {
  const { path, type, what } = facts;
  return {
    code: "netx/neuron-unsupported",
    severity: "error",
    message: `neurons of type "${type}" ${what}, which no target computes; the types that can be read are LOIHI and CUBA.`,
    subject: path,
    hint: "train and export the layer with a CUBA block.",
    data: { type },
  };
}

export function noLayers(): Diagnostic {
  return {
    code: "netx/no-layers",
    severity: "error",
    message: "the file needs a group /layer with the layers 0, 1, 2, …, but has none.",
    subject: "/layer",
    hint: "choose a file written by lava-dl (net.export_hdf5).",
  };
}

export function noNeurons(facts: { types: readonly string[] }): Diagnostic {
  const { types } = facts;
  return {
    code: "netx/no-neurons",
    severity: "error",
    message: `a network needs a layer with neurons, but the layers are ${types.join(", ")}.`,
    subject: "/layer",
    hint: "choose a file with a dense or conv layer.",
    data: { types },
  };
}

export function notHdf5(facts: { looksLike: string; advice: string }): Diagnostic {
  const { looksLike, advice } = facts;
  return {
    code: "netx/not-hdf5",
    severity: "error",
    message: `a netx file is an HDF5 file, but these bytes look like ${looksLike}.`,
    hint: advice,
    data: { looksLike },
  };
}

export function optionIgnored(facts: { option: string }): Diagnostic {
  const { option } = facts;
  return {
    code: "netx/option-ignored",
    severity: "warning",
    message: `the option ${option} does not apply: a netx file holds the chip's integers, which leave nothing open.`,
    hint: "leave the option out.",
    data: { option },
  };
}

export function poolWeights(facts: { path: string }): Diagnostic {
  return {
    code: "netx/pool-weights",
    severity: "note",
    message:
      'Lava\'s own importer refuses "pool"; here it is a convolution of each channel by itself with the stored weights.',
    subject: facts.path,
  };
}

export function recurrentType(facts: { path: string }): Diagnostic {
  return {
    code: "netx/recurrent-type",
    severity: "note",
    message: '"recurrent" of older files is read as "dense_rec", with "recWeight" as its recurrent weights.',
    subject: facts.path,
  };
}

export function refractoryIgnored(facts: { path: string; steps: number }): Diagnostic {
  const { path, steps } = facts;
  return {
    code: "netx/refractory-ignored",
    severity: "warning",
    message: `a refractory delay of ${steps} steps is stored, but neurons may fire in every step: Lava ignores the field, too.`,
    subject: path,
    data: { steps },
  };
}

export function shapeMismatch(facts: {
  path: string;
  what: string;
  needed: string;
  found: string;
}): Diagnostic {
  const { path, what, needed, found } = facts;
  return {
    code: "netx/shape-mismatch",
    severity: "error",
    message: `${what} needs ${needed}, but there is ${found}.`,
    subject: path,
    hint: "export the network again; if it was edited by hand, make the sizes of neighbouring layers agree.",
    data: { needed, found },
  };
}

export function truncated(facts: { hasBytes: number; needsBytes: number }): Diagnostic {
  const { hasBytes, needsBytes } = facts;
  return {
    code: "netx/truncated",
    severity: "error",
    message: `the file needs ${formatCount(needsBytes)} bytes by its own header, but has ${formatCount(hasBytes)}.`,
    hint: "copy or download the file again.",
    data: { hasBytes, needsBytes },
  };
}

export function valueOutOfRange(facts: {
  path: string;
  what: string;
  element: number;
  value: number;
  min: number;
  max: number;
}): Diagnostic {
  const { path, what, element, value, min, max } = facts;
  const words = max === Infinity ? `at least ${min}` : `from ${min} to ${max}`;
  return {
    code: "netx/value-out-of-range",
    severity: "error",
    message: `${what} needs whole numbers ${words}, but element ${element} is ${value}.`,
    subject: path,
    hint: "export the network again with lava-dl, whose quantizer keeps to the chip's registers.",
    data: { element, value, min, max },
  };
}

export function weightExponentUnknown(facts: { path: string; wgtExp: number }): Diagnostic {
  const { path, wgtExp } = facts;
  return {
    code: "netx/weight-exponent-ignored",
    severity: "warning",
    message: `wgtExp is ${wgtExp}, but Lava does not use it: weights act with exponent 0.`,
    subject: path,
    hint: `multiply the weights by 2^${wgtExp} before the export if the exponent was meant.`,
    data: { wgtExp },
  };
}

export function weightNotWhole(facts: { path: string; element: number; value: number }): Diagnostic {
  const { path, element, value } = facts;
  return {
    code: "netx/weight-not-whole",
    severity: "error",
    message: `weights need to be whole numbers, the chip's mantissas, but element ${element} is ${value}.`,
    subject: path,
    hint: "train with a quantizing synapse (pre_hook_fx of lava-dl) and export again.",
    data: { element, value },
  };
}

export function weightsClipped(facts: {
  path: string;
  weights: number;
  min: number;
  max: number;
}): Diagnostic {
  const { path, weights, min, max } = facts;
  return {
    code: "netx/weights-clipped",
    severity: "warning",
    message: `${plural(weights, "weight")} ${weights === 1 ? "is" : "are"} outside ${min} to ${max}, the range of a stored mantissa, and clipped, as Lava does.`,
    subject: path,
    data: { weights, min, max },
  };
}

function faultText(fault: Hdf5Fault): string {
  switch (fault.kind) {
    case "huge":
      return `its shape [${fault.shape.join(", ")}] claims ${formatCount(fault.neededBytes)} bytes, more than there are`;
    case "filter":
      return `it is stored with the filter "${fault.filter}"`;
    case "dtype":
      return `its type is ${fault.dtype}, neither numbers nor text`;
    case "inexact":
      return `an integer in it is too large (${fault.dtype})`;
    case "truncated":
      return "the file ends before it";
    case "unreadable":
      return fault.reason;
  }
}
