// Networks that do not fit, each for another reason: the first change that `spinec fit` proposes, applied as it is printed, makes
// it fit.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { afterAll, describe, test } from "vitest";
import type { Connectivity, Network, Population } from "#ir/network";
import type { FitReport } from "#report/fit-report";
import { targetToJson } from "#targets/index";
import { loihi1 } from "#targets/loihi1/index";
import { speck2 } from "#targets/speck2/index";
import type { Quantity, Target } from "#targets/target";
import { CLI, expectFreshBuild } from "#test/cli";
import { folderHere, nirBytes, runHere, shellWords } from "#test/cli-here";
import { between, cubaLif, dense, edge, input, kernel, lif, network, population, randomSparse, type Edge } from "#test/networks"; // prettier-ignore
import { tightTarget } from "#test/tight-target";
import { createRng, type Rng } from "#util/rng";

interface Misfit {
  readonly why: string;
  readonly model: Network;
  readonly target: Target | string;
  /** Beside the target. */
  readonly words?: readonly string[];
  /** Code of a reason. */
  readonly code: RegExp;
  /** Resource that binds, where there is one. */
  readonly resource?: string;
  /** What the first change is. */
  readonly change: RegExp;
}

const weight = (rng: Rng) => (): number => (rng() < 0.5 ? -1 : 1) * (0.05 + rng());
const full = (rng: Rng, rows: number, cols: number): Connectivity =>
  dense(Array.from({ length: rows }, () => Array.from({ length: cols }, weight(rng))));

/** Dense layers of these widths, the first the input. */
function chain(widths: readonly number[], rest: Partial<Population> = {}): Network {
  const rng = createRng(7);
  const names = widths.map((_, i) => (i === 0 ? "in" : `layer${i}`));
  const edges = widths
    .slice(1)
    .map((width, i): Edge => edge(names[i], names[i + 1], full(rng, widths[i], width)));
  return network(
    widths.map((width, i) => (i === 0 ? input("in", width) : lif(names[i], width, {}, rest))),
    edges,
  );
}

function convolution(channels: number, side: number, tail: readonly number[] = [4]): Network {
  const rng = createRng(3);
  const conv = kernel({
    inputShape: [2, side, side],
    kernelShape: [channels, 2, 3, 3],
    padding: [1, 1, 1, 1],
    weights: Array.from({ length: channels * 18 }, weight(rng)),
  });
  const layers = tail.map((size, i) => lif(`fc${i}`, size));
  return network(
    [input("in", [2, side, side]), lif("conv", conv.outputShape), ...layers],
    [
      edge("in", "conv", conv),
      ...layers.map(({ name }, i) =>
        edge(i === 0 ? "conv" : `fc${i - 1}`, name, full(rng, i === 0 ? conv.cols : tail[i - 1], tail[i])),
      ),
    ],
  );
}

/** Time constants of all kinds in one population. */
function manyDecays(size: number, different = size): Network {
  const rng = createRng(5);
  const tau = Array.from({ length: size }, (_, i) => 2 + (i % different) * 1.37);
  return network(
    [input("in", 6), cubaLif("varied", size, { tauSynSteps: 2, tauMemSteps: tau }), lif("out", 3)],
    [edge("in", "varied", full(rng, 6, size)), edge("varied", "out", full(rng, size, 3))],
  );
}

const mesh = (cores: number): Partial<Target["mesh"]> => ({ columns: 1, rows: 1, coresPerTile: cores });

