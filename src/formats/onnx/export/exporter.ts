import { nonzeroWeightCount, storedWeights, weightCount, withStoredWeights } from "#ir/connectivity";
import type { Network } from "#ir/network";
import { roundHalfEven } from "#neurons/loihi-weights";
import { invariant, type Diagnostic, type DiagnosticSink } from "#util/diagnostic";
import { hashOf } from "../../deployment-file/index.ts";
import type { ExportOptions, ExportSubject, ExportedFile, Exporter } from "../../export.ts";
import { METADATA, type OwnLayout } from "../own-layout.ts";
import { SPINEC_DOMAIN, encodeModel, type ModelProto } from "../proto.ts";
import { Constants } from "./constants.ts";
import {
  delayedOutput,
  inputDrivesBias,
  instantLoop,
  modelWithoutForm,
  noInput,
  numberTooLarge,
  startStepInModel,
  tooLarge,
  weightNotWhole,
  weightsFileName,
  weightsRounded,
} from "./diagnostics.ts";
import { moveOut, rawBytes } from "./external.ts";
import { hasFloatForm } from "./float-neurons.ts";
import { sequenceGraph, stepGraph } from "./graphs.ts";
import { Names } from "./names.ts";
import { evaluationOrder } from "./order.ts";
import type { StepSettings } from "./step.ts";

/** Beyond this, `--external auto` moves large tensors to a file of their own. */
const INLINE_BYTES = 2 ** 30;
/** What protobuf can hold. */
const LARGEST_BYTES = 2 ** 31 - 1;
const WEIGHTS_SUFFIX = ".weights.bin";
/** IR version that goes with each operator set. */
const IR_VERSION: Readonly<Record<number, number>> = { 15: 8, 17: 8, 18: 8, 19: 9, 21: 10 };

/** ONNX with explicit states, neurons as functions of our own domain, and pruned weights as lists of what is left. */
export const onnxExporter: Exporter = {
  name: "onnx",
  summary: "ONNX: the network as a graph that onnxruntime runs, with the same spikes",
  extensions: [".onnx"],
  level: "network",
  options: [
    {
      name: "graph",
      summary: "all steps at once, or one step with the states as inputs and outputs",
      choices: ["sequence", "step"],
    },
    {
      name: "semantics",
      summary: "real numbers, or the integers of Loihi 1, bit for bit (needs --target)",
      choices: ["float", "loihi1-int"],
      needs: { "loihi1-int": "quantized" },
    },
    { name: "double", summary: "float64 instead of float32" },
    {
      name: "weights",
      summary: "weights of trained layers as real numbers or as int8 and scales",
      choices: ["float", "int8"],
    },
    { name: "dense", summary: "pruned weights with all their zeros" },
    {
      name: "external",
      summary: "large tensors in a file of their own (auto: beyond 1 GiB)",
      choices: ["auto", "always", "never"],
    },
    { name: "opset", summary: "version of the operator set", choices: ["17", "15", "18", "19", "21"] },
  ],

  async write(
    subject: ExportSubject,
    options: ExportOptions,
    sink: DiagnosticSink,
  ): Promise<readonly ExportedFile[] | undefined> {
    const isInteger = options["semantics"] === "loihi1-int";
    const network = isInteger ? subject.quantized : subject.network;
    invariant(network !== undefined, "an exporter gets the level that its options need");
    const faults: Diagnostic[] = [];
    const order = checkExportable(network, isInteger, faults);
    if (faults.length === 0) return filesOf(network, order, subject, options, sink);
    for (const fault of faults) sink.report(fault);
    return undefined;
  },
};

async function filesOf(
  given: Network,
  order: readonly number[],
  subject: ExportSubject,
  options: ExportOptions,
  sink: DiagnosticSink,
): Promise<readonly ExportedFile[] | undefined> {
  const isInteger = options["semantics"] === "loihi1-int";
  const rules = subject.rules ?? subject.deployment?.rules ?? "lava";
  const network = isInteger && rules === "nengo" ? withRoundedWeights(given) : given;
  const settings: StepSettings = {
    type: isInteger ? "int32" : options["double"] === "on" ? "double" : "float",
    rules,
    int8: options["weights"] === "int8" && !isInteger,
    opset: Number(options["opset"] ?? "17"),
  };
  const kind = options["graph"] === "step" ? "step" : "sequence";
  const names = new Names();
  const constants = new Constants(names, { allowSparse: options["dense"] !== "on" });
  const build = kind === "step" ? stepGraph : sequenceGraph;
  const built = build(network, order, names, constants, settings);
  for (const tensor of constants.outOfRange) sink.report(numberTooLarge({ tensor }));
  if (constants.outOfRange.length > 0) return undefined;
  for (const { name, population } of network.outputs) {
    const { startStep: hardwareSteps = 0 } = network.populations[population];
    if (hardwareSteps > 0) sink.report(delayedOutput({ output: name, hardwareSteps }));
  }
  if (constants.rounded.length > 0) sink.report(weightsRounded(worstOf(constants.rounded)));

  const layout: OwnLayout = {
    version: 1,
    graph: kind,
    semantics: isInteger ? "loihi1-int" : "float",
    ...(isInteger && { rules }),
    name: network.name,
    ...(network.timestepNs !== undefined && { timestepNs: network.timestepNs }),
    populations: built.step.populations,
    projections: built.step.projections,
    inputs: built.inputs,
    outputs: built.outputs,
    states: built.step.states,
  };
  const [generator, version = ""] = subject.generator.split(" ");
  const model: ModelProto = {
    irVersion: IR_VERSION[settings.opset],
    producerName: generator,
    producerVersion: version,
    domain: SPINEC_DOMAIN,
    graph: built.graph,
    functions: [...built.step.functions],
    opsetImport: [
      { domain: "", version: settings.opset },
      { domain: SPINEC_DOMAIN, version: 1 },
    ],
    metadataProps: metadataOf(layout, network, subject),
  };
  return encoded(model, subject, options, sink);
}

