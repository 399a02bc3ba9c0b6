// `deployment.proto` as a table, so that no code has to be generated; a test compares the two.
import { ENCODINGS } from "#ir/deployment";

/** Arrays of numbers that are stored as little-endian bytes. `plain` marks one that is a list in memory. */
interface NumberArrays {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i16: Int16Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
}
export type NumberArray = keyof NumberArrays;
export type Numbers = NumberArrays[NumberArray];

export interface NumberArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (length?: number): Numbers;
  new (buffer: ArrayBuffer): Numbers;
}
export const NUMBER_ARRAYS: Readonly<Record<NumberArray, NumberArrayConstructor>> = {
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  i16: Int16Array,
  i32: Int32Array,
  f64: Float64Array,
};

export type FieldType =
  | "string"
  | "uint32"
  | "sint32"
  | "double"
  | "bytes"
  | { readonly array: NumberArray; readonly plain?: true }
  | { readonly enum: string }
  | { readonly message: string };

export interface FieldSpec {
  /** As in the objects of `#ir/deployment`. */
  readonly name: string;
  readonly id: number;
  readonly type: FieldType;
  /** Absent: one value, with a default. */
  readonly rule?: "repeated" | "optional";
}

/** Words of the IR, by number. */
export const ENUMS: Readonly<Record<string, readonly string[]>> = {
  IntegerRules: ["lava", "nengo"],
  Encoding: ENCODINGS,
  SignMode: ["mixed", "excitatory", "inhibitory"],
  Readout: ["spikes", "membrane"],
  Drive: ["axons", "bias"],
};

/** Fields of a message in the order of their numbers. */
export const MESSAGES: Readonly<Record<string, readonly FieldSpec[]>> = {
  DeploymentFile: fields(
    ["magic", "string"],
    ["formatVersion", "uint32"],
    ["metaSha256", "bytes"],
    ["deploymentSha256", "bytes"],
    // Messages, kept as bytes so that they can be hashed.
    ["meta", "bytes"],
    ["deployment", "bytes"],
  ),
  Meta: fields(["generator", "string"], ["notes", { message: "Note" }, "repeated"]),
  Note: fields(["key", "string"], ["value", "string"]),
  Deployment: fields(
    ["network", "string"],
    ["target", "string"],
    ["packer", "string"],
    ["rules", { enum: "IntegerRules" }],
    ["timestepNs", "double", "optional"],
    ["chips", "uint32"],
    ["cores", { message: "CoreProgram" }, "repeated"],
    ["populations", { message: "PopulationMap" }, "repeated"],
    ["inputs", { message: "InputPort" }, "repeated"],
    ["outputs", { message: "OutputPort" }, "repeated"],
  ),
  CoreProgram: fields(
    ["core", "uint32"],
    ["neurons", "uint32"],
    ["groups", { message: "NeuronGroup" }, "repeated"],
    ["formats", { message: "SynapseFormat" }, "repeated"],
    ["axonStart", { array: "u32" }],
    ["axonWords", { array: "u16" }],
    ["target", { array: "u16" }],
    ["weight", { array: "i16" }],
    ["format", { array: "u8" }],
    ["delaySteps", { array: "u8" }],
    ["routeStart", { array: "u32" }],
    ["routeCore", { array: "u32" }],
    ["routeAxon", { array: "u16" }],
    ["axonList", { array: "u32" }, "optional"],
    ["memoryWords", "uint32", "optional"],
  ),
  NeuronGroup: fields(
    ["population", "uint32"],
    ["model", "string"],
    ["begin", "uint32"],
    ["end", "uint32"],
    ["params", { array: "i32" }, "repeated"],
    ["realParams", { array: "f64" }, "repeated"],
  ),
  SynapseFormat: fields(
    ["projection", "uint32"],
    ["encoding", { enum: "Encoding" }],
    ["weightBits", "uint32"],
    ["signMode", { enum: "SignMode" }],
    ["weightExponent", "sint32"],
    ["indexBits", "uint32"],
    ["skipBits", "uint32"],
    ["delayBits", "uint32"],
    ["axonType", "uint32", "optional"],
  ),
  PopulationMap: fields(
    ["name", "string"],
    ["shape", { array: "u32", plain: true }],
    ["startStep", "uint32"],
    ["core", { array: "u32" }],
    ["compartment", { array: "u16" }],
    ["periodicReset", { message: "PeriodicReset" }, "optional"],
  ),
  PeriodicReset: fields(["intervalSteps", "uint32"], ["offsetSteps", "uint32"]),
  InputPort: fields(
    ["name", "string"],
    ["population", "uint32"],
    ["routeStart", { array: "u32" }],
    ["routeCore", { array: "u32" }],
    ["routeAxon", { array: "u16" }],
    ["drives", { enum: "Drive" }, "optional"],
  ),
  OutputPort: fields(
    ["name", "string"],
    ["population", "uint32"],
    ["readout", { enum: "Readout" }],
    ["membraneQuantum", { array: "f64" }, "optional"],
  ),
};

function fields(
  ...specs: readonly (readonly [name: string, type: FieldType, rule?: "repeated" | "optional"])[]
): readonly FieldSpec[] {
  return specs.map(([name, type, rule], i) => ({
    name,
    id: i + 1,
    type,
    ...(rule === undefined ? {} : { rule }),
  }));
}
