import type { Diagnostic } from "#util/diagnostic";
import { READER_NAMES, type ReaderName } from "./reader.ts";

/** Why a finding matters, and to whom. */
export interface Concern {
  readonly why: string;
  /** Readers that stop at it, or compute something else. */
  readonly readers: readonly ReaderName[];
  /** True if `check --fix` removes it. */
  readonly isFixable: boolean;
}

const PYTHON = READER_NAMES;
const NIRTORCH: readonly ReaderName[] = ["nirtorch", "snntorch", "norse", "spikingjelly"];

const stops = (why: string): Concern => ({ why, readers: PYTHON, isFixable: false });
const fixable = (why: string, readers: readonly ReaderName[] = PYTHON): Concern => ({
  why,
  readers,
  isFixable: true,
});
const differs = (why: string, readers: readonly ReaderName[]): Concern => ({
  why,
  readers,
  isFixable: false,
});

const STRICT =
  "the reference reader wants equal shapes at both ends of every edge, and every importer begins with it";
const OTHER_STEP = "readers have a step of their own, and do not ask the file";

/** By code of the finding. Files that cannot be opened concern everybody and are not listed. */
export const CONCERNS: Readonly<Record<string, Concern>> = {
  "nir/ambiguous-port": stops(
    "the reference reader takes graphs inside graphs with one Input and one Output",
  ),
  "nir/bad-field": stops("no reader can build the node"),
  "nir/batch-axis": fixable(STRICT),
  "nir/broadcast": fixable(STRICT),
  "nir/cycle-form": differs(
    "they know recurrence only as a pair of neurons and weights that nothing else touches",
    ["snntorch", "spyx", "lava"],
  ),
  "nir/delay-rounded": differs("delays between steps are rounded in every simulator", []),
  "nir/dotted-edge": fixable("the reference reader looks for a node of that name"),
  "nir/driven-input": fixable("some readers begin at Input nodes and never look behind them", [
    "spyx",
    "hxtorch",
  ]),
  "nir/dt-assumed": differs(OTHER_STEP, ["norse", "sinabs", "spyx", "spinnaker2", "hxtorch"]),
  "nir/duplicate-edge": fixable("some count the edge once, some twice", [
    "snntorch",
    "spyx",
    "lava",
    "hxtorch",
  ]),
  "nir/empty-graph": stops("there is nothing to read"),
  "nir/extra-field": fixable(
    "the reference reader hands every field to the node, which refuses those it does not know",
  ),
  "nir/field-assumed": fixable("the reference reader has no default for it"),
  "nir/flatten-range": stops("no reader can build the node"),
  "nir/flattened-subgraph": fixable("the reference reader looks for a node of that name"),
  "nir/input-shape-assumed": fixable("the reference reader has no default for it"),
  "nir/input-through-recurrence": differs(
    "Spyx writes it and means that the input joins the current; everybody else sends the input through the recurrent weights",
    ["spyx"],
  ),
  "nir/kernel-too-large": stops("no reader can build the node"),
  "nir/leak-level": differs(
    "snnTorch, sinabs and Lava want v_leak = 0, SpikingJelly wants it equal to v_reset, Spyx drops it",
    ["snntorch", "sinabs", "spikingjelly", "spyx", "lava"],
  ),
  "nir/missing-field": stops("the reference reader has no default for it"),
  "nir/mixed-parameters": differs("they keep one value for each layer", []),
  "nir/nested-graph": fixable(
    "most importers know graphs inside graphs not at all, or only as recurrent layers",
    [...NIRTORCH, "sinabs", "lava", "spinnaker2", "hxtorch"],
  ),
  "nir/no-input": stops("there is no place where data go in"),
  "nir/no-output": stops("there is no place where data come out"),
  "nir/node-name-with-slash": fixable("HDF5 takes the name for a folder"),
  "nir/non-finite": differs("every simulator computes NaN from it", PYTHON),
  "nir/optional-field": fixable("readers before nir 1.0.6 have no default for it", []),
  "nir/parameter-shapes": stops("the reference reader wants one shape for all parameters of a node"),
  "nir/port-shape": fixable(STRICT),
  "nir/ports-added": fixable("importers look for Input and Output nodes", [
    ...NIRTORCH,
    "rockpool",
    "spyx",
    "hxtorch",
  ]),
  "nir/reader-trap": fixable("the reference reader computes another shape from it"),
  "nir/reset-above-threshold": differs("such neurons fire in every step wherever v_reset is honoured", []),
  "nir/reset-ambiguous": differs("each reader has one reset for everybody", [
    "snntorch",
    "norse",
    "sinabs",
    "rockpool",
    "spyx",
    "lava",
    "spinnaker2",
  ]),
  "nir/reshaped": fixable(STRICT),
  "nir/same-with-stride": fixable(
    "PyTorch refuses it, and the reference reader takes it for an unchanged size",
  ),
  "nir/scalar-window": fixable("PyTorch importers make a tuple of it, which a single number is not", []),
  "nir/several-inputs": differs("they are made for one Input node", [
    ...NIRTORCH,
    "sinabs",
    "rockpool",
    "spyx",
    "hxtorch",
  ]),
  "nir/shape-mismatch": stops(STRICT),
  "nir/shape-unknown": stops("the reference reader cannot infer it either"),
  "nir/tau-below-step": differs(
    "forward Euler overshoots; readers with exponential decay forget everything",
    ["snntorch", "norse", "spikingjelly", "spyx", "lava"],
  ),
  "nir/tau-not-positive": stops("a membrane without time constant cannot be integrated"),
  "nir/threshold-not-positive": differs("such neurons fire without input in every reader", PYTHON),
  "nir/time-unit-assumed": differs(
    "seconds, milliseconds or steps: each reader takes the field for its own unit",
    PYTHON,
  ),
  "nir/unconnected-node": fixable("the reference reader gives it ports of its own", [
    "nir",
    ...NIRTORCH,
    "spyx",
  ]),
  "nir/unknown-edge-node": stops("no reader knows where the edge leads"),
  "nir/unknown-node-type": stops("the list of types is closed"),
  "nir/unreachable": differs("importers that walk from the Input never meet it", ["spyx", "rockpool"]),
  "nir/writer": differs("every reader has conventions of its own: see check --for", []),
};

/** The finding with `why`, `readers` and `fixable` in its data; readers that it names itself stay. */
export function withConcern(diagnostic: Diagnostic): Diagnostic {
  const concern = CONCERNS[diagnostic.code] as Concern | undefined;
  if (concern === undefined) return diagnostic;
  const { why, readers, isFixable } = concern;
  return { ...diagnostic, data: { readers, ...diagnostic.data, why, fixable: isFixable } };
}
