// Whole files to start from: made here, and of the corpus where it is.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { compile } from "#compiler/compile";
import { CONNECTIVITY_FORMATS } from "#formats/connectivity/index";
import { writePartition } from "#formats/connectivity/partition";
import { writePlacement } from "#formats/connectivity/placement";
import { writeDeploymentFile } from "#formats/deployment-file/index";
import { findExporter } from "#formats/exporters";
import { networkToNir } from "#formats/nir/write-network";
import { writeNirFile } from "#formats/nir/write-file";
import { writeNpy } from "#formats/npz/npy";
import { writeNpz } from "#formats/npz/npz";
import { writeNirData } from "#formats/spikes/write-nir-data";
import { writeSpikesNpz } from "#formats/spikes/write-npz";
import { writeSpikeData } from "#formats/spikes/write";
import { loihi1 } from "#targets/loihi1/index";
import { targetToJson } from "#targets/index";
import type { Network } from "#ir/network";
import {
  cubaLif,
  edge,
  input,
  kernel,
  lif,
  network,
  oneToOne,
  randomQuantized,
  randomSparse,
  randomSpikes,
  relay,
} from "#test/networks";
import { someGraph } from "#test/axon-graphs";
import { sharedPath } from "#test/shared";
import * as netx from "../formats/netx-files.ts";
import { DiagnosticSink, invariant } from "#util/diagnostic";
import { createRng, type Rng } from "#util/rng";

export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Larger files take too long for what they add. */
const MAX_SEED_BYTES = 150_000;

/** Files of the corpus below `folder` with one of the endings, smallest first; none where there is no corpus. */
export function corpusFiles(folder: string, endings: readonly string[]): Seed[] {
  const corpus = sharedPath("corpus");
  if (corpus === undefined) return [];
  const root = join(corpus, folder);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => ({ name: join(folder, name), path: join(root, name) }))
    .map((file) => ({ ...file, size: statSync(file.path).size }))
    .filter(({ size }) => size > 0 && size <= MAX_SEED_BYTES)
    .toSorted((a, b) => a.size - b.size || (a.name < b.name ? -1 : 1))
    .map(({ name, path }) => ({ name, bytes: new Uint8Array(readFileSync(path)) }));
}

/** A few models with every kind of neuron, connection and port. */
export function models(): readonly Network[] {
  const rng = createRng(11);
  return [
    network([input("in", 3), lif("n", 2)], [edge("in", "n", randomSparse(rng, 3, 2, 1, rng))]),
    network(
      [input("in", [1, 4, 4]), relay("conv", [2, 2, 2]), cubaLif("n", [2, 2, 2])],
      [
        edge(
          "in",
          "conv",
          kernel({ inputShape: [1, 4, 4], kernelShape: [2, 1, 3, 3], weights: weights(rng, 18) }),
        ),
        edge("conv", "n", oneToOne(8)),
      ],
    ),
  ];
}

const weights = (rng: Rng, count: number): number[] => Array.from({ length: count }, () => rng() - 0.5);

/** The models as some exporter writes them; those that it refuses are left out. */
export async function exportedModels(exporter: string): Promise<Seed[]> {
  const sink = new DiagnosticSink();
  const found = findExporter(exporter, sink);
  invariant(found !== undefined, `there is an exporter "${exporter}"`);
  const files = await Promise.all(
    models().map((model) => found.write({ network: model, generator: "fuzz" }, {}, new DiagnosticSink())),
  );
  return files.flatMap((list, m) =>
    list === undefined ? [] : [{ name: `model ${m}`, bytes: list[0].bytes }],
  );
}

export async function nirSeeds(): Promise<Seed[]> {
  const written = await Promise.all(
    models().flatMap((model, m) =>
      (["none", "gzip"] as const).map(async (compression) => ({
        name: `model ${m}, ${compression}`,
        bytes: await writeNirFile(networkToNir(model), { compression }),
      })),
    ),
  );
  return [...written, ...corpusFiles("peer_nir", [".nir"]), ...corpusFiles("writer_variants", [".nir"])];
}

