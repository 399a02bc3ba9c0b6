import type { Target } from "#targets/target";
import { invariant } from "#util/diagnostic";
import { digitalLifQuantizer } from "./digital-lif.ts";
import { loihiCubaQuantizer } from "./loihi-cuba.ts";
import type { NeuronQuantizer } from "./neuron-quantizer.ts";
import { truenorthLifQuantizer } from "./truenorth-lif.ts";

/** Every kind of chip neuron that real numbers can become. */
export const NEURON_QUANTIZERS: readonly NeuronQuantizer[] = [
  loihiCubaQuantizer,
  digitalLifQuantizer,
  truenorthLifQuantizer,
];

export function quantizerOf({ neuron }: Target): NeuronQuantizer {
  const quantizer = NEURON_QUANTIZERS.find(({ model }) => model === neuron.model);
  invariant(quantizer !== undefined, `there is a quantizer for "${neuron.model}"`);
  return quantizer;
}
