import {
  NESTED_STATE,
  NIRTORCH_DEFAULTS,
  allClose,
  eachNode,
  noNesting,
  oneInput,
  onlyTypes,
  readsThroughNir,
  scalarWindows,
  sumPoolPadding,
  uniform,
  unknownToNirtorch,
} from "../checks.ts";
import { valueRefused } from "../diagnostics.ts";
import type { NirNode } from "../../graph.ts";
import type { Reader, Report } from "../reader.ts";
import { countIf, layerOf } from "../values.ts";

const TITLE = "SpikingJelly";
const DT = 1e-4;
const TYPES = [...NIRTORCH_DEFAULTS, "IF", "LIF"];

/** Source: spikingjelly/activation_based/nir_exchange/from_nir.py as of 2026 (afb13226). */
export const spikingjellyReader: Reader = {
  name: "spikingjelly",
  title: TITLE,
  call: "spikingjelly.activation_based.nir_exchange.import_from_nir",
  basis: "runs",
  rule: {
    nodes: TYPES.join(", "),
    step: "1e-4 s (argument dt)",
    lif: "v ← v + (x − v)/τ′ if r = 1, else v ← v − v/τ′ + x; other r are dropped",
    spike: "≥",
    reset: "to v_reset, which v_leak must equal",
    recurrence: "cycles carry the previous step; no nested graphs",
  },
  check(view, report) {
    readsThroughNir(view, TITLE, report);
    onlyTypes(view, TITLE, TYPES, unknownToNirtorch, report);
    noNesting(view, TITLE, NESTED_STATE, report);
    scalarWindows(view, TITLE, ["SumPool2d"], report);
    eachNode(view.file.root, (node) => checkNeuron(node, report));
    oneInput(view, TITLE, "warning", "", report);
    sumPoolPadding(view, TITLE, report);
  },
  interpret: () => ({
    options: {
      dtSeconds: DT,
      timeUnit: "s",
      integrator: "euler",
      compare: ">=",
      current: "new",
      reset: "value",
      ifStep: "dt",
      vMinThresholds: -Infinity,
    },
    neuron(type, i, layer) {
      if (type !== "LIF") return {};
      return layer.r[i] === 1 ? {} : { r: layer.tau[i] / DT };
    },
  }),
};

function checkNeuron(node: NirNode, report: Report): void {
  if (node.type !== "LIF" && node.type !== "IF") return;
  const fields =
    node.type === "IF" ? ["v_threshold", "v_reset"] : ["tau", "r", "v_reset", "v_leak", "v_threshold"];
  for (const field of fields)
    uniform(node, TITLE, field, `\`${field}\` must be the same for all neurons!`, report);
  if (node.type === "IF") {
    allClose(node, TITLE, { field: "r", wanted: 1 / DT, says: "`nir.IF.r` mismatch 1.0/dt !" }, report);
    return;
  }
  const { v_leak: vLeak, v_reset: vReset } = layerOf(node);
  const wrong = countIf(vLeak, (value, i) => value !== vReset[i]);
  if (wrong === 0) return;
  report(
    valueRefused({
      reader: TITLE,
      node,
      field: "v_leak",
      needs: "equal to v_reset",
      found: `${wrong} of ${vLeak.length} others`,
      says: "`v_leak` should be equal to `v_reset`!",
    }),
  );
}
