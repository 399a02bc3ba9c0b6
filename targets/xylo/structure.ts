import { plainWeights } from "../given.ts";
import { wallsOf, type Quantity, type SlotTablePacker, type Target, type Unit } from "../target.ts";
import { SOURCES } from "./sources.ts";

function documented(value: number, unit: Unit, src: readonly string[], note?: string): Quantity {
  return { value, unit, evidence: "documented", src, ...(note === undefined ? {} : { note }) };
}

/** In what the chips of the family differ. */
export interface XyloModel {
  readonly name: string;
  readonly title: string;
  readonly hiddenNeurons: number;
  readonly outputNeurons: number;
  readonly synapses: Quantity | null;
  readonly fanOut: number;
  /** Hidden neurons that inputs reach and that the read-out hears; absent: all. */
  readonly reach?: number;
  readonly caveats: readonly string[];
}

/** Structure of a Xylo: its hidden neurons and its read-out count as two cores, side by side. */
export function xyloStructure(model: XyloModel): Omit<Target, "profiles" | "defaultProfile"> {
  const { name, title, hiddenNeurons, outputNeurons, reach, fanOut, synapses } = model;
  const packer: SlotTablePacker = {
    formula: "slot-table",
    name: "slots",
    title: "a slot for each synapse between hidden neurons; full matrices of inputs and read-out",
    src: ["rockpool"],
    ...(reach !== undefined && { inputReach: reach, readOutReach: reach }),
    maxFormats: 1,
  };
  return {
    schema: 1,
    name,
    title,
    vendor: "SynSense",
    paradigm: "stepped",
    caveats: [
      "Hidden neurons (core 0) and read-out (core 1) are regions of one core; layers of the model become one hidden block.",
      "At most 15 events of an input line act in a step; more are lost on the chip, but not in the simulation.",
      ...model.caveats,
    ],
    sources: SOURCES,
    mesh: {
      columns: 1,
      rows: 1,
      coresPerTile: 2,
      tileOrder: "row-major",
      maxChips: documented(1, "count", ["rockpool"], "no events go between chips"),
      chipCrossingEntries: documented(0, "count", ["rockpool"]),
    },
    walls: wallsOf({
      neurons: documented(hiddenNeurons, "count", ["rockpool"], "hidden neurons"),
      inputLines: documented(16, "count", ["rockpool"]),
      outputLines: documented(outputNeurons, "count", ["rockpool"]),
      synapses,
      fanIn: documented(
        63,
        "count",
        ["openNeuromorphic"],
        "synapses from hidden neurons; inputs have a matrix of their own",
      ),
      fanOut: documented(
        fanOut,
        "count",
        ["rockpool"],
        "synapses to hidden neurons; the read-out has a matrix of its own",
      ),
    }),
    coreClasses: [
      {
        name: "read-out",
        cores: [1],
        walls: {
          neurons: documented(outputNeurons, "count", ["rockpool"], "read-out neurons"),
          axonsIn:
            reach === undefined
              ? null
              : documented(reach, "count", ["rockpool"], "hidden neurons that it hears"),
          inputLines: null,
          synapses: null,
          fanIn: null,
          fanOut: null,
        },
      },
    ],
    maxWordsPerAxon: null,
    wordBits: 64,
    packers: [packer],
    weights: plainWeights(127, -128, [8]),
    neuron: {
      model: "digital-lif",
      stateBits: 15,
      overflow: "clamp",
      leaks: ["shift"],
      maxShift: 15,
      decayBits: 0,
      synapticCurrent: { leaks: ["shift"], order: "input-first" },
      resets: ["subtract"],
      compare: ">=",
      thresholdMax: 2 ** 15 - 1,
      biasMax: 127,
      lowerClamp: false,
      maxSpikes: 31,
      maxSpikesOutput: 1,
    },
    maxDelaySteps: documented(1, "count", ["rockpool"]),
    neuronModels: ["digital-lif"],
    resetModes: ["subtract", "multi-subtract"],
    defaults: { partitioner: "single-core", placer: "in-order" },
  };
}
