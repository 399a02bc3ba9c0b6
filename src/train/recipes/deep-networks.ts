// Networks of the CIFAR, ImageNet and event-camera results: they build, count and run here, but take days on a laptop.
import { z } from "zod";
import { graphOfLayers, neuronSchema, type LayerInput, type NeuronRecipe } from "../recipe-layers.ts";
import { convUnit, linearUnit, type ReadyNetwork } from "./network.ts";

const size = z.int().min(1);
const shape = z.array(size).length(3);

interface Common {
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly neuron: NeuronRecipe;
}

const common = (inputShape: number[], classes: number, neuron: NeuronRecipe) =>
  ({
    inputShape: shape.default(inputShape),
    classes: size.default(classes),
    neuron: neuronSchema.default(neuron),
  }) as const;

/** The CIFAR-10 network of Grad R and STDS: 36,715,264 weights, no biases; ten outputs vote for each class. */
export const sixConv: ReadyNetwork<Common & { dropout: number; width: number; hidden: number }> = {
  name: "6conv-2fc",
  summary: "six 256C3 with max pooling, 2048, 100 and voting by ten",
  source: "Grad R, IJCAI 2021; STDS, ICML 2022 (CIFAR-10)",
  options: z.strictObject({
    ...common([3, 32, 32], 10, "lif-sj"),
    dropout: z.number().min(0).lt(1).default(0.5),
    width: size.default(256),
    hidden: size.default(2048),
  }),
  build: ({ inputShape, classes, neuron, dropout, width, hidden }) => {
    const three = (first: number): LayerInput[] => [
      ...[0, 1, 2].flatMap((i) => convUnit(`${first + i}`, width, neuron)),
      { op: "max-pool", name: `pool${first + 2}`, kernel: 2 },
    ];
    return graphOfLayers("6conv-2fc", inputShape, [
      ...three(1),
      ...three(4),
      { op: "flatten" },
      { op: "dropout", rate: dropout },
      ...linearUnit("1", hidden, neuron),
      { op: "dropout", rate: dropout },
      ...linearUnit("2", 10 * classes, neuron),
      { op: "voting", groupSize: 10 },
    ]);
  },
};

/** SD-SNN for CIFAR-10: PLIF neurons after convolutions, LIF neurons after linear layers. */
export const sdSnnCifar: ReadyNetwork<
  Common & { linearNeuron: NeuronRecipe; width: number; hidden: number }
> = {
  name: "sd-snn-cifar",
  summary: "128C3-128C3-MP2-256C3-256C3-MP2-512C3-512C3-512-10",
  source: "SD-SNN (CIFAR-10)",
  options: z.strictObject({
    ...common([3, 32, 32], 10, "plif-bc"),
    linearNeuron: neuronSchema.default("lif-bc"),
    width: size.default(128),
    hidden: size.default(512),
  }),
  build: ({ inputShape, classes, neuron, linearNeuron, width, hidden }) => {
    const two = (id: number, channels: number): LayerInput[] => [
      ...convUnit(`${id}a`, channels, neuron),
      ...convUnit(`${id}b`, channels, neuron),
    ];
    return graphOfLayers("sd-snn-cifar", inputShape, [
      ...two(1, width),
      { op: "max-pool", name: "pool1", kernel: 2 },
      ...two(2, 2 * width),
      { op: "max-pool", name: "pool2", kernel: 2 },
      ...two(3, 4 * width),
      { op: "flatten" },
      ...linearUnit("1", hidden, linearNeuron),
      ...linearUnit("2", classes, linearNeuron),
    ]);
  },
};

/** VGGSNN of the event-camera results: 64C3-128C3-AP-256C3-256C3-AP-512C3-512C3-AP-512C3-512C3-AP-FC on 2 x 48 x 48. */
export const vggSnn: ReadyNetwork<Common & { width: number }> = {
  name: "vggsnn",
  summary: "eight convolutions in four stages, average pooling, one linear layer",
  source: "TET, ICLR 2022; ESL-SNNs, AAAI 2023 (DVS-CIFAR10)",
  options: z.strictObject({ ...common([2, 48, 48], 10, "lif-tet"), width: size.default(64) }),
  build: ({ inputShape, classes, neuron, width }) => {
    const stage = (id: number, first: number, second: number): LayerInput[] => [
      ...convUnit(`${id}a`, first * width, neuron),
      ...convUnit(`${id}b`, second * width, neuron),
      { op: "average-pool", name: `pool${id}`, kernel: 2 },
    ];
    return graphOfLayers("vggsnn", inputShape, [
      ...stage(1, 1, 2),
      ...stage(2, 4, 4),
      ...stage(3, 8, 8),
      ...stage(4, 8, 8),
      { op: "flatten" },
      { op: "linear", name: "fc", features: classes, bias: true },
    ]);
  },
};

/**
 * Spike-element-wise ResNet-18: the ADD joins spikes, so an identity stays an identity. `stem: imagenet` is 7 x 7 with stride 2
 * and a max pool 3 x 3 with stride 2 (without the border of one that the original pads with: 55 instead of 56 pixels);
 * `stem: cifar` is one 3 x 3.
 */
