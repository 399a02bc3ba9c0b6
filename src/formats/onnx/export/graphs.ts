import type { Network } from "#ir/network";
import { loihiCubaModel } from "#neurons/loihi-cuba";
import { ATTRIBUTE_TYPE, DATA_TYPE, attribute, type GraphProto, type ValueInfoProto } from "../proto.ts";
import type { OwnPort, OwnState } from "../own-layout.ts";
import type { Constants } from "./constants.ts";
import type { Names } from "./names.ts";
import { NodeList } from "./nodes.ts";
import { buildStep, type StepGraph, type StepSettings } from "./step.ts";

/** A whole graph, and what the layout says of it. */
export interface BuiltGraph {
  readonly graph: GraphProto;
  readonly step: StepGraph;
  readonly inputs: readonly OwnPort[];
  readonly outputs: readonly OwnPort[];
}

/**
 * One step: inputs `[N, ...shape]` and every state in, outputs and every next state out.
 *
 * @param order of evaluation, all populations
 */
export function stepGraph(
  network: Network,
  order: readonly number[],
  names: Names,
  constants: Constants,
  settings: StepSettings,
): BuiltGraph {
  const inputs = network.inputs.map((port) => ({ ...port, tensor: names.take(port.name) }));
  const outputs = outputPorts(network, names);
  const step = buildStep(network, order, tensorsOf(inputs), names, constants, settings);
  return {
    step,
    inputs,
    outputs,
    graph: {
      name: network.name,
      node: [...step.prelude.nodes, ...step.nodes.nodes, ...outputNodes(outputs, step)],
      initializer: constants.dense,
      input: [
        ...inputs.map(({ tensor, population }) => portInfo(tensor, population, network, settings, ["N"])),
        ...step.states.map((state) => stateInfo(state, state.input, "N")),
      ],
      output: [
        ...outputs.map(({ tensor, population }) => portInfo(tensor, population, network, settings, ["N"])),
        ...step.states.map((state) => stateInfo(state, state.output, "N")),
      ],
    },
  };
}

/** All steps: inputs and outputs `[T, N, ...shape]`; a Scan carries the states, which start at zeros. */
export function sequenceGraph(
  network: Network,
  order: readonly number[],
  names: Names,
  constants: Constants,
  settings: StepSettings,
): BuiltGraph {
  const inputs = network.inputs.map((port) => ({ ...port, tensor: names.take(port.name) }));
  const outputs = outputPorts(network, names);
  const inner = inputs.map((port) => ({ ...port, tensor: names.take(`${port.name}.now`) }));
  const innerOut = outputs.map((port) => ({ ...port, tensor: names.take(`${port.name}.now`) }));
  const step = buildStep(network, order, tensorsOf(inner), names, constants, settings);
  const body: GraphProto = {
    name: `${network.name}.step`,
    node: [...step.nodes.nodes, ...outputNodes(innerOut, step)],
    input: [
      ...step.states.map((state) => stateInfo(state, state.input, "N")),
      ...inner.map(({ tensor, population }) => portInfo(tensor, population, network, settings, ["N"])),
    ],
    output: [
      ...step.states.map((state) => stateInfo(state, state.output, "N")),
      ...innerOut.map(({ tensor, population }) => portInfo(tensor, population, network, settings, ["N"])),
    ],
  };
  const around = new NodeList(names);
  const initial = initialStates(step.states, inputs[0].tensor, around, constants);
  around.nodes.push({
    name: names.take("steps"),
    opType: "Scan",
    input: [...initial, ...tensorsOf(inputs)],
    output: [...step.states.map(({ input }) => names.take(`${input}.last`)), ...tensorsOf(outputs)],
    attribute: [
      { name: "body", type: ATTRIBUTE_TYPE.graph, g: body },
      attribute("num_scan_inputs", { int: inputs.length }),
    ],
  });
  const info = ({ tensor, population }: OwnPort): ValueInfoProto =>
    portInfo(tensor, population, network, settings, ["T", "N"]);
  return {
    step,
    inputs,
    outputs,
    graph: {
      name: network.name,
      node: [...step.prelude.nodes, ...around.nodes],
      initializer: constants.dense,
      input: inputs.map(info),
      output: outputs.map(info),
    },
  };
}

function outputPorts(network: Network, names: Names): OwnPort[] {
  return network.outputs.map(({ name, population }) => ({
    name,
    population,
    tensor: names.take(name),
    ...(isReadByMembrane(network, population) && { readout: "membrane" as const }),
  }));
}

/** Integer neurons that have the highest threshold there is and send to nothing: `quantize` marks with it what never fires. */
function isReadByMembrane({ populations, projections }: Network, index: number): boolean {
  const { model, params } = populations[index];
  if (model !== loihiCubaModel.name || projections.some(({ pre }) => pre === index)) return false;
  const highest = loihiCubaModel.params.find(({ name }) => name === "thresholdMantissa")?.max;
  return params["thresholdMantissa"].every((mantissa) => mantissa === highest);
}

const tensorsOf = (ports: readonly OwnPort[]): string[] => ports.map(({ tensor }) => tensor);

function outputNodes(
  outputs: readonly OwnPort[],
  { values, membranes }: StepGraph,
): GraphProto["node"] & object {
  return outputs.map(({ tensor, population, readout }) => ({
    name: tensor,
    opType: "Identity",
    input: [readout === "membrane" ? membranes.get(population)! : values[population].tensor],
    output: [tensor],
  }));
}

/** Zeros of the batch's size for every state. */
function initialStates(
  states: readonly OwnState[],
  input: string,
  around: NodeList,
  constants: Constants,
): string[] {
  if (states.length === 0) return [];
  const batch = around.op(
    "Slice",
    [around.op("Shape", [input], "batch.shape"), constants.list([1]), constants.list([2])],
    "batch",
  );
  return states.map(({ input: name, type, shape }) => {
    const dims =
      shape.length === 0
        ? batch
        : around.op("Concat", [batch, constants.list(shape)], `${name}.dims`, [
            attribute("axis", { int: 0 }),
          ]);
    return around.op("ConstantOfShape", [dims], `${name}.zeros`, [
      attribute("value", { tensor: { ...zero(type), dims: [1] } }),
    ]);
  });
}

function zero(type: OwnState["type"]): { dataType: number; rawData: Uint8Array } {
  return {
    dataType: DATA_TYPE[type],
    rawData: new Uint8Array(type === "int64" || type === "double" ? 8 : 4),
  };
}

function portInfo(
  tensor: string,
  population: number,
  { populations }: Network,
  { type }: StepSettings,
  leading: readonly string[],
): ValueInfoProto {
  return valueInfo(tensor, DATA_TYPE[type], [...leading, ...populations[population].shape]);
}

function stateInfo({ type, shape }: OwnState, tensor: string, batch: string): ValueInfoProto {
  return valueInfo(tensor, DATA_TYPE[type], [batch, ...shape]);
}

function valueInfo(name: string, elemType: number, dims: readonly (string | number)[]): ValueInfoProto {
  const dim = dims.map((extent) =>
    typeof extent === "string" ? { dimParam: extent } : { dimValue: extent },
  );
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
