import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as random from "fast-check";
import { describe, test } from "vitest";
import { READERS, examineFor, findReader, networkAsReadBy, type Verdict } from "#formats/nir/doctor/index";
import { CONCERNS } from "#formats/nir/doctor/concerns";
import { READER_NAMES, type ReaderName } from "#formats/nir/doctor/reader";
import { findingsOf } from "#formats/nir/findings";
import type { NirFile } from "#formats/nir/graph";
import { repairedFile } from "#formats/nir/repair";
import { simulateReference } from "#simulator/reference-float";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import { ROOT } from "#test/shared";
import { DiagnosticSink, formatDiagnostic, type Diagnostic } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { referenceFaults } from "#test/nir-oracle";
import { array, chain, file, graph, lif, network, type Nodes, type Value } from "./nir-network-builders.ts";

const examine = (
  name: ReaderName,
  nir: NirFile,
): { verdict: Verdict; codes: string[]; findings: readonly Diagnostic[] } => {
  const { verdict, findings } = examineFor(findReader(name) ?? assert.fail(name), nir);
  return { verdict, findings, codes: [...new Set(findings.map(({ code }) => code.replace("reader/", "")))] };
};
const verdicts = (nir: NirFile): Record<string, Verdict> =>
  Object.fromEntries(READERS.map((reader) => [reader.name, examineFor(reader, nir).verdict]));

const each = (value: number, size: number): readonly number[] => new Array<number>(size).fill(value);
const neurons = (
  size: number,
  values: { tau: number; r: number; leak?: number; reset?: number; threshold?: number },
): readonly ["LIF", Record<string, Value>] => [
  "LIF",
  {
    tau: each(values.tau, size),
    r: each(values.r, size),
    v_leak: each(values.leak ?? 0, size),
    v_threshold: each(values.threshold ?? 1, size),
    v_reset: each(values.reset ?? 0, size),
  },
];
const fc = (bias = 0): readonly ["Affine", Record<string, Value>] => [
  "Affine",
  { weight: array([1, 0, 0, 1], [2, 2]), bias: [bias, bias] },
];
const mlp = (layer: Nodes[string], bias = 0): NirFile => chain([2], { fc: fc(bias), n: layer }, [2]);

// The dialect of each writer, and how every reader takes it.
const perStep = mlp(neurons(2, { tau: 1e-3, r: 10 }));
const norseStyle = mlp(neurons(2, { tau: 5e-3, r: 1 }));
const sinabsStyle = mlp(neurons(2, { tau: 20, r: 1 }));

