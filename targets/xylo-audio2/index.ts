import type { Target } from "../target.ts";
import { measuredPower, xyloProfile } from "../xylo/profile.ts";
import { xyloStructure } from "../xylo/structure.ts";

const kit = xyloProfile({
  name: "rockpool",
  target: "xylo-audio2",
  title: "Idle power of the chip, and the maker's law of cycles at 50 MHz",
  staticPower: { chip: measuredPower(219, "idle power during an audio task"), core: null, io: null },
  unpriced: [
    "activity: 93 uW more were measured on an audio task, 291 uW and 6.6 uJ per inference on keyword spotting (95 %)",
  ],
});

/** SynSense Xylo Audio 2 (SYNS61201): 16 inputs, 1,000 hidden neurons, 8 read-out neurons. */
export const xyloAudio2: Target = {
  ...xyloStructure({
    name: "xylo-audio2",
    title: "SynSense Xylo Audio 2",
    hiddenNeurons: 1000,
    outputNeurons: 8,
    synapses: {
      value: 64_000,
      unit: "count",
      evidence: "documented",
      src: ["rockpool"],
      note: "between hidden neurons: 1,000 x 64 slots",
    },
    fanOut: 64,
    caveats: ["The second synaptic current of hidden neurons, and aliases, are not used."],
  }),
  profiles: [kit],
  defaultProfile: kit.name,
};
