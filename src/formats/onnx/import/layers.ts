import type { Layer } from "./layer.ts";
import * as elementwise from "./layers-elementwise.ts";
import * as linear from "./layers-linear.ts";
import * as pool from "./layers-pool.ts";

/** Every operator that is read where numbers flow. To add one: a function in `layers-*.ts`, and a line here. */
export const LAYERS: ReadonlyMap<string, Layer> = new Map<string, Layer>([
  ["Abs", elementwise.absolute],
  ["Add", elementwise.add],
  ["AveragePool", pool.averagePool],
  ["BatchNormalization", linear.batchNormalization],
  ["Cast", elementwise.cast],
  ["Clip", elementwise.clip],
  ["Concat", elementwise.concat],
  ["Conv", linear.conv],
  ["ConvTranspose", linear.convTranspose],
  ["Div", elementwise.divide],
  ["Dropout", elementwise.dropout],
  ["Expand", elementwise.move],
  ["Flatten", elementwise.reshape],
  ["Gather", elementwise.move],
  ["Gemm", linear.gemm],
  ["GlobalAveragePool", pool.globalAveragePool],
  ["Identity", elementwise.identityLayer],
  ["LeakyRelu", elementwise.leakyRelu],
  ["MatMul", linear.matMul],
  ["Max", elementwise.maximum],
  ["MaxPool", pool.maxPool],
  ["Min", elementwise.minimum],
  ["Mul", elementwise.multiply],
  ["Neg", elementwise.negate],
  ["Pad", elementwise.pad],
  ["ReduceMax", pool.reduceMax],
  ["ReduceMean", pool.reduceMean],
  ["ReduceSum", pool.reduceSum],
  ["Relu", elementwise.rectify],
  ["Reshape", elementwise.reshape],
  ["Slice", elementwise.move],
  ["Squeeze", elementwise.squeeze],
  ["Sub", elementwise.subtract],
  ["Sum", elementwise.add],
  ["Transpose", elementwise.move],
  ["Unsqueeze", elementwise.unsqueeze],
]);
