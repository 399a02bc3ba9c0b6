import type { Target } from "../target.ts";
import { measuredPower, xyloProfile } from "../xylo/profile.ts";
import { xyloStructure } from "../xylo/structure.ts";

const kit = xyloProfile({
  name: "rockpool",
  target: "xylo-imu",
  title: "Idle power of the kit's rails, and the maker's law of cycles at 50 MHz",
  staticPower: {
    chip: measuredPower(188.2, "core rail, idle"),
    core: null,
    io: measuredPower(334.3, "pads, idle"),
  },
  unpriced: ["activity: the core rail takes 201.1 uW when it works, the pads 332.6 uW"],
});

/** SynSense Xylo IMU (SYNS63300): 16 inputs, 496 hidden neurons, 16 read-out neurons. */
export const xyloImu: Target = {
  ...xyloStructure({
    name: "xylo-imu",
    title: "SynSense Xylo IMU",
    hiddenNeurons: 496,
    outputNeurons: 16,
    synapses: {
      value: 31_744,
      unit: "count",
      evidence: "derived",
      src: ["rockpool"],
      note: "496 neurons x 64, the published mean of fan-out",
    },
    fanOut: 512,
    reach: 128,
    caveats: ["Aliases are not used."],
  }),
  profiles: [kit],
  defaultProfile: kit.name,
};
