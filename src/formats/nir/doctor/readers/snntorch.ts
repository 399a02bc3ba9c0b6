import {
  NESTED_STATE,
  NIRTORCH_DEFAULTS,
  allClose,
  countsEdgesOnce,
  eachNode,
  noNesting,
  oneInput,
  onlyTypes,
  readsThroughNir,
  recurrentPairs,
  scalarWindows,
  sumPoolPadding,
  uniform,
  unknownToNirtorch,
  unshiftedFlatten,
} from "../checks.ts";
import { nestedRefused, valueRefused } from "../diagnostics.ts";
import type { NirNode } from "../../graph.ts";
import type { Layer, Reader, Report } from "../reader.ts";
import { close, countIf, layerOf } from "../values.ts";

const TITLE = "snnTorch";
const DT = 1e-4;
const TYPES = [...NIRTORCH_DEFAULTS, "IF", "LIF", "CubaLIF"];

/** Source: snntorch/import_nir.py as of 2026 (0.9.4-61, with NIRTorch 2.0.6). */
export const snntorchReader: Reader = {
  name: "snntorch",
  title: TITLE,
  call: "snntorch.import_nir.import_from_nir",
  basis: "runs",
  rule: {
    nodes: TYPES.join(", "),
    step: "1e-4 s",
    lif: "v ← (1 − dt/τ) v + x; other gains rescale the threshold",
    spike: ">",
    reset: "to 0",
    recurrence: "a neuron ⇄ weights pair or a four-node graph, which NIRTorch 2.0 then refuses",
  },
  check(view, report) {
    readsThroughNir(view, TITLE, report);
    onlyTypes(view, TITLE, TYPES, unknownToNirtorch, report);
    noNesting(view, TITLE, NESTED_STATE, report);
    for (const { neuron } of recurrentPairs(view.file.root)) {
      const why = "it makes a nested graph of neurons and recurrent weights, which NIRTorch 2.0 cannot build";
      report(nestedRefused({ reader: TITLE, node: neuron, why, says: NESTED_STATE }));
    }
    scalarWindows(view, TITLE, ["AvgPool2d", "SumPool2d"], report);
    eachNode(view.file.root, (node) => checkNeuron(node, report));
    oneInput(view, TITLE, "warning", "", report);
    sumPoolPadding(view, TITLE, report);
    unshiftedFlatten(view, TITLE, report);
    countsEdgesOnce(view, TITLE, report);
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
      switch (type) {
        case "LIF":
          return { r: layer.tau[i] / DT, v_reset: 0, v_threshold: layer.v_threshold[i] / weightScale(layer) };
        case "CubaLIF": {
          // It takes w_in for the gain of one step, which it is only without the factor dt/τ.
          const scale = layer.w_in.every((w) => close(w, 1)) ? 1 : layer.w_in[0];
          return {
            r: layer.tau_mem[i] / DT,
            w_in: layer.tau_syn[i] / DT,
            v_reset: 0,
            v_threshold: layer.v_threshold[i] / scale,
          };
        }
        default:
          return { v_reset: 0 };
      }
    },
  }),
};

/** r·dt/τ, which it divides the threshold by: 1, or the smallest of the layer. */
function weightScale({ r, tau }: Layer): number {
  const scales = Array.from(r, (value, i) => (value * DT) / tau[i]);
  return scales.every((scale) => close(scale, 1)) ? 1 : Math.min(...new Set(scales));
}

function checkNeuron(node: NirNode, report: Report): void {
  const threshold = (says: string): void => uniform(node, TITLE, "v_threshold", says, report);
  const noLeak = (): void =>
    allClose(node, TITLE, { field: "v_leak", wanted: 0, says: "v_leak not supported" }, report);
  switch (node.type) {
    case "IF":
      threshold("v_threshold must be same for all neurons");
      uniform(node, TITLE, "r", "r must be same for all neurons", report);
      allClose(node, TITLE, { field: "r", wanted: 1, says: "r != 1 not supported" }, report);
      break;
    case "LIF":
      noLeak();
      threshold("v_threshold must be same for all neurons");
      break;
    case "CubaLIF": {
      noLeak();
      threshold("CubaLIF v_thr must be same for all neurons");
      const { r, tau_mem: tauMem } = layerOf(node);
      const wrong = countIf(r, (value, i) => !close(value, tauMem[i] / DT));
      if (wrong > 0)
        report(
          valueRefused({
            reader: TITLE,
            node,
            field: "r",
            needs: "tau_mem / 1e-4 s",
            found: `${wrong} of ${r.length} others`,
            says: "r not supported in CubaLIF",
          }),
        );
    }
  }
}
