import { isArray } from "../../fields.ts";
import { eachNode, onlyTypes, readsThroughNir } from "../checks.ts";
import { dimensionsDropped, edgeRefused, nestedRefused, quantized } from "../diagnostics.ts";
import type { Reader } from "../reader.ts";
import { distinct } from "../values.ts";

const TITLE = "py-spinnaker2";
const WEIGHTS = ["Affine", "Linear", "Conv2d"];
const TYPES = [...WEIGHTS, "SumPool2d", "AvgPool2d", "Flatten", "IF", "LIF", "CubaLIF"];

/** Source: spinnaker2/s2_nir.py of py-spinnaker2, with its default options. */
export const spinnaker2Reader: Reader = {
  name: "spinnaker2",
  title: TITLE,
  call: "spinnaker2.s2_nir.from_nir",
  basis: "code",
  rule: {
    nodes: TYPES.join(", "),
    step: "1 s (option discretization_timestep)",
    lif: "v ← exp(−dt/τ) v + r (1 − exp(−dt/τ)) x, or Euler by option",
    spike: ">",
    reset: "subtracts, or to 0 by option",
    recurrence: "cycles; each connection takes one more step; no nested graphs",
  },
  check(view, report) {
    const { root } = view.file;
    readsThroughNir(view, TITLE, report);
    onlyTypes(view, TITLE, TYPES, () => "NotImplementedError", report);
    for (const node of root.nodes)
      if (node.graph !== undefined)
        report(
          nestedRefused({
            reader: TITLE,
            node,
            why: "it knows no nested graphs",
            says: "NotImplementedError",
          }),
        );
    const typeOf = new Map(root.nodes.map(({ name, type }) => [name, type]));
    for (const [from, to] of root.edges) {
      const [before, behind] = [typeOf.get(from) ?? "", typeOf.get(to) ?? ""];
      const weightsTwice = WEIGHTS.includes(before) && WEIGHTS.includes(behind);
      const cubaConvolution = before === "Conv2d" && behind === "CubaLIF";
      if (!weightsTwice && !cubaConvolution) continue;
      const problem = weightsTwice
        ? "between two layers with weights it needs neurons"
        : "it has no convolution into CubaLIF";
      const says = weightsTwice
        ? "Two successive layers with weights are not"
        : "Conv2d with CubaLIF is currently not supported!";
      report(edgeRefused({ reader: TITLE, from, to, problem, says }));
    }
    eachNode(root, (node) => {
      const { dilation } = node.fields;
      if (node.type === "Conv2d" && isArray(dilation) && distinct(dilation).some((d) => d !== 1))
        report(
          dimensionsDropped({
            reader: TITLE,
            node,
            field: "dilation",
            value: `[${dilation.data.join(", ")}]`,
          }),
        );
    });
    report(
      quantized({
        reader: TITLE,
        rule: "weights become whole numbers of 8 bits, unscaled unless scale_weights is set",
      }),
    );
  },
  interpret: () => ({
    options: {
      dtSeconds: 1,
      timeUnit: "s",
      integrator: "exponential",
      compare: ">",
      current: "new",
      reset: "subtract",
      ifStep: "one",
      vMinThresholds: -Infinity,
    },
    neuron(type, i, layer) {
      const exact = (gain: number, tau: number): number => gain * tau * -Math.expm1(-1 / tau);
      if (type === "LIF") return { r: exact(layer.r[i], layer.tau[i]) };
      if (type !== "CubaLIF") return {};
      return { r: exact(layer.r[i], layer.tau_mem[i]), w_in: exact(layer.w_in[i], layer.tau_syn[i]) };
    },
  }),
};
