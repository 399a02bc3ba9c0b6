import type { Diagnostic } from "#util/diagnostic";
import { sizeOf, weightShape, type GraphPlan } from "../graph.ts";
import type { TrainedModel } from "../trained-model.ts";
import { trainedValueMissing, trainedValueShape } from "../trained-model-diagnostics.ts";
import { exportNotFinite } from "./export-diagnostics.ts";

/** Values that the graph needs and the model lacks, or has in another number, or that are not finite. */
export function trainedFaults(plan: GraphPlan, model: TrainedModel): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const check = (name: string, length: number, values: Float32Array | undefined): void => {
    if (values === undefined) faults.push(trainedValueMissing({ name, length }));
    else if (values.length !== length)
      faults.push(trainedValueShape({ name, needed: length, found: values.length }));
    else {
      const count = values.reduce((sum, value) => sum + Number(!Number.isFinite(value)), 0);
      if (count > 0) faults.push(exportNotFinite({ name, count }));
    }
  };
  for (const planned of plan.layers) {
    const { layer, outputShape } = planned;
    const value = (role: string, length: number): void => {
      check(`${layer.name}.${role}`, length, model.values[`${layer.name}.${role}`]);
    };
    if (layer.op === "linear" || layer.op === "conv2d") {
      value("weight", sizeOf(weightShape(planned) ?? []));
      if (layer.bias) value("bias", outputShape[0]);
    } else if (layer.op === "batch-norm") {
      value("gamma", outputShape[0]);
      value("beta", outputShape[0]);
      const statistics = model.statistics[layer.name] as
        { mean: Float32Array; variance: Float32Array } | undefined;
      check(`${layer.name}.mean`, outputShape[0], statistics?.mean);
      check(`${layer.name}.variance`, outputShape[0], statistics?.variance);
    } else if (layer.op === "neuron" && layer.neuron.learnableLeak) value("leak", 1);
  }
  return faults;
}
