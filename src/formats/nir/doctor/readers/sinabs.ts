import {
  allClose,
  eachNode,
  moduleName,
  oneInput,
  noNesting,
  onlyTypes,
  readsThroughNir,
  sumPoolPadding,
} from "../checks.ts";
import { valueRefused } from "../diagnostics.ts";
import type { NirNode } from "../../graph.ts";
import type { Reader, Report } from "../reader.ts";
import { rankOf } from "../values.ts";

const TITLE = "sinabs";
const TYPES = ["Affine", "Conv1d", "Conv2d", "SumPool2d", "Flatten", "IF", "LI", "LIF"];

/** Source: sinabs/nir.py as of 2026 (3.1.3). */
export const sinabsReader: Reader = {
  name: "sinabs",
  title: TITLE,
  call: "sinabs.from_nir",
  basis: "runs",
  rule: {
    nodes: TYPES.join(", "),
    step: "1 unit of the file's time",
    lif: "v ← exp(−1/τ) v + x; r is dropped",
    spike: "≥, several in a step",
    reset: "subtracts each time; IF not below −threshold",
    recurrence: "no nested graphs; a Linear stops it",
  },
  check(view, report) {
    readsThroughNir(view, TITLE, report);
    onlyTypes(view, TITLE, TYPES, ({ name }) => `KeyError: '${moduleName(name)}'`, report);
    noNesting(view, TITLE, "Cannot find the input of an empty graph", report);
    eachNode(view.file.root, (node) => checkNeuron(node, report));
    oneInput(view, TITLE, "warning", "", report);
    sumPoolPadding(view, TITLE, report);
  },
  interpret: () => ({
    options: {
      timeUnit: "steps",
      integrator: "exponential",
      compare: ">=",
      current: "new",
      reset: "multi-subtract",
      ifStep: "one",
      vMinThresholds: -1,
    },
    neuron: () => ({ r: 1 }),
  }),
};

function checkNeuron(node: NirNode, report: Report): void {
  if (node.type !== "LIF" && node.type !== "LI") return;
  const rank = rankOf(node.fields.v_leak) ?? 1;
  if (rank > 1) {
    const says = "The truth value of an array with more than one element is ambiguous";
    const facts = { reader: TITLE, node, field: "v_leak", needs: "of one axis", says };
    report(valueRefused({ ...facts, found: `${rank} axes` }));
  }
  allClose(node, TITLE, { field: "v_leak", wanted: 0, says: "`v_leak` must be 0" }, report);
  if (node.type === "LI") allClose(node, TITLE, { field: "r", wanted: 1, says: "`r` must be 1" }, report);
}
