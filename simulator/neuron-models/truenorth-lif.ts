import { stepTruenorthLif, truenorthLifModel } from "#neurons/truenorth-lif";
import type { NeuronKernel } from "../kernels/neuron-kernel.ts";
import { clockedKernel } from "./clocked.ts";

export const truenorthLifKernel: NeuronKernel = clockedKernel(truenorthLifModel, stepTruenorthLif);