const MISFITS: readonly Misfit[] = [
  {
    why: "a neuron has more inputs than a core has axons",
    model: chain([100, 12, 4]),
    target: tightTarget({ axonsIn: 64 }),
    code: /^partition\//,
    resource: "axonsIn",
    change: /prune/,
  },
  {
    why: "a neuron has more synapses than a core has memory",
    model: chain([120, 6, 4]),
    target: tightTarget({ synapseWords: 14 }),
    code: /^partition\//,
    resource: "synapseWords",
    change: /bits|packer|prune/,
  },
  {
    why: "synapses are too dense for the memory of one chip",
    model: chain([80, 60, 4]),
    target: tightTarget({ synapseWords: 200 }, mesh(3)),
    words: ["--chips", "1"],
    code: /^place\/no-room$/,
    resource: "synapseWords",
    change: /chips/,
  },
  {
    why: "synapses are too dense for all the chips there are",
    model: chain([80, 60, 4]),
    target: withChips(tightTarget({ synapseWords: 200 }, mesh(3)), 1),
    code: /^place\/no-room$/,
    change: /bits|prune|packer/,
  },
  {
    why: "there are more neurons than compartments on one chip",
    model: chain([10, 60, 60, 4]),
    target: tightTarget({ neurons: 8 }, mesh(5)),
    words: ["--chips", "1"],
    code: /^place\/no-room$/,
    resource: "neurons",
    change: /chips/,
  },
  {
    why: "there are more neurons than compartments on all chips",
    model: chain([10, 30, 4]),
    target: withChips(tightTarget({ neurons: 8 }, mesh(4)), 1),
    code: /^place\/no-room$/,
    resource: "neurons",
    change: /strongest|prune/,
  },
  {
    why: "it has more layers than one chip has cores, and they must not share",
    model: chain([6, 6, 6, 6, 6, 6, 6]),
    target: tightTarget({}, mesh(4)),
    words: ["--share", "never", "--chips", "1"],
    code: /^place\/no-room$/,
    change: /share/,
  },
  {
    why: "it has more layers than one chip can hold",
    model: chain([6, 6, 6, 6, 6, 6, 6]),
    target: tightTarget({ neurons: 6 }, mesh(4)),
    words: ["--chips", "1"],
    code: /^place\/no-room$/,
    change: /chips/,
  },
  {
    why: "neurons send to more cores than the output table has entries, and there is no room for relays",
    model: chain([24, 12, 60, 4]),
    target: withChips(tightTarget({ neurons: 8, axonsOut: 4 }, mesh(14)), 1),
    code: /^(partition|place)\//,
    change: /prune|strongest/,
  },
  {
    why: "output tables force cores apart",
    model: chain([6, 24, 40, 4]),
    target: withChips(tightTarget({ neurons: 8, axonsOut: 9 }, mesh(20)), 1),
    code: /^(place|partition)\//,
    change: /prune|strongest/,
  },
  {
    why: "one list is longer than a message may read",
    model: parallelDelays(7),
    target: tightTarget({ wordsPerAxon: 2 }),
    code: /^partition\//,
    resource: "wordsPerAxon",
    change: /bit|prune|packer/,
  },
  {
    why: "neurons differ more than a core has configurations, and one chip has few cores",
    model: manyDecays(40),
    target: tightTarget({ neuronConfigs: 4 }, mesh(6)),
    words: ["--chips", "1"],
    code: /^place\/no-room$/,
    resource: "neuronConfigs",
    change: /chips/,
  },
  {
    why: "neurons differ more than all chips have configurations for",
    model: manyDecays(40),
    target: withChips(tightTarget({ neuronConfigs: 4 }, mesh(6)), 1),
    code: /^place\/no-room$/,
    resource: "neuronConfigs",
    change: /decays/,
  },
  {
    why: "neurons that are alike are far apart in their population",
    model: manyDecays(48, 16),
    target: withChips(tightTarget({ neuronConfigs: 4 }, mesh(6)), 1),
    code: /^place\/no-room$/,
    resource: "neuronConfigs",
    change: /longer/,
  },
  {
    why: "a convolution is too large once its kernel is expanded",
    model: convolution(8, 8),
    target: withChips(tightTarget({ synapseWords: 520 }, mesh(4)), 1),
    code: /^place\/no-room$/,
    change: /bits|prune|packer|strongest/,
  },
  {
    why: "a convolution reads more lines than a core has axons",
    model: convolution(4, 6),
    target: tightTarget({ axonsIn: 16 }),
    code: /^partition\//,
    resource: "axonsIn",
    change: /prune|strongest/,
  },
  {
    why: "its neurons reset by subtraction, which the chip does not",
    model: chain([8, 6, 4], {
      dynamics: { integrator: "euler", compare: ">", reset: "subtract", current: "new" },
    }),
    target: tightTarget({}),
    words: ["--reset", "subtract"],
    code: /^quantize\/reset-unsupported$/,
    change: /reset/,
  },
  {
    why: "its neurons reset by subtraction, and it is too dense",
    model: chain([80, 60, 4]),
    target: withChips(tightTarget({ synapseWords: 200 }, mesh(3)), 1),
    words: ["--reset", "subtract"],
    code: /^quantize\/reset-unsupported$/,
    change: /reset.*, and .*(bits|prune|packer)/,
  },
  {
    why: "two layers are too wide at once",
    model: chain([100, 70, 4]),
    target: tightTarget({ axonsIn: 48 }),
    code: /^partition\//,
    resource: "axonsIn",
    change: /prune .*"?.*density/,
  },
  {
    why: "the packer that was asked for stores too much",
    model: randomLists(),
    target: tightTarget({ synapseWords: 450 }, mesh(1)),
    words: ["--packer", "nengo", "--chips", "1"],
    code: /^(place|partition)\//,
    change: /packer "nxtf"/,
  },
  {
    why: "its delays are longer than the chip's, which another chip's are not",
    model: longDelay(10),
    target: { ...tightTarget({}), maxDelaySteps: { ...loihi1.maxDelaySteps, value: 4 } },
    code: /^passes\/delay-too-long$/,
    change: /map it onto/,
  },
  {
    why: "a neuron has more inputs than a crossbar has rows",
    model: chain([300, 12, 4]),
    target: "truenorth",
    code: /^partition\//,
    change: /prune|bits?/,
  },
  {
    why: "a neuron has more synapses than a slot table allows",
    model: chain([12, 100, 80, 4]),
    target: "xylo-audio2",
    words: ["--reset", "subtract"],
    code: /^partition\//,
    change: /prune|strongest/,
  },
  {
    why: "there are more neurons than a chip of one core has",
    model: chain([10, 300, 4]),
    target: "xylo-imu",
    words: ["--reset", "subtract"],
    code: /^partition\//,
    change: /prune|strongest/,
  },
  {
    why: "a layer's kernel and neurons are over the memory of every core",
    model: integrators(8, 24),
    target: withNeuronMemory(speck2, 1 / 16),
    words: ["--reset", "subtract"],
    code: /^partition\/layer-does-not-fit$/,
    change: /split|strongest/,
  },
  {
    why: "its neurons leak, which the chip's do not",
    model: chain([8, 6, 4]),
    target: "speck2",
    code: /^quantize\/no-leak$/,
    change: /map it onto/,
  },
  {
    why: "a neuron sends to more neurons than the chip lets it",
    model: chain([8, 10, 300, 4]),
    target: "tianjic",
    code: /^partition\//,
    resource: "fanOut",
    change: /prune|strongest/,
  },
];

