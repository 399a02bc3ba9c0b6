// What NIR defines: every node type, its fields, and the neuron model it becomes.

/** How a field's numbers enter the model: as they are, divided by the step, or gains that may carry the step. */
export type ParamRole = "value" | "time" | "integrator-gain";

export interface FieldSpec {
  readonly name: string;
  /**
   * - `required`: no network without it.
   * - `assumed`: the specification asks for it; a file without it is read with `fallback`, and a warning.
   * - `optional`: older writers leave it out, and everybody reads that as `fallback`.
   */
  readonly presence: "required" | "assumed" | "optional";
  /** Value in the words of a message; the number itself where one exists. */
  readonly fallback?: number | string;
}

export interface NodeType {
  readonly type: string;
  readonly kind: "port" | "map" | "neuron" | "graph";
  readonly fields: readonly FieldSpec[];
  /** Neurons only: key in the neuron-model registry. */
  readonly model?: string;
  /** Neurons only: field, parameter and role, in the model's order. */
  readonly params?: readonly (readonly [field: string, param: string, role: ParamRole])[];
}

const required = (name: string): FieldSpec => ({ name, presence: "required" });
const assumed = (name: string, fallback: number | string): FieldSpec => ({
  name,
  presence: "assumed",
  fallback,
});
const optional = (name: string, fallback: number | string): FieldSpec => ({
  name,
  presence: "optional",
  fallback,
});

const CONVOLUTION: readonly FieldSpec[] = [
  assumed("input_shape", "the shape that arrives"),
  required("weight"),
  assumed("stride", 1),
  assumed("padding", 0),
  assumed("dilation", 1),
  assumed("groups", 1),
  assumed("bias", 0),
];
const POOLING: readonly FieldSpec[] = [required("kernel_size"), required("stride"), assumed("padding", 0)];

/** Every type of the specification. `Identity` exists in the reference code, but its reader refuses it. */
export const NODE_TYPES: readonly NodeType[] = [
  { type: "Input", kind: "port", fields: [assumed("shape", "the shape that its readers need")] },
  { type: "Output", kind: "port", fields: [assumed("shape", "the shape that arrives")] },
  { type: "Linear", kind: "map", fields: [required("weight")] },
  { type: "Affine", kind: "map", fields: [required("weight"), assumed("bias", 0)] },
  { type: "Scale", kind: "map", fields: [required("scale")] },
  { type: "Conv1d", kind: "map", fields: CONVOLUTION },
  { type: "Conv2d", kind: "map", fields: CONVOLUTION },
  { type: "SumPool2d", kind: "map", fields: POOLING },
  { type: "AvgPool2d", kind: "map", fields: POOLING },
  {
    type: "Flatten",
    kind: "map",
    fields: [
      optional("input_type", "the shape that arrives"),
      assumed("start_dim", 1),
      assumed("end_dim", -1),
    ],
  },
  { type: "Delay", kind: "map", fields: [required("delay")] },
  {
    type: "Threshold",
    kind: "neuron",
    fields: [required("threshold")],
    model: "threshold",
    params: [["threshold", "threshold", "value"]],
  },
  { type: "I", kind: "neuron", fields: [required("r")], model: "i", params: [["r", "r", "integrator-gain"]] },
  {
    type: "IF",
    kind: "neuron",
    fields: [required("r"), required("v_threshold"), optional("v_reset", 0)],
    model: "if",
    params: [
      ["r", "r", "integrator-gain"],
      ["v_threshold", "vThreshold", "value"],
      ["v_reset", "vReset", "value"],
    ],
  },
  {
    type: "LI",
    kind: "neuron",
    fields: [required("tau"), required("r"), assumed("v_leak", 0)],
    model: "li",
    params: [
      ["tau", "tauSteps", "time"],
      ["r", "r", "value"],
      ["v_leak", "vLeak", "value"],
    ],
  },
  {
    type: "LIF",
    kind: "neuron",
    fields: [
      required("tau"),
      required("r"),
      assumed("v_leak", 0),
      required("v_threshold"),
      optional("v_reset", 0),
    ],
    model: "lif",
    params: [
      ["tau", "tauSteps", "time"],
      ["r", "r", "value"],
      ["v_leak", "vLeak", "value"],
      ["v_threshold", "vThreshold", "value"],
      ["v_reset", "vReset", "value"],
    ],
  },
  {
    type: "CubaLI",
    kind: "neuron",
    fields: [
      required("tau_syn"),
      required("tau_mem"),
      required("r"),
      assumed("v_leak", 0),
      optional("w_in", 1),
    ],
    model: "cuba-li",
    params: [
      ["tau_syn", "tauSynSteps", "time"],
      ["tau_mem", "tauMemSteps", "time"],
      ["r", "r", "value"],
      ["v_leak", "vLeak", "value"],
      ["w_in", "wIn", "value"],
    ],
  },
  {
    type: "CubaLIF",
    kind: "neuron",
    fields: [
      required("tau_syn"),
      required("tau_mem"),
      required("r"),
      assumed("v_leak", 0),
      required("v_threshold"),
      optional("v_reset", 0),
      optional("w_in", 1),
    ],
    model: "cuba-lif",
    params: [
      ["tau_syn", "tauSynSteps", "time"],
      ["tau_mem", "tauMemSteps", "time"],
      ["r", "r", "value"],
      ["v_leak", "vLeak", "value"],
      ["v_threshold", "vThreshold", "value"],
      ["v_reset", "vReset", "value"],
      ["w_in", "wIn", "value"],
    ],
  },
  { type: "NIRGraph", kind: "graph", fields: [] },
];

const BY_TYPE: ReadonlyMap<string, NodeType> = new Map(NODE_TYPES.map((entry) => [entry.type, entry]));

/** The definition of a node type, or undefined if NIR has no such type. */
export function nodeType(type: string): NodeType | undefined {
  return BY_TYPE.get(type);
}
