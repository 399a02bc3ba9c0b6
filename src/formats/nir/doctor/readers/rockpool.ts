import { biasDropped, constructorRefuses, nestedRefused, unsupportedNode } from "../diagnostics.ts";
import { eachNode, oneInput, pythonClass, readsThroughNir, recurrentLayer } from "../checks.ts";
import type { Reader } from "../reader.ts";
import { countIf, layerOf } from "../values.ts";

const TITLE = "Rockpool";
const TYPES = ["Linear", "Affine", "LI", "CubaLIF"];

/** Source: rockpool/nn/modules/torch/nir.py as of 2026 (3.0.3). */
export const rockpoolReader: Reader = {
  name: "rockpool",
  title: TITLE,
  call: "rockpool.nn.modules.torch.nir.from_nir",
  basis: "runs",
  rule: {
    nodes: `${TYPES.join(", ")}; LIF fails (it looks for tau_mem)`,
    step: "the smallest τ/(1 + r)",
    lif: "–; CubaLIF: I ← exp(−dt/τs) I + x, v ← exp(−dt/τ) v + I + v_leak; r and w_in are dropped",
    spike: "≥ (not verified)",
    reset: "subtracts",
    recurrence: "cycles, and four-node graphs of CubaLIF and Affine, without its bias",
  },
  check(view, report) {
    readsThroughNir(view, TITLE, report);
    for (const node of view.file.root.nodes) {
      if (node.graph === undefined) continue;
      const layer = recurrentLayer(node.graph);
      if (layer?.neuron.type !== "CubaLIF" || layer.weights.type !== "Affine") {
        const why = "it only takes graphs of Input, CubaLIF, Affine and Output";
        report(nestedRefused({ reader: TITLE, node, why, says: "Cannot convert" }));
        continue;
      }
      const { bias } = layerOf(layer.weights);
      const neurons = countIf(bias, (value) => value !== 0);
      if (neurons > 0) report(biasDropped({ reader: TITLE, node: layer.weights, neurons }));
    }
    eachNode(view.file.root, (node) => {
      if (node.type === "LIF") {
        const says = "'LIF' object has no attribute 'tau_mem'";
        report(
          constructorRefuses({
            reader: TITLE,
            node,
            problem: "it looks for tau_mem, which LIF has not",
            says,
          }),
        );
      } else if (![...TYPES, "Input", "Output"].includes(node.type)) {
        const says = `Cannot convert ${pythonClass(node.type)} to rockpool module`;
        report(unsupportedNode({ reader: TITLE, node, takes: TYPES.join(", "), says }));
      }
    });
    oneInput(view, TITLE, "error", "only one input is supported", report);
  },
  interpret({ file }) {
    const steps: number[] = [];
    eachNode(file.root, (node) => {
      if (node.type !== "CubaLIF") return;
      const { tau_mem: tauMem, r } = layerOf(node);
      tauMem.forEach((tau, i) => steps.push(tau / (1 + r[i])));
    });
    const dt = steps.reduce((a, b) => Math.min(a, b), Infinity);
    const dtSeconds = Number.isFinite(dt) && dt > 0 ? dt : 1e-3;
    return {
      options: {
        dtSeconds,
        timeUnit: "s",
        integrator: "exponential",
        compare: ">=",
        current: "new",
        reset: "subtract",
        ifStep: "one",
        vMinThresholds: -Infinity,
      },
      neuron(type, i, layer) {
        if (type !== "CubaLIF") return {};
        const lossMem = -Math.expm1(-dtSeconds / layer.tau_mem[i]);
        // A gain of exactly 1 is one per step already.
        return { r: 1, w_in: 1, v_leak: layer.v_leak[i] / lossMem };
      },
    };
  },
};
