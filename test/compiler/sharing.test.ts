// Lists that several input axons share: found, counted, stored, verified, and what a false one is called.
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { coreLists } from "#compiler/encode/core-lists";
import { measureCore } from "#compiler/encode/measure";
import { shareLists } from "#compiler/encode/share-lists";
import { createWorkload } from "#compiler/encode/workload";
import { compile } from "#compiler/compile";
import { verify } from "#compiler/verify";
import { readDeploymentFile, writeDeploymentFile } from "#formats/deployment-file/index";
import { storedWords, type CoreProgram, type Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { ENTRY_LIST_SHARED, loihi1Shared, withCore } from "#test/shared-lists";
import { between, edge, input, kernel, loihiCuba, network, randomQuantized } from "#test/networks";
import { loihi1 } from "#targets/loihi1/index";
import { nxtf } from "#targets/loihi1/packers";
import { DiagnosticSink } from "#util/diagnostic";
import { createRng } from "#util/rng";

const QUANTIZED = {
  delaySteps: 1,
  quantization: { weightBits: 8, signMode: "mixed", weightExponent: 0 },
} as const;

/** A convolution with padding, stride 1 or 2, perhaps in groups, perhaps with zeros. */
const convNet = (seed: number): Network => {
  const rng = createRng(seed);
  const groups = between(rng, 1, 2);
  const [inPerGroup, outPerGroup] = [between(rng, 1, 2), between(rng, 1, 3)];
  const side = between(rng, 5, 9);
  const conv = kernel({
    inputShape: [groups * inPerGroup, side, side],
    kernelShape: [groups * outPerGroup, inPerGroup, 3, 3],
    weights: Array.from({ length: groups * outPerGroup * inPerGroup * 9 }, () =>
      rng() < 0.2 ? 0 : 2 * between(rng, -100, 100),
    ),
    padding: [1, 1, 1, 1],
    stride: [between(rng, 1, 2), between(rng, 1, 2)],
    groups,
  });
  return network(
    [input("in", conv.inputShape), loihiCuba("a", conv.outputShape, {}, { startStep: 1 })],
    [edge("in", "a", conv, QUANTIZED)],
  );
};

/** Every pair of axons, as text. */
const textOf = (lists: ReturnType<typeof coreLists>, axon: number): { text: string; first: number } => {
  const first = lists.target[lists.entryStart[lists.partStart[axon]]];
  const words: string[] = [];
  for (let part = lists.partStart[axon]; part < lists.partStart[axon + 1]; part++)
    for (let i = lists.entryStart[part]; i < lists.entryStart[part + 1]; i++)
      words.push(`${lists.partProjection[part]}:${lists.target[i] - first}:${lists.weight[i]}`);
  return { text: words.join(" "), first };
};

describe("shareLists", () => {
  test("joins exactly the axons whose lists are one another shifted, within reach of one base", () => {
    let shared = 0;
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom(convNet, (seed: number) => randomQuantized(createRng(seed), { recurrent: true })),
        fc.constantFrom(0, 3, 20, 255),
        (seed, make, maxBase) => {
          const net = make(seed);
          const workload = createWorkload(net, loihi1, loihi1.packers[0], false);
          const population = net.populations.length - 1;
          const lists = coreLists(workload, [
            { population, begin: 0, end: net.populations[population].size },
          ]);
          const { listOf, firstAxon } = shareLists(lists, maxBase);
          const texts = Array.from(lists.sourceNeuron, (_, axon) => textOf(lists, axon));
          const byText = new Map<string, Set<number>>();
          texts.forEach(({ text, first }, axon) => {
            const leader = texts[firstAxon[listOf[axon]]];
            assert.equal(leader.text, text);
            assert.ok(Math.abs(leader.first - first) <= maxBase);
            byText.set(text, (byText.get(text) ?? new Set()).add(listOf[axon]));
          });
          shared += texts.length - firstAxon.length;
          // As few copies as the reach of a base allows: no interval of that length joins two of them.
          for (const [text, numbers] of byText) {
            const starts = texts
              .filter((own) => own.text === text)
              .map(({ first }) => first)
              .sort((a, b) => a - b);
            let copies = 0;
            for (let low = -Infinity; starts.length > 0; copies++) {
              low = starts[0];
              while (starts.length > 0 && starts[0] - low <= maxBase) starts.shift();
            }
            assert.equal(numbers.size, copies);
          }
        },
      ),
      { numRuns: 80 },
    );
    assert.ok(shared > 1000, `${shared} lists are shared`);
  });

  test("goes by the entries, not by their hash", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const net = convNet(seed);
        const workload = createWorkload(net, loihi1, loihi1.packers[0], false);
        const lists = coreLists(workload, [{ population: 1, begin: 0, end: net.populations[1].size }]);
        assert.deepEqual(
          shareLists(lists, 255, () => 7),
          shareLists(lists, 255),
        );
      }),
      { numRuns: 20 },
    );
  });

  test("finds the 25 lists of a 3 x 3 kernel over one channel: five places of its columns times five of its rows", () => {
    const conv = kernel({
      inputShape: [1, 12, 12],
      kernelShape: [1, 1, 3, 3],
      weights: Array.from({ length: 9 }, (_, i) => 2 * i + 2),
    });
    const net = network(
      [input("in", [1, 12, 12]), loihiCuba("a", [1, 10, 10], {}, { startStep: 1 })],
      [edge("in", "a", conv, QUANTIZED)],
    );
    const workload = createWorkload(net, loihi1, ENTRY_LIST_SHARED, false);
    const { plan } = measureCore(workload, [{ population: 1, begin: 0, end: 100 }]);
    assert.equal(new Set(plan?.axonList).size, 25);
  });
});