/** As a user's own file: units as walls have them, profiles of its own. */
function asFile(target: Target, name: string): Target {
  const inWords = (quantity: Quantity | null): Quantity | null =>
    quantity === null ? null : { ...quantity, unit: "word" };
  return {
    ...target,
    name,
    walls: { ...target.walls, synapseWords: inWords(target.walls.synapseWords) },
    maxWordsPerAxon: inWords(target.maxWordsPerAxon),
    profiles: target.profiles.map((profile) => ({ ...profile, target: name })),
  };
}

/** The chip with this share of memory for states. */
function withNeuronMemory(target: Target, share: number): Target {
  const coreClasses = (target.coreClasses ?? []).map((own) => {
    const { neuronWords } = own.walls;
    if (neuronWords === undefined || neuronWords === null) return own;
    return {
      ...own,
      walls: { ...own.walls, neuronWords: { ...neuronWords, value: neuronWords.value * share } },
    };
  });
  return { ...target, coreClasses };
}

function withChips(target: Target, chips: number): Target {
  const maxChips = { ...target.mesh.maxChips, value: chips };
  return { ...target, mesh: { ...target.mesh, maxChips } };
}

function randomLists(): Network {
  const rng = createRng(11);
  const between24 = (): number => (rng() < 0.5 ? -1 : 1) * (between(rng, 1, 24) / 8);
  return network(
    [input("in", 60), lif("out", 64)],
    [edge("in", "out", randomSparse(rng, 60, 64, 0.6, between24))],
  );
}