/** Order of evaluation; everything that stands in the way goes to `faults`. */
function checkExportable(network: Network, isInteger: boolean, faults: Diagnostic[]): number[] {
  const semantics = isInteger ? "loihi1-int" : "float";
  const { populations, projections } = network;
  if (network.inputs.length === 0) faults.push(noInput());
  for (const { name, drives } of network.inputs)
    if (drives === "bias") faults.push(inputDrivesBias({ input: name }));
  for (const { name, model, startStep = 0 } of populations) {
    const has = isInteger ? model === "input" || model === "loihi-cuba" : hasFloatForm(model);
    if (!has) faults.push(modelWithoutForm({ population: name, model, semantics }));
    if (!isInteger && startStep !== 0) faults.push(startStepInModel({ population: name, startStep }));
  }
  if (isInteger)
    for (const { name, connectivity } of projections) {
      const weight = storedWeights(connectivity).find((value) => !Number.isInteger(value));
      if (weight !== undefined) faults.push(weightNotWhole({ projection: name, weight }));
    }
  const order = evaluationOrder(network);
  const left = populations.filter((_, p) => !order.includes(p)).map(({ name }) => name);
  if (left.length > 0) faults.push(instantLoop({ populations: left }));
  return order;
}

/** nengo rounds each weight where a negative exponent takes bits away; Lava rounds their sum. */
function withRoundedWeights(network: Network): Network {
  const projections = network.projections.map((projection) => {
    const { connectivity, quantization } = projection;
    if (quantization === undefined || quantization.weightExponent >= 0) return projection;
    const factor = 2 ** quantization.weightExponent;
    const rounded = Float64Array.from(storedWeights(connectivity), (w) => roundHalfEven(w * factor));
    return {
      ...projection,
      connectivity: withStoredWeights(connectivity, rounded),
      quantization: { ...quantization, weightExponent: 0 },
    };
  });
  return { ...network, projections };
}

function worstOf(rounded: Constants["rounded"]): Parameters<typeof weightsRounded>[0] {
  const worst = rounded.reduce((a, b) => (b.snrDb < a.snrDb ? b : a));
  return { projections: rounded.length, worst: worst.projection, snrDb: worst.snrDb };
}

function metadataOf(
  layout: OwnLayout,
  { projections, timestepNs }: Network,
  { generator, deployment }: ExportSubject,
): { key: string; value: string }[] {
  const layers = projections.flatMap(({ layer, connectivity }) =>
    layer === undefined ? [] : [connectivity],
  );
  const weights = layers.reduce((sum, connectivity) => sum + weightCount(connectivity), 0);
  const nonzero = layers.reduce((sum, connectivity) => sum + nonzeroWeightCount(connectivity), 0);
  const entries: readonly (readonly [string, string | undefined])[] = [
    [METADATA.generator, generator],
    [METADATA.dtSeconds, timestepNs === undefined ? undefined : String(timestepNs / 1e9)],
    [METADATA.density, weights === 0 ? undefined : String(nonzero / weights)],
    [METADATA.target, deployment?.target],
    [METADATA.mappingHash, deployment === undefined ? undefined : hashOf(deployment)],
    [METADATA.layout, JSON.stringify(layout)],
  ];
  return entries.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
}

/** The model as bytes, and its large tensors beside it where that is asked for or needed. */
async function encoded(
  model: ModelProto,
  subject: ExportSubject,
  options: ExportOptions,
  sink: DiagnosticSink,
): Promise<readonly ExportedFile[] | undefined> {
  const { external = "auto" } = options;
  const dense = model.graph?.initializer ?? [];
  const files: ExportedFile[] = [];
  let whole = model;
  if (external === "always" || (external === "auto" && rawBytes(dense) > INLINE_BYTES)) {
    const path = `${subject.baseName ?? subject.network.name}${WEIGHTS_SUFFIX}`;
    const { tensors, bytes } = moveOut(dense, path);
    if (bytes.length > 0) {
      sink.report(weightsFileName({ path, bytes: bytes.length }));
      files.push({ suffix: WEIGHTS_SUFFIX, bytes });
      whole = { ...model, graph: { ...model.graph, initializer: tensors } };
    }
  }
  const needed = rawBytes(whole.graph?.initializer ?? []);
  if (needed > LARGEST_BYTES) {
    sink.report(tooLarge({ bytes: needed, limitBytes: LARGEST_BYTES }));
    return undefined;
  }
  return [{ suffix: ".onnx", bytes: await encodeModel(whole) }, ...files];
}
