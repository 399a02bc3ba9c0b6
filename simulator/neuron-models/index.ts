import type { NeuronKernel } from "../kernels/neuron-kernel.ts";
import { digitalLifKernel } from "./digital-lif.ts";
import { inputKernel } from "./input.ts";
import { sanafeLifKernel } from "./sanafe-lif.ts";
import { truenorthLifKernel } from "./truenorth-lif.ts";

/** Neurons that cores run besides `loihi-cuba`, by model. To add one: a file beside this one, and a line here. */
export const NEURON_KERNELS: readonly NeuronKernel[] = [
  inputKernel,
  digitalLifKernel,
  sanafeLifKernel,
  truenorthLifKernel,
];
