import type { Target } from "../target.ts";
import { measuredPower, xyloProfile } from "../xylo/profile.ts";
import { xyloStructure } from "../xylo/structure.ts";

const kit = xyloProfile({
  name: "rockpool",
  target: "xylo-audio3",
  title: "Power of an idle kit in accelerated mode, and the maker's law of cycles at 50 MHz",
  staticPower: {
    chip: measuredPower(
      555.2,
      "core rail 542.9 uW and audio front end 12.3 uW, idle, accelerated mode; in real time the core takes about 350 uW",
    ),
    core: null,
    io: measuredPower(35.7, "pads, idle, accelerated mode"),
  },
  unpriced: ["activity: not published apart from idle power"],
});

/** SynSense Xylo Audio 3 (SYNS65302): 16 inputs, 992 hidden neurons, 32 read-out neurons. */
export const xyloAudio3: Target = {
  ...xyloStructure({
    name: "xylo-audio3",
    title: "SynSense Xylo Audio 3",
    hiddenNeurons: 992,
    outputNeurons: 32,
    synapses: {
      value: 64_000,
      unit: "count",
      evidence: "assumed",
      src: ["rockpool"],
      note: "between hidden neurons; published for Audio 2, and taken over for its successor",
    },
    fanOut: 1024,
    reach: 128,
    caveats: ["The second synaptic current of hidden neurons, and aliases, are not used."],
  }),
  profiles: [kit],
  defaultProfile: kit.name,
};