/** Every type of layer that is read, in small files: damage hits a field more often than a weight. */
export async function netxSeeds(): Promise<Seed[]> {
  const rows = (out: number, from: number): number[][] =>
    Array.from({ length: out }, (_, r) => Array.from({ length: from }, (_, c) => 2 * ((r + c) % 7) - 4));
  const loop = { data: rows(3, 3).flat(), shape: [3, 3] };
  const files = {
    dense: [netx.dense(rows(3, 2), { type: "dense_rec", weight_rec: loop, bias: [1, 2, 3] })],
    delays: [netx.input([2], { neuron: netx.cuba }), netx.dense(rows(3, 2), { delay: [0, 4, 62] })],
    images: [
      netx.input([1, 4, 4]),
      netx.conv([2, 1, 2, 2], { neuron: { ...netx.cuba, vDecay: [10, 20] } }),
      { type: "concat", shape: [1, 4, 4], layers: [0] },
      netx.conv([1, 1, 2, 2]),
      { type: "concat", shape: [3, 3, 3], layers: [1, 3] },
      { type: "pool", kernelSize: [2, 2], weight: [2], neuron: netx.cuba },
      { type: "flatten", shape: [12] },
      netx.dense(rows(4, 12), { neuron: undefined }),
      { type: "average", shape: [2] },
    ],
  };
  const written = await Promise.all(
    Object.entries(files).map(async ([name, layers]) => ({ name, bytes: await netx.netxFile(layers) })),
  );
  return [...written, ...corpusFiles("netx", [".net"])];
}

export function deploymentSeeds(): Seed[] {
  return [3, 4, 5].map((seed) => {
    const rng = createRng(seed);
    const model = randomQuantized(rng, { recurrent: seed % 2 === 0, maxDelaySteps: 2 });
    const { deployment } = compile(model, loihi1, { rules: seed === 5 ? "nengo" : "lava" });
    const notes = { import: "{}", map: "{}" };
    return { name: `random ${seed}`, bytes: writeDeploymentFile(deployment, { generator: "fuzz", notes }) };
  });
}

const spikes = () => {
  const rng = createRng(7);
  return {
    in: randomSpikes(rng, [2, 3], { steps: 5, samples: 3 }),
    other: randomSpikes(rng, [4], { steps: 5, samples: 3 }),
  };
};

export async function npzSeeds(): Promise<Seed[]> {
  const data = Float32Array.from({ length: 24 }, (_, i) => i % 3);
  return [
    { name: "spikes", bytes: await writeSpikesNpz(spikes()) },
    {
      name: "with labels",
      bytes: await writeNpz({
        in: { data, shape: [2, 2, 6], dtype: "float32" },
        labels: { data: [1, 2], shape: [2], dtype: "int64" },
      }),
    },
    ...corpusFiles("netx", [".npz"]),
  ];
}

export const npySeeds = (): Seed[] => [
  { name: "uint8", bytes: writeNpy({ data: new Uint8Array(60).fill(1), shape: [2, 5, 6], dtype: "uint8" }) },
  { name: "float64", bytes: writeNpy({ data: new Float64Array(30), shape: [5, 6], dtype: "float64" }) },
];

export async function nirDataSeeds(): Promise<Seed[]> {
  const [both, one] = await Promise.all([
    writeNirData(spikes(), { dtSeconds: 1e-4 }),
    writeNirData({ in: spikes().in }, {}),
  ]);
  return [
    { name: "two nodes", bytes: both },
    { name: "in steps", bytes: one },
  ];
}

export function jsonSeeds(): Seed[] {
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  return [
    { name: "events", bytes: writeSpikeData(spikes()) },
    { name: "unnamed", bytes: writeSpikeData({ "": spikes().in }) },
    { name: "dense", bytes: text([[[0, 1, 0, 1, 0, 1]], [[1, 1, 1, 0, 0, 0]]]) },
    {
      name: "images",
      bytes: text({ rule: "rate_encode", shape: [2, 3], steps: 4, pixels: "AAECAwT/", labels: [1] }),
    },
  ];
}

export const gzipSeeds = (): Seed[] =>
  jsonSeeds().map(({ name, bytes }) => ({ name, bytes: new Uint8Array(gzipSync(bytes)) }));

export const targetSeeds = (): Seed[] => [
  { name: loihi1.name, bytes: new TextEncoder().encode(targetToJson(loihi1)) },
];

/** The same small graph in every file of connectivity. */
export function connectivitySeeds(name: string): Seed[] {
  const format = CONNECTIVITY_FORMATS.find((each) => each.name === name);
  invariant(format !== undefined, `there is a format "${name}"`);
  return [5, 40].map((neurons) => ({
    name: `${neurons} neurons`,
    bytes: format.write(someGraph(neurons, 4, neurons), new DiagnosticSink()),
  }));
}

/** Neurons of the partitions below. */
export const PARTITION_NEURONS = 40;

export function partitionSeeds(): Seed[] {
  const text = writePartition(Array.from({ length: PARTITION_NEURONS }, (_, n) => n % 7));
  return [
    { name: "text", bytes: text },
    { name: "packed", bytes: new Uint8Array(gzipSync(text)) },
  ];
}

export const placementSeeds = (): Seed[] => [
  {
    name: "places",
    bytes: writePlacement({ x: Int32Array.of(0, 1, 2, 3), y: Int32Array.of(1, 0, 1, 0) }),
  },
];
