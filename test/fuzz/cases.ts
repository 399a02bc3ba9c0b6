// What is fuzzed: a reader, files to start from, and damage that gets past its first checks.
import { readConnectivity } from "#formats/connectivity/index";
import { readPartition } from "#formats/connectivity/partition";
import { readPlacement } from "#formats/connectivity/placement";
import { readDeploymentFile } from "#formats/deployment-file/index";
import { FORMATS, readNetwork } from "#formats/index";
import { deploymentText, networkText } from "#ir/text";
import { validateDeployment, validateNetwork } from "#ir/validate";
import { parseTarget, targetTable, targetToJson } from "#targets/index";
import { simulate } from "#simulator/simulate";
import { loihi1 } from "#targets/loihi1/index";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { readInputData } from "../../src/inputs.ts";
import { flipBytes, moveBlocks, type Mutator } from "./bytes.ts";
import { crossLinkHdf5, damageHdf5, swapWords } from "./hdf5.ts";
import { damageJson, damageJsonGz } from "./json.ts";
import { damageDirectory, damageNpy, damageNpz } from "./npz.ts";
import { damageDeployment, damageFields } from "./protobuf.ts";
import * as seeds from "./seeds.ts";
import type { Seed } from "./seeds.ts";

export interface FuzzCase {
  readonly name: string;
  /** Files of our own, and those of the corpus where it is. */
  seeds(): Seed[] | Promise<Seed[]>;
  readonly mutators: readonly Mutator[];
  /** Reads as a user's program would, and goes on with what was read. Throws for anything that is a bug of ours. */
  read(bytes: Uint8Array, sink: DiagnosticSink): Promise<"accepted" | "refused">;
}

const HDF5: readonly Mutator[] = [
  damageHdf5,
  damageHdf5,
  damageHdf5,
  crossLinkHdf5,
  swapWords,
  flipBytes,
  moveBlocks,
];
const PROTOBUF: readonly Mutator[] = [
  damageFields,
  damageFields,
  damageFields,
  swapWords,
  flipBytes,
  moveBlocks,
];

/** An importer: the network it returns must hold to the rules of networks. */
function importer(name: string, mutators: readonly Mutator[], from: () => Promise<Seed[]>): FuzzCase {
  return {
    name,
    mutators,
    seeds: from,
    async read(bytes, sink) {
      for (const format of FORMATS) format.recognizes(bytes);
      const network = await readNetwork(bytes, { format: name, name: "fuzz" }, sink);
      if (network === undefined) return "refused";
      const rules = new DiagnosticSink();
      validateNetwork(network, rules);
      if (rules.hasErrors) throw new Error(`the network breaks a rule: ${rules.diagnostics[0].message}`);
      networkText(network);
      return "accepted";
    },
  };
}

const PORTS = [
  { name: "in", shape: [2, 3] },
  { name: "other", shape: [4] },
];

/** Input data: whatever is accepted must lie inside its own shape. */
function spikes(
  name: string,
  mutators: readonly Mutator[],
  from: FuzzCase["seeds"],
  onePort = false,
): FuzzCase {
  return {
    name,
    mutators,
    seeds: from,
    async read(bytes, sink) {
      const ports = onePort ? PORTS.slice(0, 1) : PORTS;
      const data = await readInputData(bytes, { fileName: "fuzz", ports }, sink);
      if (data === undefined) return "refused";
      for (const { steps, shape, samples } of Object.values(data.inputs)) {
        const size = shape.reduce((product, extent) => product * extent, 1);
        for (const { step, index } of samples)
          for (let e = 0; e < step.length; e++)
            if (step[e] >= steps || index[e] >= size) throw new Error(`event ${e} lies outside the shape`);
      }
      return "accepted";
    },
  };
}

const deployment: FuzzCase = {
  name: "deployment",
  seeds: seeds.deploymentSeeds,
  mutators: [damageDeployment, damageDeployment, damageDeployment, damageFields, flipBytes, moveBlocks],
  async read(bytes, sink) {
    const file = await readDeploymentFile(bytes, sink);
    if (file === undefined) return "refused";
    const rules = new DiagnosticSink();
    validateDeployment(file.deployment, rules);
    if (rules.hasErrors) throw new Error(`the deployment breaks a rule: ${rules.diagnostics[0].message}`);
    deploymentText(file.deployment);
    runBriefly(file.deployment);
    return "accepted";
  },
};