/** Convolutions without leak, the first with this many channels. */
function integrators(channels: number, side: number): Network {
  const rng = createRng(4);
  const neuron = { r: 1, vThreshold: 1, vReset: 0 };
  const draw = (length: number): number[] => Array.from({ length }, weight(rng));
  const wide = kernel({
    inputShape: [2, side, side],
    kernelShape: [channels, 2, 3, 3],
    padding: [1, 1, 1, 1],
    weights: draw(channels * 18),
  });
  const small = kernel({
    inputShape: wide.outputShape,
    kernelShape: [2, channels, 4, 4],
    stride: [4, 4],
    weights: draw(channels * 32),
  });
  return network(
    [
      input("in", [2, side, side]),
      population("wide", "if", wide.outputShape, neuron),
      population("small", "if", small.outputShape, neuron),
    ],
    [edge("in", "wide", wide), edge("wide", "small", small)],
  );
}

/** A neuron hears four others once for every delay, each of them louder at other delays. */
function parallelDelays(count: number): Network {
  return network(
    [input("in", 4), lif("out", 1)],
    Array.from({ length: count }, (_, d) => {
      const loudness = Array.from({ length: 4 }, (__, i) => [1 - ((d + i) % 4) / 4.3]);
      return edge("in", "out", dense(loudness), { name: `after ${d + 1}`, delaySteps: d + 1 });
    }),
  );
}

function longDelay(delaySteps: number): Network {
  const rng = createRng(2);
  return network(
    [input("in", 4), lif("hidden", 4), lif("out", 2)],
    [edge("in", "hidden", full(rng, 4, 4)), edge("hidden", "out", full(rng, 4, 2), { delaySteps })],
  );
}

const folder = folderHere();
afterAll(() => {
  folder.remove();
});

function runBuilt(words: readonly string[]): {
  readonly code: number | null;
  stdout: string;
  stderr: string;
} {
  expectFreshBuild();
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { encoding: "utf8" });
  return { code: status, stdout, stderr };
}

describe("a network that does not fit", () => {
  test("there are twenty of them", () => {
    assert.ok(MISFITS.length >= 20);
    assert.equal(new Set(MISFITS.map(({ why }) => why)).size, MISFITS.length);
  });

  for (const [m, { why, model, target, words = [], code, resource, change }] of MISFITS.entries())
    test(`${why}: its first change, as printed, makes it fit`, async () => {
      const file = folder.write(`model ${m}.nir`, await nirBytes(model));
      const name =
        typeof target === "string"
          ? target
          : folder.write(`target${m}.json`, targetToJson(asFile(target, `tight-${m}`)));
      const asked = await runHere(["fit", file, "--targets", name, "--json", ...words]);
      assert.equal(asked.code, 0, asked.stderr);
      const report = JSON.parse(asked.stdout) as FitReport;
      const [row] = report.targets;
      assert.notEqual(row.verdict, "fits", "it is a misfit");
      assert.notEqual(row.verdict, "failed", row.reasons[0]?.message);
      assert.ok(
        row.reasons.some((reason) => code.test(reason.code)),
        JSON.stringify(row.reasons),
      );
      if (resource !== undefined)
        assert.ok(
          row.reasons.some((reason) => reason.resource === resource && reason.needed !== null),
          JSON.stringify(row.reasons),
        );
      const [first] = row.changes ?? [];
      assert.ok(first?.command, `a change is proposed: ${JSON.stringify(row.reasons)}`);
      assert.match(first.text, change);

      const [program, ...printed] = shellWords(first.command);
      assert.equal(program, "spinec");
      // Searches run in a thread, which only the built program has.
      const apply = printed.includes("--effort") ? runBuilt : runHere;
      const applied = await apply([...printed, "--json"]);
      assert.equal(applied.code, 0, `${first.command}\n${applied.stderr}`);
      const compiled = JSON.parse(applied.stdout) as { map: { cores: number; chips: number } };
      assert.deepEqual(
        { cores: compiled.map.cores, chips: compiled.map.chips },
        { cores: first.cores, chips: first.chips },
        "what was predicted",
      );
    }, 60_000); // prettier-ignore
});
