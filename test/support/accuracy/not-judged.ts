import type { NotJudged } from "./rows.ts";

const NO_LOIHI2 =
  "Loihi 2 is no shipped target: nobody has published an energy per event, and the rates of its time law exist as a figure only";

/** Published measurements that public facts do not suffice to estimate, and why. */
export const NOT_JUDGED: readonly NotJudged[] = [
  {
    id: "L4",
    what: "relational network (bAbI), 22 chips",
    measured: "63.67 µs/step, 222.7 mW core dynamic",
    reason: "its layers and connectivity are not among the facts at hand",
  },
  {
    id: "L9",
    what: "MobileNet, 28 layers, 128x128",
    measured: "16 chips, 80 % utilisation",
    reason:
      "only the abstract is public: not which MobileNet it was; scripts/mobilenet.mjs maps one of that size",
  },
  {
    id: "L10",
    what: "DVS gesture CNN (Massa 2020)",
    measured: "37 cores",
    reason: "layer sizes are not among the facts at hand",
  },
  {
    id: "L11",
    what: "SLAYER DVS gesture",
    measured: "169 cores",
    reason:
      "cores per layer are known, sizes of the layers are not; the chip shares weights, our encodings do not",
  },
  {
    id: "L12",
    what: "Pohoiki Springs, 32 and 768 chips",
    measured: "3.34 W idle for 32 chips, barrier 16.2 µs",
    reason:
      "the idle figure is where our static power comes from, so it checks nothing; the barrier table ends at one chip",
  },
  {
    id: "K1",
    what: "PilotNet SNN on Loihi 2",
    measured: "152.8 µs/step, 68.3 µJ dynamic per step, 74 cores",
    reason: NO_LOIHI2,
  },
  {
    id: "K2",
    what: "PilotNet SDNN on Loihi 2",
    measured: "16.87 samples/s",
    reason: `bound by input and output, dynamic power below the noise; and ${NO_LOIHI2}`,
  },
  {
    id: "K3",
    what: "synapse words per core of K2",
    measured: "10 to 7,253 words",
    reason: "a packer of shared kernels comes with a Loihi 2 target; there is none yet",
  },
  {
    id: "K4, K5",
    what: "netx MNIST and Oxford on Loihi 2",
    measured: "5 cores each",
    reason: "limits of Loihi 2's cores; no shipped target",
  },
  {
    id: "K6",
    what: "linear layer and QUBO on Loihi 2",
    measured: "r ≥ 0.97 with the max-affine law",
    reason:
      "values and rates are figures nobody here has read; the timing model `max-affine` takes rates of your own",
  },
  {
    id: "K7",
    what: "Floorline: AKD1000, Speck, Loihi 2",
    measured: "up to 3.86 x faster, 3.38 x less energy",
    reason: "only the abstract is public, and none of the three is a shipped target",
  },
];