const compiled = (net: Network): { deployment: Deployment; network: Network } => {
  const { deployment, network: mapped } = compile(net, loihi1Shared);
  return { deployment, network: mapped };
};
const codes = ({ deployment, network: net }: ReturnType<typeof compiled>): Record<string, number> => {
  const sink = new DiagnosticSink();
  return { ...verify(deployment, net, loihi1Shared, sink).violations };
};

describe("a deployment with shared lists", () => {
  test("is the network, counts every list once, and never takes more words than without sharing", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const net = convNet(seed);
        const result = compile(net, loihi1Shared);
        const plain = compile(net, loihi1);
        assert.deepEqual(verify(result.deployment, net, loihi1Shared, new DiagnosticSink()).violations, {});
        const stored = result.deployment.cores.reduce((sum, core) => sum + storedWords(core), 0);
        assert.equal(stored, result.utilization.synapseWords);
        assert.ok(stored <= plain.utilization.synapseWords);
        assert.deepEqual(
          result.deployment.cores.map(({ axonWords, target, weight }) => ({ axonWords, target, weight })),
          plain.deployment.cores.map(({ axonWords, target, weight }) => ({ axonWords, target, weight })),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("survives its file", () => {
    const { deployment } = compiled(convNet(3));
    assert.ok(deployment.cores[0].axonList !== undefined);
    const bytes = writeDeploymentFile(deployment, { generator: "test" });
    assert.deepEqual(readDeploymentFile(bytes, new DiagnosticSink())?.deployment, deployment);
  });

  const shareOne = (change: (core: CoreProgram) => Partial<CoreProgram>) => {
    const result = compiled(convNet(5));
    return codes({ ...result, deployment: withCore(result.deployment, 0, change) });
  };

  test("is refused where axons share a list that is not theirs", () => {
    assert.deepEqual(Object.keys(shareOne(({ axonList }) => ({ axonList: axonList!.map(() => 0) }))), [
      "verify/list-shared-wrongly",
    ]);
  });

  test("is refused where a weight of a sharing axon is another", () => {
    const found = shareOne(({ axonList, axonStart, weight }) => {
      const second = axonList!.findIndex((list, axon) => axonList!.indexOf(list) < axon);
      const changed = weight.slice();
      changed[axonStart[second]] += 2;
      return { weight: changed };
    });
    assert.deepEqual(Object.keys(found).sort(), ["verify/list-shared-wrongly", "verify/weight-differs"]);
  });

  test("is refused where a base would have to reach too far", () => {
    const result = compiled(convNet(5));
    const packer = {
      ...ENTRY_LIST_SHARED,
      sharing: { maxBase: { ...ENTRY_LIST_SHARED.sharing.maxBase, value: 1 } },
    };
    const sink = new DiagnosticSink();
    verify(result.deployment, result.network, { ...loihi1Shared, packers: [packer] }, sink);
    assert.deepEqual([...new Set(sink.diagnostics.map(({ code }) => code))], ["verify/list-shared-wrongly"]);
    assert.match(sink.diagnostics[0].message, /its base would be \d+, and 1 is the largest/);
  });

  test("is refused by a packer that shares nothing", () => {
    const result = compiled(convNet(5));
    const plain = nxtf;
    const sink = new DiagnosticSink();
    verify(
      result.deployment,
      result.network,
      { ...loihi1Shared, packers: [{ ...plain, name: ENTRY_LIST_SHARED.name }] },
      sink,
    );
    assert.ok(sink.diagnostics.some(({ code }) => code === "verify/list-shared-wrongly"));
  });

  test("is malformed where it does not say the list of every axon", () => {
    const found = shareOne(({ axonList }) => ({ axonList: axonList!.slice(1) }));
    assert.ok("verify/malformed-core" in found);
  });
});

describe("the pseudo-MobileNet of NxTF (L8)", () => {
  test("takes no more cores than its neurons alone would: 76 of the 157 that were published", async () => {
    const { pseudoMobileNet } = await import("#test/accuracy/shapes");
    const { runPasses } = await import("#compiler/pass");
    const { alignDelays } = await import("#compiler/passes/align-delays");
    const net = runPasses(pseudoMobileNet(), [alignDelays], { sink: new DiagnosticSink(), target: loihi1 });
    const { utilization, deployment, network: mapped } = compile(net, loihi1, { packer: "nxtf-shared" });
    assert.equal(utilization.cores, Math.ceil(76_810 / 1024));
    assert.equal(verify(deployment, mapped, loihi1, new DiagnosticSink()).ok, true);
  });
});
