import {
  NESTED_STATE,
  NIRTORCH_DEFAULTS,
  noNesting,
  oneInput,
  onlyTypes,
  readsThroughNir,
  scalarWindows,
  sumPoolPadding,
  unknownToNirtorch,
  unshiftedFlatten,
} from "../checks.ts";
import type { Reader } from "../reader.ts";

const TITLE = "Norse";
const TYPES = [...NIRTORCH_DEFAULTS, "IF", "LI", "LIF", "CubaLIF"];

/** Source: norse/torch/utils/import_nir.py as of 2026 (1.1.0-31, with NIRTorch 2.0.6). */
export const norseReader: Reader = {
  name: "norse",
  title: TITLE,
  call: "norse.torch.from_nir",
  basis: "runs",
  rule: {
    nodes: TYPES.join(", "),
    step: "1e-3 s (argument dt)",
    lif: "v ← v + dt/τ (v_leak − v + x); r is dropped with a warning",
    spike: ">",
    reset: "to 0, whatever v_reset says",
    recurrence: "cycles carry the previous step; no nested graphs",
  },
  check(view, report) {
    readsThroughNir(view, TITLE, report);
    onlyTypes(view, TITLE, TYPES, unknownToNirtorch, report);
    noNesting(view, TITLE, NESTED_STATE, report);
    scalarWindows(view, TITLE, ["AvgPool2d", "SumPool2d"], report);
    oneInput(view, TITLE, "warning", "", report);
    sumPoolPadding(view, TITLE, report);
    unshiftedFlatten(view, TITLE, report);
  },
  interpret: () => ({
    options: {
      dtSeconds: 1e-3,
      timeUnit: "s",
      integrator: "euler",
      compare: ">",
      current: "new",
      reset: "value",
      ifStep: "one",
      vMinThresholds: -Infinity,
    },
    neuron(type, i, layer) {
      if (type !== "CubaLIF") return { r: 1, v_reset: 0 };
      // The synapse leaks to v_leak, too: in the long run the membrane is pulled to v_leak + r·v_leak.
      return { v_reset: 0, v_leak: layer.v_leak[i] * (1 + layer.r[i]) };
    },
  }),
};
