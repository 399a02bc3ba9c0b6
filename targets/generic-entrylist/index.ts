import type { FamilyValues, TargetFamily } from "../family.ts";
import { assumed, meshOf } from "../given.ts";
import { nahukuFit } from "../loihi1/nahuku-fit.ts";
import { nxtf } from "../loihi1/packers.ts";
import { structure } from "../loihi1/structure.ts";
import { wallsOf, type EntryListPacker, type Profile, type Quantity, type Target } from "../target.ts";

/** Cores that store synapses as Loihi does, with every limit as a parameter: what if a core had twice the axons? */
export const genericEntrylist: TargetFamily = {
  name: "generic-entrylist",
  parameters: [
    { key: "neurons", value: 1024, min: 1, max: 65_536, meaning: "neurons of a core" },
    { key: "axonsIn", value: 4096, min: 1, max: 65_536, meaning: "input axons of a core" },
    { key: "axonsOut", value: 4096, min: 1, max: 65_536, meaning: "output entries of a core" },
    { key: "words", value: 16_384, min: 1, max: 2 ** 24, meaning: "64-bit words of synapse memory" },
    { key: "axonWords", value: 256, min: 1, max: 65_535, meaning: "words of the longest list of an axon" },
    { key: "indexBits", value: 12, min: 6, max: 16, meaning: "bits of the widest index field" },
    { key: "formats", value: 7, min: 1, max: 15, meaning: "synapse formats of a core" },
    { key: "cores", value: 128, min: 1, max: 16_384, meaning: "cores of a chip" },
    { key: "chips", value: 1024, min: 1, max: 16_384, meaning: "chips that may be used" },
  ],
  build,
  refuses: ({ neurons, indexBits }) =>
    neurons > 2 ** indexBits
      ? { key: "neurons", expected: `at most ${2 ** indexBits}, which an index of ${indexBits} bits reaches` }
      : undefined,
};

function build(values: FamilyValues, name: string): Target {
  const wall = (key: string, unit: "count" | "word" = "count"): Quantity =>
    assumed(values[key], unit, `parameter "${key}"`);
  const { cores } = values;
  const coresPerTile = cores % 4 === 0 ? 4 : 1;
  const profile: Profile = {
    ...nahukuFit,
    name: "inherited-nahuku-fit",
    target: name,
    title: "the prices of Loihi 1, as fitted to Nahuku measurements",
    kind: "inherited",
    base: { target: "loihi1", profile: nahukuFit.name },
  };
  Reflect.deleteProperty(profile, "errors");
  return {
    ...structure,
    name,
    title: "cores with synapse lists as Loihi's, every limit a parameter",
    vendor: "none",
    caveats: ["Not a chip: its limits are parameters, its prices are Loihi's whatever these are."],
    mesh: {
      ...structure.mesh,
      ...meshOf(cores / coresPerTile),
      coresPerTile,
      maxChips: wall("chips"),
    },
    walls: wallsOf({
      neurons: wall("neurons"),
      synapseWords: wall("words", "word"),
      axonsIn: wall("axonsIn"),
      axonsOut: wall("axonsOut"),
      synapseFormats: wall("formats"),
      neuronConfigs: structure.walls.neuronConfigs,
      thresholdConfigs: structure.walls.thresholdConfigs,
    }),
    maxWordsPerAxon: wall("axonWords", "word"),
    packers: [packerOf(values)],
    profiles: [profile],
    defaultProfile: profile.name,
  };
}

function packerOf({ indexBits, formats }: FamilyValues): EntryListPacker {
  const widths = Array.from({ length: indexBits - 5 }, (_, i) => i + 6);
  return {
    ...nxtf,
    name: "lists",
    title: "sparse, run-length and dense lists, bits of an axon added up (as NxTF counts)",
    indexBits: [0, ...widths],
    maxFormats: formats,
  };
}
