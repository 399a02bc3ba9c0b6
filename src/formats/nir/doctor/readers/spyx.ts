import { isArray } from "../../fields.ts";
import type { NirNode } from "../../graph.ts";
import {
  countsEdgesOnce,
  eachNode,
  readsThroughNir,
  recurrentLayer,
  recurrentPairs,
  sumPoolPadding,
} from "../checks.ts";
import {
  biasDropped,
  branchDropped,
  dimensionsDropped,
  graphRefused,
  nestedRefused,
  nodeSkipped,
  recurrenceDiffers,
} from "../diagnostics.ts";
import type { Reader, Report } from "../reader.ts";
import { countIf, distinct, layerOf } from "../values.ts";

const TITLE = "Spyx";
const TYPES = ["Affine", "Linear", "Conv2d", "SumPool2d", "Flatten", "IF", "LIF", "CubaLIF"];

/** Source: src/spyx/nir.py as of July 2026 (17a7f453). */
export const spyxReader: Reader = {
  name: "spyx",
  title: TITLE,
  call: "spyx.nir.from_nir",
  basis: "code",
  rule: {
    nodes: `${TYPES.join(", ")}; others are skipped`,
    step: "1 unit of the file's time (argument dt)",
    lif: "v ← (1 − dt/τ) v + x; r, v_leak and w_in are dropped",
    spike: ">",
    reset: "subtracts",
    recurrence: 'one chain from "input" to "output"; four-node graphs, without bias',
  },
  check(view, report) {
    const { root } = view.file;
    readsThroughNir(view, TITLE, report);
    for (const name of ["input", "output"])
      if (!root.nodes.some((node) => node.name === name)) {
        const problem = `it walks from a node "input" to a node "output", and there is none called "${name}"`;
        report(graphRefused({ reader: TITLE, problem, says: "" }));
      }
    const pairs = new Set(recurrentPairs(root).map(({ weights }) => weights.name));
    for (const node of root.nodes) {
      if (node.graph !== undefined) checkRecurrent(node, report);
      else if (pairs.has(node.name)) recurrentBias(node, report);
      const next = [...new Set(root.edges.filter(([from]) => from === node.name).map(([, to]) => to))];
      const others = next.filter((name) => !pairs.has(name));
      if (others.length > 1 && !pairs.has(node.name))
        report(branchDropped({ reader: TITLE, node, followed: others[0], dropped: others.slice(1) }));
    }
    eachNode(root, (node) => checkNode(node, report));
    sumPoolPadding(view, TITLE, report);
    countsEdgesOnce(view, TITLE, report);
  },
  interpret: () => ({
    options: {
      timeUnit: "steps",
      integrator: "euler",
      compare: ">",
      current: "new",
      reset: "subtract",
      ifStep: "one",
      vMinThresholds: -Infinity,
    },
    neuron(type, i, layer) {
      switch (type) {
        case "LIF":
          return { r: layer.tau[i], v_leak: 0 };
        case "CubaLIF":
          return { r: layer.tau_mem[i], w_in: layer.tau_syn[i], v_leak: 0 };
        default:
          return { r: 1 };
      }
    },
  }),
};

function checkRecurrent(node: NirNode, report: Report): void {
  const layer = node.graph === undefined ? undefined : recurrentLayer(node.graph);
  if (layer === undefined) {
    const why = "it only takes graphs of Input, neurons, recurrent weights and Output";
    report(nestedRefused({ reader: TITLE, node, why, says: "only 4-node RNN allowed in subgraph" }));
    return;
  }
  const why =
    "it lets the input through the recurrent weights when it exports, and adds it directly when it runs";
  report(recurrenceDiffers({ reader: TITLE, node, why }));
  recurrentBias(layer.weights, report);
}

function recurrentBias(weights: NirNode, report: Report): void {
  const neurons = countIf(layerOf(weights).bias ?? [], (value) => value !== 0);
  if (neurons > 0) report(biasDropped({ reader: TITLE, node: weights, neurons }));
}

function checkNode(node: NirNode, report: Report): void {
  if (![...TYPES, "Input", "Output"].includes(node.type))
    report(nodeSkipped({ reader: TITLE, node, why: "it has no layer of that type" }));
  if (node.type !== "Conv2d") return;
  for (const field of ["dilation", "groups"]) {
    const value = node.fields[field];
    if (isArray(value) && distinct(value).some((n) => n !== 1))
      report(dimensionsDropped({ reader: TITLE, node, field, value: `[${value.data.join(", ")}]` }));
  }
}