/** A deployment that was accepted runs, or the simulator says why not. */
function runBriefly(subject: Parameters<typeof simulate>[0]): void {
  const inputs = Object.fromEntries(
    subject.inputs.map(({ name, population }) => [
      name,
      {
        steps: 2,
        shape: subject.populations[population].shape,
        samples: [{ step: Uint32Array.of(0), index: Uint32Array.of(0) }],
      },
    ]),
  );
  try {
    simulate(subject, loihi1, loihi1.profiles[0], inputs, { steps: 2 });
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
  }
}

const target: FuzzCase = {
  name: "target",
  seeds: seeds.targetSeeds,
  mutators: [damageJson, damageJson, damageJson, flipBytes, moveBlocks],
  read(bytes, sink) {
    const parsed = parseTarget(new TextDecoder().decode(bytes), sink);
    if (parsed === undefined) return Promise.resolve("refused");
    targetTable(parsed);
    targetToJson(parsed);
    return Promise.resolve("accepted");
  },
};

/** Whatever graph is accepted keeps its own rules: ascending targets inside it, rates that are numbers. */
function connectivity(name: string): FuzzCase {
  return {
    name,
    seeds: () => seeds.connectivitySeeds(name),
    mutators: [swapWords, swapWords, flipBytes, moveBlocks],
    read(bytes, sink) {
      const graph = readConnectivity(bytes, { fileName: `fuzz.${name}` }, sink);
      if (graph === undefined) return Promise.resolve("refused");
      const { neurons, axonStart, target, rate } = graph;
      if (axonStart.length !== neurons + 1 || axonStart[neurons] !== target.length)
        throw new Error("the lists do not cover the targets");
      for (let n = 0; n < neurons; n++) {
        if (!(rate[n] >= 0 && rate[n] < Infinity)) throw new Error(`axon ${n} has a rate of ${rate[n]}`);
        for (let s = axonStart[n]; s < axonStart[n + 1]; s++)
          if (target[s] >= neurons || (s > axonStart[n] && target[s] <= target[s - 1]))
            throw new Error(`target ${s} is out of order or range`);
      }
      return Promise.resolve("accepted");
    },
  };
}

const partition: FuzzCase = {
  name: "partition",
  seeds: seeds.partitionSeeds,
  mutators: [flipBytes, flipBytes, moveBlocks],
  async read(bytes, sink) {
    const neurons = seeds.PARTITION_NEURONS;
    const read = await readPartition(bytes, { fileName: "fuzz", neurons }, sink);
    if (read === undefined) return "refused";
    if (new Set(read.coreOf).size !== read.cores || read.coreOf.some((core) => core >= read.cores))
      throw new Error("cores are not numbered without gaps");
    return "accepted";
  },
};

const placement: FuzzCase = {
  name: "placement",
  seeds: seeds.placementSeeds,
  mutators: [flipBytes, flipBytes, moveBlocks],
  read(bytes, sink) {
    const read = readPlacement(bytes, { cores: 4, columns: 4 }, sink);
    if (read === undefined) return Promise.resolve("refused");
    if (new Set(read.x.map((x, core) => x + 65_536 * read.y[core])).size !== 4)
      throw new Error("a place is shared");
    return Promise.resolve("accepted");
  },
};

export const FUZZ_CASES: readonly FuzzCase[] = [
  importer("nir", HDF5, seeds.nirSeeds),
  importer("netx", HDF5, seeds.netxSeeds),
  importer("onnx", PROTOBUF, async () => [
    ...(await seeds.exportedModels("onnx")),
    ...seeds.corpusFiles("onnx/good", [".onnx"]),
    ...seeds.corpusFiles("onnx/bad", [".onnx"]),
  ]),
  deployment,
  spikes("npz", [damageNpz, damageNpz, damageDirectory, flipBytes, moveBlocks], seeds.npzSeeds),
  spikes("npy", [damageNpy, damageNpy, flipBytes, moveBlocks], seeds.npySeeds, true),
  spikes("nir-data", HDF5, seeds.nirDataSeeds),
  spikes("json", [damageJson, damageJson, damageJson, flipBytes, moveBlocks], seeds.jsonSeeds),
  spikes("json-gz", [damageJsonGz, damageJsonGz, flipBytes, moveBlocks], seeds.gzipSeeds),
  target,
  connectivity("snnc"),
  connectivity("snn"),
  connectivity("hgr"),
  partition,
  placement,
];
