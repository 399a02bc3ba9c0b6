import { allClose, eachNode, readsThroughNir, recurrentLayer, uniform } from "../checks.ts";
import { nestedRefused, quantized, unsupportedNode, valueRefused } from "../diagnostics.ts";
import type { NirNode } from "../../graph.ts";
import type { FileView, Reader, Report } from "../reader.ts";
import { close, countIf, layerOf } from "../values.ts";

const TITLE = "Lava";
const DT = 1e-4;
const PROCESSES = ["Affine", "LIF"];
const LAVA_DL = ["Affine", "Linear", "Conv2d", "SumPool2d", "Flatten", "IF", "CubaLIF"];

/** Source: the script paper/nir_to_lava.py in the NIR repository; two ways, processes and lava-dl. */
export const lavaReader: Reader = {
  name: "lava",
  title: TITLE,
  call: "paper/nir_to_lava.py: import_from_nir",
  basis: "code",
  rule: {
    nodes: `processes: ${PROCESSES.join(", ")} of one neuron; lava-dl: ${LAVA_DL.join(", ")}`,
    step: "1e-4 s",
    lif: "v ← (1 − dt/τ) v + dt/τ x in 12 bits; r is dropped",
    spike: ">",
    reset: "to 0",
    recurrence: "lava-dl: a CubaLIF ⇄ weights pair or a four-node graph",
  },
  check(view, report) {
    readsThroughNir(view, TITLE, report);
    const processes = usesProcesses(view);
    const takes = processes ? PROCESSES : LAVA_DL;
    for (const node of view.file.root.nodes) {
      if (node.graph === undefined) continue;
      if (!processes && recurrentLayer(node.graph)?.neuron.type === "CubaLIF") continue;
      const why = "it only takes graphs of Input, CubaLIF, recurrent weights and Output, in lava-dl";
      report(nestedRefused({ reader: TITLE, node, why, says: "only 4-node RNN allowed in subgraph" }));
    }
    eachNode(view.file.root, (node) => {
      if (node.type === "Input" || node.type === "Output") return;
      if (takes.includes(node.type)) checkNode(node, processes, report);
      else
        report(unsupportedNode({ reader: TITLE, node, takes: takes.join(", "), says: "Unknown node type" }));
    });
    const rule = processes
      ? "weights × 256 and thresholds × 256 in whole numbers, decays in 12 bits"
      : "lava-dl rounds membranes and decays to 12 bits";
    report(quantized({ reader: TITLE, rule }));
  },
  interpret: () => ({
    options: {
      dtSeconds: DT,
      timeUnit: "s",
      integrator: "euler",
      compare: ">",
      current: "new",
      reset: "value",
      ifStep: "one",
      vMinThresholds: -Infinity,
    },
    neuron(type, i, layer) {
      if (type === "LIF") return { r: 1, v_leak: 0, v_reset: 0 };
      // The threshold is multiplied by r, where the input would have to be.
      if (type === "IF") return { r: 1, v_threshold: layer.v_threshold[i] * layer.r[i], v_reset: 0 };
      return type === "CubaLIF" ? { v_reset: 0 } : {};
    },
  }),
};

/** LIF exists only among the processes, everything else beside Affine only in lava-dl. */
function usesProcesses({ file }: FileView): boolean {
  let lif = false;
  eachNode(file.root, ({ type }) => (lif ||= type === "LIF"));
  return lif;
}

function checkNode(node: NirNode, processes: boolean, report: Report): void {
  switch (node.type) {
    case "Affine":
      if (processes)
        allClose(
          node,
          TITLE,
          { field: "bias", wanted: 0, says: "Non-zero bias not supported by Lava" },
          report,
        );
      break;
    case "Conv2d":
      allClose(node, TITLE, { field: "bias", wanted: 0, says: "bias not supported in lava-dl" }, report);
      break;
    case "LIF": {
      const neurons = layerOf(node).tau.length;
      if (neurons > 1) {
        const says = "only size-1 arrays can be converted to Python scalars";
        const facts = { reader: TITLE, node, field: "tau", needs: "one number", says };
        report(valueRefused({ ...facts, found: `${neurons} neurons` }));
      }
      break;
    }
    case "IF":
      uniform(node, TITLE, "v_threshold", "v_threshold must be the same for all neurons", report);
      uniform(node, TITLE, "r", "resistance must be the same for all neurons", report);
      break;
    case "CubaLIF": {
      allClose(node, TITLE, { field: "v_leak", wanted: 0, says: "v_leak not supported in CubaLIF" }, report);
      uniform(node, TITLE, "tau_syn", "CubaLIF cur_decay must be same for all neurons", report);
      uniform(node, TITLE, "tau_mem", "CubaLIF vol_decay must be same for all neurons", report);
      uniform(node, TITLE, "v_threshold", "CubaLIF v_thr must be same for all neurons", report);
      const { r, tau_mem: tauMem } = layerOf(node);
      const wrong = countIf(r, (value, i) => !close(value, tauMem[i] / DT));
      if (wrong > 0) {
        const facts = { reader: TITLE, node, field: "r", needs: "tau_mem / 1e-4 s" };
        const found = `${wrong} of ${r.length} others`;
        report(valueRefused({ ...facts, found, says: "r not supported in CubaLIF" }));
      }
    }
  }
}
