/** Weights of a convolution as a core holds them: how many input and output channels of each group are on it. */
export interface KernelSize {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Words of a packed kernel: for each input channel and tap, the weights to all output channels side by side, in whole words.
 * Of grouped convolutions each group counts by itself. Source: words that netx prints for PilotNet.
 */
export function packedKernelWords(
  { inChannels, outChannels, height, width }: KernelSize,
  weightBits: number,
  wordBits: number,
): number {
  return inChannels * height * width * wordsOfTap(outChannels, weightBits, wordBits);
}

/** Words that one input channel reads at one tap. */
export function wordsOfTap(outChannels: number, weightBits: number, wordBits: number): number {
  return Math.ceil((outChannels * weightBits) / wordBits);
}

/** Words of a kernel whose taps and output channels are rounded up to powers of two. Source: synsense/sinabs. */
export function kernelPow2Words({ inChannels, outChannels, height, width }: KernelSize): number {
  return inChannels * roundUpToPow2(height * width) * roundUpToPow2(outChannels);
}

/** Words of neuron states: the image's sides are rounded up to powers of two. Source: the code of synsense/sinabs. */
export function neuronPow2Words(channels: number, height: number, width: number): number {
  return channels * roundUpToPow2(height) * roundUpToPow2(width);
}

/** The least power of two that is not below `count`, which is at least 1. */
export function roundUpToPow2(count: number): number {
  return 2 ** (32 - Math.clz32(count - 1));
}
