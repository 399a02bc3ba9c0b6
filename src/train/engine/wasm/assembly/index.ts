// The kernels of the training engine. Every export works on part [begin, end) of its outermost range, so that several
// threads can share a call; pointers are byte addresses in the common memory; lengths count floats. Nothing is checked
// here: the caller has done so.
export { setThread } from "./scratch";
export { pack, gemmBlocks } from "./gemm";
export { convForward, convInputGradient, convWeightGradient } from "./conv";
export { poolForward, poolBackward } from "./pool";
export {
  addBias,
  channelSums,
  channelMoments,
  channelGradients,
  normalize,
  normalizeGradient,
} from "./channels";
export { neuronForward, neuronBackward } from "./neuron";
export { relu, reluGradient, dropout, add, scale, softThreshold, copyBlocks, sumShards } from "./pointwise";
export { adam, sgd } from "./optimizer";