export const sewResNet18: ReadyNetwork<Common & { stem: "imagenet" | "cifar"; width: number }> = {
  name: "sew-resnet-18",
  summary: "spike-element-wise ResNet-18, ADD",
  source: "Fang et al., NeurIPS 2021; STDS, ICML 2022; LATS, ICLR 2023",
  options: z.strictObject({
    ...common([3, 224, 224], 1000, "if-sj"),
    stem: z.enum(["imagenet", "cifar"]).default("imagenet"),
    width: size.default(64),
  }),
  build: ({ inputShape, classes, neuron, stem, width }) => {
    const layers: LayerInput[] =
      stem === "imagenet"
        ? [
            ...convUnit("1", width, neuron, { kernel: 7, stride: 2, padding: 3 }),
            { op: "max-pool", name: "pool1", kernel: 3, stride: 2 },
          ]
        : convUnit("1", width, neuron);
    let from = stem === "imagenet" ? "pool1" : "neuron1";
    let channels = width;
    for (const [stage, factor] of [1, 2, 4, 8].entries()) {
      for (const block of [1, 2]) {
        const id = `${stage + 2}-${block}`;
        const wanted = factor * width;
        const stride = stage > 0 && block === 1 ? 2 : 1;
        layers.push(
          ...convUnit(`${id}a`, wanted, neuron, { stride, from }),
          ...convUnit(`${id}b`, wanted, neuron),
        );
        let identity = from;
        if (stride > 1 || channels !== wanted) {
          layers.push(...convUnit(`${id}d`, wanted, neuron, { kernel: 1, stride, padding: 0, from }));
          identity = `neuron${id}d`;
        }
        layers.push({ op: "add", name: `add${id}`, inputs: [`neuron${id}b`, identity] });
        from = `add${id}`;
        channels = wanted;
      }
    }
    const pooled = finalSides(inputShape, stem === "imagenet" ? "imagenet" : "plain", 3);
    return graphOfLayers("sew-resnet-18", inputShape, [
      ...layers,
      { op: "average-pool", name: "pool", kernel: pooled },
      { op: "flatten" },
      { op: "linear", name: "fc", features: classes, bias: true },
    ]);
  },
};

/** ResNet-19: the ADD joins currents, before the neurons. Three blocks of 128, three of 256, two of 512; 256 and the classes. */
export const resNet19: ReadyNetwork<Common & { width: number; hidden: number }> = {
  name: "resnet-19",
  summary: "ResNet-19 for images of 32 x 32",
  source: "Zheng et al., AAAI 2021; TET, ICLR 2022; ESL-SNNs, AAAI 2023 (CIFAR)",
  options: z.strictObject({
    ...common([3, 32, 32], 10, "lif-tet"),
    width: size.default(128),
    hidden: size.default(256),
  }),
  build: ({ inputShape, classes, neuron, width, hidden }) => {
    const layers: LayerInput[] = convUnit("1", width, neuron);
    let from = "neuron1";
    let channels = width;
    for (const [stage, blocks] of [3, 3, 2].entries()) {
      for (let block = 1; block <= blocks; block++) {
        const id = `${stage + 2}-${block}`;
        const wanted = width * 2 ** stage;
        const stride = stage > 0 && block === 1 ? 2 : 1;
        const [convB, bnB] = convUnit(`${id}b`, wanted, neuron);
        layers.push(...convUnit(`${id}a`, wanted, neuron, { stride, from }), convB, bnB);
        let identity = from;
        if (channels !== wanted) {
          const [conv, bn] = convUnit(`${id}d`, wanted, neuron, { kernel: 1, stride, padding: 0, from });
          layers.push(conv, bn);
          identity = `bn${id}d`;
        }
        layers.push(
          { op: "add", name: `add${id}`, inputs: [`bn${id}b`, identity] },
          { op: "neuron", name: `neuron${id}`, neuron },
        );
        from = `neuron${id}`;
        channels = wanted;
      }
    }
    return graphOfLayers("resnet-19", inputShape, [
      ...layers,
      { op: "average-pool", name: "pool", kernel: finalSides(inputShape, "plain", 2) },
      { op: "flatten" },
      ...linearUnit("1", hidden, neuron),
      { op: "linear", name: "fc2", features: classes, bias: true },
    ]);
  },
};

/** What the stem and the stages of stride 2 leave of an image: the window of the last, global, average pool. */
function finalSides(
  inputShape: readonly number[],
  stem: "imagenet" | "plain",
  halvings: number,
): [number, number] {
  const sideOf = (pixels: number): number => {
    let side = stem === "imagenet" ? Math.floor((Math.floor((pixels - 1) / 2) + 1 - 3) / 2) + 1 : pixels;
    for (let i = 0; i < halvings; i++) side = Math.floor((side - 1) / 2) + 1;
    return side;
  };
  return [sideOf(inputShape[1]), sideOf(inputShape[2])];
}
