import type { Layer } from "./layer.ts";
import * as elementwise from "./layers-elementwise.ts";
import * as linear from "./layers-linear.ts";
import * as move from "./layers-move.ts";
import * as pool from "./layers-pool.ts";

/** Every operator that is read where numbers flow. To add one: a function in `layers-*.ts`, and a line here. */
export const LAYERS: ReadonlyMap<string, Layer> = new Map<string, Layer>([
  ["Abs", elementwise.absolute],
  ["Add", elementwise.add],
  ["AveragePool", pool.averagePool],
  ["BatchNormalization", linear.batchNormalization],
  ["Cast", elementwise.cast],
  ["Clip", elementwise.clip],
  ["Concat", move.concat],
  ["Conv", linear.conv],
  ["ConvTranspose", linear.convTranspose],
  ["Div", elementwise.divide],
  ["Dropout", elementwise.dropout],
  ["Expand", move.move],
  ["Flatten", move.reshape],
  ["Gather", move.move],
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
  ["Pad", move.pad],
  ["ReduceMax", pool.reduceMax],
  ["ReduceMean", pool.reduceMean],
  ["ReduceSum", pool.reduceSum],
  ["Relu", elementwise.rectify],
  ["Reshape", move.reshape],
  ["Slice", move.move],
  ["Squeeze", move.squeeze],
  ["Sub", elementwise.subtract],
  ["Sum", elementwise.add],
  ["Transpose", move.move],
  ["Unsqueeze", move.unsqueeze],
]);
