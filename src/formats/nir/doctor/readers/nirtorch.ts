import {
  NESTED_STATE,
  NIRTORCH_DEFAULTS,
  noNesting,
  onlyTypes,
  readsThroughNir,
  scalarWindows,
  sumPoolPadding,
  unknownToNirtorch,
  unshiftedFlatten,
} from "../checks.ts";
import type { Reader } from "../reader.ts";

const TITLE = "NIRTorch";

/** `nir_to_torch` without a map of one's own: layers without neurons. Source: nirtorch/nir_interpreter.py, 2.0.6. */
export const nirtorchReader: Reader = {
  name: "nirtorch",
  title: TITLE,
  call: "nirtorch.nir_to_torch",
  basis: "runs",
  rule: {
    nodes: `${NIRTORCH_DEFAULTS.join(", ")}; no neurons without a map`,
    step: "–",
    lif: "–",
    spike: "–",
    reset: "–",
    recurrence: "cycles carry the previous step; no nested graphs",
  },
  check(view, report) {
    readsThroughNir(view, TITLE, report);
    onlyTypes(view, TITLE, NIRTORCH_DEFAULTS, unknownToNirtorch, report);
    noNesting(view, TITLE, NESTED_STATE, report);
    scalarWindows(view, TITLE, ["AvgPool2d", "SumPool2d"], report);
    sumPoolPadding(view, TITLE, report);
    unshiftedFlatten(view, TITLE, report);
  },
};
