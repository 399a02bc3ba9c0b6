import { sanafeLifModel, stepSanafeLif } from "#neurons/sanafe-lif";
import type { NeuronKernel } from "../kernels/neuron-kernel.ts";
import { clockedKernel } from "./clocked.ts";

export const sanafeLifKernel: NeuronKernel = clockedKernel(sanafeLifModel, stepSanafeLif);