describe("the registry", () => {
  test("has every name once, in order", () => {
    assert.deepEqual(
      READERS.map(({ name }) => name),
      READER_NAMES,
    );
  });

  for (const reader of READERS)
    test(`${reader.name} says who it is, and never throws whatever the file`, () => {
      assert.ok(reader.title.length > 0 && reader.call.length > 0);
      const odd: NirFile[] = [
        file({}, []),
        chain([2], { x: ["Nonsense", { a: "text" }] }),
        chain([2], { n: ["LIF", { tau: "text" }] }),
        chain([2], { c: ["Conv2d", { weight: array([1], [1]), stride: "same" }] }),
        file({ a: ["LIF"], b: ["Affine"] }, [
          ["a", "b"],
          ["b", "a"],
          ["x", "y"],
        ]),
        file({ "a/b": graph({}, []), sub: graph({ sub: graph({ p: ["AvgPool2d"] }, []) }, []) }, []),
      ];
      for (const nir of odd) {
        const { verdict, findings } = examineFor(reader, nir);
        assert.equal(
          verdict === "refuses",
          findings.some(({ severity }) => severity === "error"),
        );
        networkAsReadBy(reader, nir);
        for (const finding of findings) {
          const text = formatDiagnostic(finding);
          assert.doesNotMatch(text, /undefined|NaN|\[object/);
          assert.ok(finding.code.startsWith("reader/") && finding.hint !== undefined, text);
          assert.ok(
            finding.message.startsWith(reader.title) || finding.message.includes(`${reader.title} `),
            text,
          );
        }
      }
    });
});

describe("what each reader computes", () => {
  test("snnTorch reads its own files as they are meant; others drop the gain, or forget in a step", () => {
    assert.deepEqual(verdicts(perStep), {
      nir: "reads",
      nirtorch: "refuses",
      snntorch: "reads",
      norse: "differs",
      sinabs: "differs",
      spikingjelly: "reads",
      rockpool: "refuses",
      spyx: "differs",
      lava: "refuses",
      spinnaker2: "differs",
      hxtorch: "refuses",
    });
    const { findings } = examine("norse", perStep);
    assert.match(
      findings[0].message,
      /in one step Norse keeps 0 of the membrane where the file's writer keeps 0\.9/,
    );
    // Norse: dt/tau = 1; the file: r·dt/tau = 1.
    assert.deepEqual(examine("norse", perStep).codes, ["decay-differs"]);
    const slow = examine("norse", mlp(neurons(2, { tau: 1e-2, r: 100 }))).findings;
    assert.match(slow[1].message, /one input is worth 0\.1 times/);
  });

  test("Norse reads its own files as they are meant", () => {
    assert.equal(examine("norse", norseStyle).verdict, "reads");
    const reset = examine("norse", mlp(neurons(2, { tau: 5e-3, r: 1, reset: 0.5 })));
    assert.deepEqual(reset.codes, ["reset-value-differs"]);
  });

  test("sinabs reads its own files as they are meant, Spyx with Euler in place of the exponential", () => {
    assert.equal(examine("sinabs", sinabsStyle).verdict, "reads");
    assert.deepEqual(examine("spyx", sinabsStyle).codes, [
      "decay-differs",
      "reset-differs",
      "compare-differs",
    ]);
    assert.match(examine("spyx", sinabsStyle).findings[0].message, /keeps 0\.95 .* keeps 0\.951229/);
  });

  test("sinabs forgets everything where time constants are in seconds", () => {
    const { findings, codes } = examine("sinabs", perStep);
    assert.deepEqual(codes, ["decay-differs", "reset-differs", "compare-differs"]);
    assert.match(findings[0].message, /sinabs keeps 0 of the membrane/);
  });

  test("snnTorch moves gains into the threshold, which is the same where a layer has one", () => {
    const scaled = mlp(neurons(2, { tau: 1e-3, r: 5 }));
    const { codes } = examine("snntorch", scaled);
    assert.deepEqual(codes, []);
    const mixed = mlp([
      "LIF",
      { tau: each(1e-3, 2), r: [5, 10], v_leak: each(0, 2), v_threshold: each(1, 2) },
    ]);
    assert.match(
      examine("snntorch", mixed).findings[0].message,
      /worth 0\.5 times what it is by the file, measured in thresholds \(1 neuron of/,
    );
    assert.deepEqual(examine("snntorch", mixed).codes, ["gain-differs"]);
  });

  test("SpikingJelly divides by tau for r = 1, and not at all for any other r", () => {
    assert.equal(examine("spikingjelly", mlp(neurons(2, { tau: 2e-4, r: 1 }))).verdict, "reads");
    const dropped = examine("spikingjelly", mlp(neurons(2, { tau: 2e-3, r: 7 })));
    assert.match(dropped.findings[0].message, /worth 2\.85714 times/);
  });

  const linear: Nodes[string] = ["Linear", { weight: array([1], [1, 1]) }];
  const cuba = (tau: number, r: number): Nodes[string] => [
    "CubaLIF",
    { tau_mem: [tau], tau_syn: [tau], r: [r], v_leak: [0], v_threshold: [1], v_reset: [0], w_in: [1] },
  ];
  test("Lava drops r, and weighs by dt / tau", () => {
    const one = chain([1], { n: neurons(1, { tau: 1e-3, r: 10 }) });
    assert.deepEqual(examine("lava", one).codes, ["quantized", "gain-differs"]);
    assert.match(examine("lava", one).findings[1].message, /worth 0\.1 times/);
  });

  test("py-spinnaker2 keeps r, and decays exponentially in steps of a second", () => {
    const { findings, codes } = examine("spinnaker2", mlp(neurons(2, { tau: 4, r: 1 })));
    assert.deepEqual(codes, ["quantized", "decay-differs", "gain-differs", "reset-differs"]);
    assert.match(findings[1].message, /keeps 0\.778801 .* keeps 0\.75/);
    assert.match(findings[2].message, /worth 0\.884797 times/);
  });

  test("Rockpool finds its step in tau and r, and drops r and w_in", () => {
    const { findings, verdict } = examine("rockpool", chain([1], { w: linear, n: cuba(1e-2, 9) }));
    assert.equal(verdict, "differs");
    assert.match(findings[0].message, /Rockpool keeps 0\.904837 of the membrane/);
  });

  test("hxtorch reads milliseconds, and says that seconds are not", () => {
    assert.deepEqual(examine("hxtorch", chain([1], { w: linear, n: cuba(10, 1) })).codes, ["quantized"]);
    assert.deepEqual(examine("hxtorch", chain([1], { w: linear, n: cuba(1e-2, 100) })).codes, [
      "time-unit-differs",
      "quantized",
    ]);
  });

  test("networks as read by others give other spikes, as told", () => {
    const steps = 40;
    const input = {
      steps,
      shape: [2],
      samples: [{ step: Uint32Array.from({ length: steps }, (_, t) => t), index: new Uint32Array(steps) }],
    };
    const count = (name: ReaderName, nir: NirFile): number => {
      const network = networkAsReadBy(findReader(name) ?? assert.fail(), nir) ?? assert.fail();
      return simulateReference(network, { input }).recorded["output"].samples[0].index.length;
    };
    const slow = mlp(neurons(2, { tau: 1e-2, r: 30 }));
    // Gain 1 in SpikingJelly, 0.3 by the file, threshold / 0.3 in snnTorch.
    assert.equal(count("snntorch", slow), 10);
    assert.equal(count("spikingjelly", slow), 40);
  });
});

describe("what readers refuse", () => {
  const cases: readonly (readonly [string, ReaderName, NirFile, string])[] = [
    ["a leak level", "snntorch", mlp(neurons(2, { tau: 1e-3, r: 10, leak: 0.5 })), "reader/value-refused"],
    ["a leak level", "sinabs", mlp(neurons(2, { tau: 20, r: 1, leak: 0.5 })), "reader/value-refused"],
    [
      "a leak level beside the reset",
      "spikingjelly",
      mlp(neurons(2, { tau: 1e-3, r: 10, leak: 0.5 })),
      "reader/value-refused",
    ],
    [
      "two thresholds in a layer",
      "snntorch",
      mlp(["LIF", { ...lif([2])[1], v_threshold: [1, 2] }]),
      "reader/not-uniform",
    ],
    [
      "two time constants in a layer",
      "spikingjelly",
      mlp(["LIF", { ...lif([2])[1], tau: [1e-3, 2e-3] }]),
      "reader/not-uniform",
    ],
    [
      "an IF with a gain",
      "snntorch",
      mlp(["IF", { r: [2, 2], v_threshold: [1, 1] }]),
      "reader/value-refused",
    ],
    [
      "an IF without the step in its gain",
      "spikingjelly",
      mlp(["IF", { r: [1, 1], v_threshold: [1, 1] }]),
      "reader/value-refused",
    ],
    ["a Delay", "norse", chain([2], { d: ["Delay", { delay: [1, 1] }] }, [2]), "reader/unsupported-node"],
    [
      "a bias",
      "lava",
      chain([1], { fc: ["Affine", { weight: array([1], [1, 1]), bias: [1] }], n: lif([1]) }),
      "reader/value-refused",
    ],
    ["more than one neuron", "lava", perStep, "reader/value-refused"],
    ["an Affine", "hxtorch", perStep, "reader/unsupported-node"],
    [
      "two layers of weights",
      "spinnaker2",
      chain([2], { a: fc(), b: fc(), n: lif([2]) }, [2]),
      "reader/edge-refused",
    ],
    [
      "other names than input and output",
      "spyx",
      file({ in: ["Input", { shape: [2] }], n: lif([2]), output: ["Output", { shape: [2] }] }, [
        ["in", "n"],
        ["n", "output"],
      ]),
      "reader/graph-refused",
    ],
  ];
  for (const [title, name, nir, code] of cases)
    test(`${name} refuses ${title}`, () => {
      const { verdict, findings } = examine(name, nir);
      assert.equal(verdict, "refuses");
      const errors = findings.filter(({ severity }) => severity === "error").map((finding) => finding.code);
      assert.ok(errors.includes(code), errors.join());
    });

  test("a refusal reads like this", () => {
    const [finding] = examine("snntorch", mlp(neurons(2, { tau: 1e-3, r: 10, leak: 0.5 }))).findings;
    assert.equal(
      formatDiagnostic(finding),
      [
        'error[reader/value-refused]: snnTorch needs v_leak of LIF "n" to be 0; the file has 0.5.',
        "  at /node/nodes/n/v_leak",
        "  try: rescale the layer so that it is, or choose another reader.",
      ].join("\n"),
    );
    assert.equal(finding.data?.["says"], "v_leak not supported");
  });

  test("recurrence: a pair stops snnTorch, Spyx drops its bias, Norse reads it", () => {
    const recurrent = (bias: number): NirFile =>
      file(
        {
          input: ["Input", { shape: [2] }],
          "l.lif": lif([2]),
          "l.w": fc(bias),
          output: ["Output", { shape: [2] }],
        },
        [
          ["input", "l.lif"],
          ["l.lif", "l.w"],
          ["l.w", "l.lif"],
          ["l.lif", "output"],
        ],
      );
    assert.deepEqual(examine("snntorch", recurrent(0)).codes, ["nested-graph"]);
    assert.ok(!examine("spyx", recurrent(0)).codes.includes("bias-dropped"));
    assert.ok(examine("spyx", recurrent(1)).codes.includes("bias-dropped"));
    assert.notEqual(examine("norse", recurrent(1)).verdict, "refuses");
  });

  test("Spyx follows one branch and skips what it does not know", () => {
    const branched = file(
      {
        input: ["Input", { shape: [2] }],
        a: lif([2]),
        b: ["Scale", { scale: [1, 1] }],
        output: ["Output", { shape: [2] }],
      },
      [
        ["input", "a"],
        ["input", "b"],
        ["a", "output"],
        ["b", "output"],
      ],
    );
    const { codes, verdict } = examine("spyx", branched);
    assert.equal(verdict, "differs");
    assert.ok(codes.includes("branch-dropped") && codes.includes("node-skipped"));
  });
});

describe("check says why a finding matters and to whom", () => {
  const dataOf = (nir: NirFile, code: string): Readonly<Record<string, unknown>> =>
    findingsOf(nir).find((finding) => finding.code === code)?.data ?? assert.fail(`no ${code}`);

  const pool: Nodes[string] = ["AvgPool2d", { kernel_size: 2, stride: 2, padding: [0, 0] }];
  test("a scalar window stops those that make a tuple of it", () => {
    const data = dataOf(chain([1, 2, 2], { p: pool }, [1, 1, 1]), "nir/scalar-window");
    assert.deepEqual(data["readers"], ["nirtorch", "snntorch", "norse"]);
    assert.equal(data["fixable"], true);
    assert.match(String(data["why"]), /tuple/);
  });

  test("mixed parameters concern those that keep one value of that field", () => {
    const mixed = (field: string): unknown =>
      dataOf(mlp(["LIF", { ...lif([2])[1], [field]: [1e-3, 2e-3] }]), "nir/mixed-parameters")["readers"];
    assert.deepEqual(mixed("tau"), ["spikingjelly"]);
    assert.deepEqual(mixed("v_threshold"), ["snntorch", "spikingjelly"]);
  });

  const inner = (edges: readonly (readonly [string, string])[]): Nodes[string] =>
    graph(
      { input: ["Input", { shape: [2] }], n: lif([2]), w: fc(), output: ["Output", { shape: [2] }] },
      edges,
    );
  test("Spyx's recurrent layers, edges with dots, nested graphs and odd cycles are named", () => {
    const spyx = inner([
      ["input", "w"],
      ["w", "n"],
      ["n", "w"],
      ["n", "output"],
    ]);
    const plain = inner([
      ["input", "n"],
      ["w", "n"],
      ["n", "w"],
      ["n", "output"],
    ]);
    const codes = (nir: NirFile): string[] => findingsOf(nir).map(({ code }) => code);
    assert.ok(codes(chain([2], { l: spyx }, [2])).includes("nir/input-through-recurrence"));
    const found = codes(chain([2], { l: plain }, [2]));
    assert.ok(!found.includes("nir/input-through-recurrence") && found.includes("nir/nested-graph"));
    const dotted = file({ i: ["Input", { shape: [2] }], l: plain, o: ["Output", { shape: [2] }] }, [
      ["i", "l.input"],
      ["l.output", "o"],
    ]);
    assert.equal(codes(dotted).filter((code) => code === "nir/dotted-edge").length, 2);
    const loop = file({ i: ["Input", { shape: [2] }], n: lif([2]), o: ["Output", { shape: [2] }] }, [
      ["i", "n"],
      ["n", "n"],
      ["n", "o"],
    ]);
    assert.ok(codes(loop).includes("nir/cycle-form"));
  });

  test("every concern names readers that exist, and a reason", () => {
    for (const [code, { why, readers }] of Object.entries(CONCERNS)) {
      assert.ok(why.length > 10, code);
      for (const reader of readers) assert.ok(READER_NAMES.includes(reader), `${code}: ${reader}`);
    }
  });

  test("every code of check has a concern, but those about bytes", () => {
    const folder = join(ROOT, "src/formats/nir");
    const codes = ["diagnostics.ts", "diagnostics-values.ts", "doctor/diagnostics-traps.ts"].flatMap((name) =>
      [...readFileSync(join(folder, name), "utf8").matchAll(/"(nir\/[a-z-]+)"/g)].map(([, code]) => code),
    );
    const exempt = ["nir/bad-step", "nir/unknown-reset-node", "nir/nested-too-deep", "nir/too-large"];
    assert.deepEqual(
      codes.filter((code) => !(code in CONCERNS) && !exempt.includes(code)),
      [],
    );
  });
});

describe("--fix", () => {
  const cases: Readonly<Record<string, NirFile>> = {
    "scalar windows": chain(
      [1, 2, 2],
      { p: ["SumPool2d", { kernel_size: 2, stride: 2, padding: 0 }] },
      [1, 1, 1],
    ),
    "missing optional fields": mlp([
      "LIF",
      { tau: [1e-3, 1e-3], r: [10, 10], v_leak: [0, 0], v_threshold: [1, 1] },
    ]),
    "an unconnected node": file(
      { input: ["Input", { shape: [2] }], n: lif([2]), lost: lif([3]), output: ["Output", { shape: [2] }] },
      [
        ["input", "n"],
        ["n", "output"],
      ],
    ),
    "a slash in a name, edges with dots": file(
      {
        i: ["Input", { shape: [2] }],
        l: graph({ input: ["Input", { shape: [2] }], "x.y": lif([2]), output: ["Output", { shape: [2] }] }, [
          ["input", "x.y"],
          ["x.y", "output"],
        ]),
        o: ["Output", { shape: [7] }],
      },
      [
        ["i", "l.input"],
        ["l.output", "o"],
      ],
    ),
  };
  for (const [title, nir] of Object.entries(cases))
    test(`leaves nothing to fix, and nothing for the reference reader to refuse: ${title}`, () => {
      assert.ok(findingsOf(nir).some(({ data }) => data?.["fixable"] === true));
      const fixed = repairedFile(nir, new DiagnosticSink()) ?? assert.fail();
      assert.deepEqual(
        findingsOf(fixed).filter(({ data }) => data?.["fixable"] === true),
        [],
      );
      assert.deepEqual(referenceFaults(fixed), []);
      assert.equal(examine("nir", fixed).verdict, "reads");
      assert.deepEqual(repairedFile(fixed, new DiagnosticSink()), fixed);
    });

  // Random layers, cycles, duplicates, missing ports and nested graphs, edges in any order.
  test("is done once, keeps every spike, and leaves a file that the reference reader takes", () => {
    const layer = random.record({
      kind: random.constantFrom("fc", "neurons", "scale", "nested", "delay"),
      to: random.nat(9),
      twice: random.boolean(),
    });
    const option = random.record({
      input: random.boolean(),
      output: random.boolean(),
      layers: random.array(layer, { minLength: 1, maxLength: 6 }),
    });
    random.assert(
      random.property(option, random.integer(), ({ input, output, layers }, seed) => {
        const rng = createRng(seed);
        const nodes: Record<string, Nodes[string]> = {
          i: ["Input", { shape: [2] }],
          o: ["Output", { shape: [5] }],
        };
        const names = layers.map((_, index) => `${"zyxabc"[index]}${index}`);
        const edges: (readonly [string, string])[] = [];
        layers.forEach(({ kind, to, twice }, index) => {
          const weight = array(
            Array.from({ length: 4 }, () => Math.round(rng() * 8) / 4),
            [2, 2],
          );
          const made: Record<string, Nodes[string]> = {
            fc: ["Affine", { weight, bias: 0.25 }],
            neurons: ["LIF", { tau: 1e-3, r: 10, v_leak: 0, v_threshold: 1 }],
            scale: ["Scale", { scale: 0.5 }],
            delay: ["Delay", { delay: 1e-4 }],
            nested: graph(
              { input: ["Input", { shape: [2] }], n: lif([2]), output: ["Output", { shape: [2] }] },
              [
                ["input", "n"],
                ["n", "output"],
              ],
            ),
          };
          nodes[names[index]] = made[kind];
          edges.push([index === 0 ? "i" : names[index - 1], names[index]]);
          if (to < names.length) edges.push([names[index], names[to]]);
          if (twice) edges.push(edges[edges.length - 1]);
        });
        edges.push([names[names.length - 1], "o"]);
        if (!input) delete nodes["i"];
        if (!output) delete nodes["o"];
        const kept = edges.filter((pair) => pair.every((name) => name in nodes));
        const shuffled = kept.map((edge) => ({ edge, at: rng() })).sort((a, b) => a.at - b.at);
        const nir = file(
          nodes,
          shuffled.map(({ edge }) => edge),
        );
        const sink = new DiagnosticSink();
        const fixed = repairedFile(nir, sink);
        if (fixed === undefined) {
          assert.ok(sink.hasErrors);
          return;
        }
        assert.deepEqual(referenceFaults(fixed), []);
        assert.deepEqual(repairedFile(fixed, new DiagnosticSink()), fixed);
        assert.deepEqual(
          findingsOf(fixed).filter(({ data }) => data?.["fixable"] === true),
          [],
        );
        if (sink.diagnostics.some(({ code }) => code === "nir/feedback-moved")) return;
        assert.deepEqual(behaviour(network(fixed)), behaviour(network(nir)));
      }),
      { numRuns: 150 },
    );
  });

  test("says so where cycles are cut at another edge, because a new Input comes first in name order", () => {
    const nir = file(
      { a: lif([2]), b: fc(), z: ["Input", { shape: [2] }], y: lif([2]), o: ["Output", { shape: [2] }] },
      [
        ["z", "b"],
        ["a", "b"],
        ["b", "a"],
        ["y", "a"],
        ["a", "o"],
      ],
    );
    const sink = new DiagnosticSink();
    assert.ok(repairedFile(nir, sink));
    assert.deepEqual(
      sink.diagnostics.filter(({ code }) => code === "nir/feedback-moved").map(({ data }) => data),
      [{ before: ["a -> b"], after: ["b -> a"] }],
    );
  });
});

/** Outputs for an input in every step, by output port in order. */
function behaviour(net: Network): readonly SpikeData[] {
  const steps = 12;
  const inputs = Object.fromEntries(
    net.inputs.map(({ name, population }, p) => {
      const { shape, size } = net.populations[population];
      const step = Uint32Array.from({ length: steps }, (_, t) => t);
      const index = step.map((t) => (t * 7 + p) % size);
      return [name, { steps, shape, samples: [{ step, index }] }];
    }),
  );
  const { recorded } = simulateReference(net, inputs, { steps });
  return net.outputs.map(({ population }) => recorded[net.populations[population].name]);
}

describe("the table of readers in the README", () => {
  const README = join(ROOT, "src/formats/README.md");
  test("is the registry's", () => {
    const heading = [
      "`--for`",
      "reader",
      "takes",
      "step",
      "one step of a LIF",
      "spike",
      "reset",
      "recurrence",
      "rests on",
    ];
    const rows = READERS.map(({ name, title, rule, basis }) => [
      `\`${name}\``,
      title,
      rule.nodes,
      rule.step,
      rule.lif,
      rule.spike,
      rule.reset,
      rule.recurrence,
      basis === "runs" ? "real runs" : "its code",
    ]);
    const all = [heading, ...rows];
    const widths = heading.map((_, c) => Math.max(...all.map((row) => row[c].length)));
    const line = (row: readonly string[]): string =>
      `| ${row.map((cell, c) => cell.padEnd(widths[c])).join(" | ")} |`;
    const table = [
      line(heading),
      `| ${widths.map((w) => "-".repeat(w)).join(" | ")} |`,
      ...rows.map(line),
    ].join("\n");
    const text = readFileSync(README, "utf8");
    const expected = text.replace(/(<!-- readers -->)[\s\S]*?(<!-- \/readers -->)/, `$1\n\n${table}\n\n$2`);
    assert.match(text, /<!-- readers -->/);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(README, expected);
    else assert.equal(text, expected);
  });
});
