import { eachNode, onlyTypes, readsThroughNir, uniform } from "../checks.ts";
import { nestedRefused, quantized, severalPorts, timeUnitDiffers } from "../diagnostics.ts";
import type { Reader } from "../reader.ts";

const TITLE = "hxtorch";
const TYPES = ["Linear", "CubaLI", "CubaLIF"];
const HOMOGENEOUS = ["tau_mem", "tau_syn", "v_leak", "v_reset", "v_threshold", "r"];

/** Source: hxtorch/spiking/utils/from_nir.py as of 2026. */
export const hxtorchReader: Reader = {
  name: "hxtorch",
  title: TITLE,
  call: "hxtorch.spiking.utils.from_nir.from_nir",
  basis: "code",
  rule: {
    nodes: TYPES.join(", "),
    step: "1e-6 s (option), time constants in ms",
    lif: "–; CubaLIF on analog circuits: τ dv/dt = v_leak − v + r I in real time; w_in is dropped",
    spike: "analog",
    reset: "to v_reset",
    recurrence: "none: edges in the order of the file",
  },
  check(view, report) {
    const { file, analysis } = view;
    readsThroughNir(view, TITLE, report);
    onlyTypes(view, TITLE, TYPES, ({ type }) => `${type}'> is not supported for conversion`, report);
    for (const node of file.root.nodes)
      if (node.graph !== undefined)
        report(
          nestedRefused({
            reader: TITLE,
            node,
            why: "it knows no nested graphs",
            says: "is not supported for conversion",
          }),
        );
    for (const type of ["Input", "Output"] as const) {
      const names = file.root.nodes.filter((node) => node.type === type).map(({ name }) => name);
      if (names.length > 1)
        report(severalPorts({ reader: TITLE, type, names, severity: "warning", says: "" }));
    }
    eachNode(file.root, (node) => {
      if (node.type !== "CubaLI" && node.type !== "CubaLIF") return;
      for (const field of HOMOGENEOUS)
        uniform(node, TITLE, field, `${node.type} parameters must be homogeneous across neurons`, report);
    });
    const { timeUnit } = analysis.conventions;
    if (timeUnit !== "ms") report(timeUnitDiffers({ reader: TITLE, theirs: "ms", ours: timeUnit }));
    report(
      quantized({
        reader: TITLE,
        rule: "weights are saturated at 6 bits and a sign (weight × 64), membranes are analog",
      }),
    );
  },
};
