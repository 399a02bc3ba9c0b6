import type { LabelledImages } from "./datasets/images.ts";
import { maskLayer, type SpikingMlp } from "./model.ts";

/**
 * Cuts the synapses of input pixels that are black in every image. Magnitude keeps some of them: nothing ever
 * pulled them towards zero. They cost memory on a chip and carry no spike.
 *
 * The very same model comes back if there are none.
 */
export function cutSilentInputs(model: SpikingMlp, images: LabelledImages): SpikingMlp {
  const [first, ...rest] = model.layers;
  const brightest = new Uint8Array(first.inputs);
  images.pixels.forEach((q, i) => {
    const pixel = i % first.inputs;
    if (q > brightest[pixel]) brightest[pixel] = q;
  });
  const mask = first.mask.map((alive, i) => (brightest[Math.floor(i / first.outputs)] > 0 ? alive : 0));
  const changed = mask.some((alive, i) => alive !== first.mask[i]);
  return changed ? { ...model, layers: [maskLayer(first, mask), ...rest] } : model;
}
