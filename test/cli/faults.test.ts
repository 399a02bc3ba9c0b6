// What users do wrong, one by one: a coded error, exit code 1, no stack trace, nothing half written.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, symlinkSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { CLI, createWorkplace, expectFault, jsonOf, ownTarget, type Workplace } from "#test/cli";
import { modelBytes, numbers, spikesJson, type SmallModel } from "#test/cli-models";

let place: Workplace;
let model: Uint8Array;
beforeAll(async () => {
  place = createWorkplace();
  model = await modelBytes();
  place.write("model.nir", model);
  place.write("spikes.json", spikesJson());
  const run = await place.run("compile", "model.nir", "-o", "model.spinec");
  assert.equal(run.code, 0, run.stderr);
});
afterAll(() => {
  place.remove();
});

/** Hidden and temporary files included: whatever a command leaves behind. */
let before: string[];
beforeEach(() => {
  before = place.list();
});
/** Of what was not there before, only the fixtures are there now. */
const expectNothingLeft = (...fixtures: string[]): void => {
  assert.deepEqual(
    place.list().filter((name) => !before.includes(name) && !fixtures.includes(name)),
    [],
  );
};

describe("model files", () => {
  const files: [string, () => Uint8Array | string | Promise<Uint8Array>, string][] = [
    ["an empty file", () => "", "nir/empty-file"],
    ["a truncated file", () => model.slice(0, Math.floor(model.length / 2)), "nir/truncated"],
    ["text renamed to .nir", () => "hello\n", "nir/not-hdf5"],
    ["a PyTorch archive renamed to .nir", () => "PK\u0003\u0004archive/data.pkl", "nir/not-hdf5"],
  ];
  test.each(files)("it refuses %s", async (_, content, code) => {
    place.write("bad.nir", await content());
    expectFault(await place.run("inspect", "bad.nir"), code);
    expectFault(await place.run("check", "bad.nir", "--fix", "fixed.nir").then(asFault), code);
    const compiled = await place.run("compile", "bad.nir", "-o", "bad.spinec");
    assert.equal(compiled.code, 1);
    assert.match(compiled.stderr, /^error\[/m);
    expectNothingLeft("bad.nir");
  });

  const values: [string, SmallModel, RegExp][] = [
    [
      "weights that are no numbers",
      { fields: { fc1: { weight: numbers([NaN, ...new Array<number>(19).fill(1)], [5, 4]) } } },
      /fc1/,
    ],
    ["a time constant of zero", { fields: { lif1: { tau: numbers([1e-3, 0, 1e-3, 1e-3, 1e-3]) } } }, /lif1/],
    [
      "a negative time constant",
      { fields: { lif1: { tau: numbers([1e-3, -1, 1e-3, 1e-3, 1e-3]) } } },
      /lif1/,
    ],
    ["weights of another width than the input", { fields: { input: { shape: numbers([7]) } } }, /fc1/],
    [
      "an input of a thousand million elements",
      { fields: { input: { shape: numbers([1000, 1000, 1000]) } } },
      /fc1|input/,
    ],
  ];
  test.each(values)("it refuses %s, and names the node", async (_, small, name) => {
    place.write("bad.nir", await modelBytes(small));
    const run = await place.run("compile", "bad.nir", "-o", "bad.spinec", "--quiet");
    assert.equal(run.code, 1, run.stderr);
    assert.equal(run.stdout, "");
    assert.match(run.stderr, /^error\[nir\//m);
    assert.match(run.stderr, name);
    assert.doesNotMatch(run.stderr, /\.js:\d|bug in spinec/);
    expectNothingLeft("bad.nir");
  });

  test("it says that input nodes are missing, and goes on with what it found", async () => {
    place.write("bare.nir", await modelBytes({ without: ["input"] }));
    const run = await place.run("simulate", "bare.nir", "--input", "spikes.json");
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /^warning\[nir\/ports-added\]: .*"input_fc1" at "fc1"/m);
  });
});

describe("files and folders", () => {
  test("it names a file that is not there, and a folder that is none", async () => {
    expectFault(await place.run("inspect", "nope.nir"), "cli/cannot-read");
    expectFault(await place.run("inspect", "."), "cli/cannot-read");
    expectFault(await place.run("run", "model.nir", "--input", "nope.json"), "cli/cannot-read");
  });

  const outputs = ["nope/x", "model.nir/x", "/proc/x", "folder"];
  test.each(outputs)("it cannot write to %s, and says so", async (output) => {
    mkdirSync(place.path("folder"), { recursive: true });
    before = place.list();
    const input = ["--input", "spikes.json"];
    for (const args of [
      ["compile", "model.nir", "-o", output],
      ["run", "model.nir", ...input, "--html", output],
      ["run", "model.nir", ...input, "--spikes", output],
      ["simulate", "model.nir", ...input, "--spikes", output],
      ["demo", "-o", output],
      ["check", "model.nir", "--fix", output],
    ])
      expectFault(await place.run(...args), "cli/cannot-write");
    expectNothingLeft();
  });

  test("it never writes over what it reads", async () => {
    place.write("own.nir", model);
    place.write("own.json", spikesJson());
    const input = ["--input", "own.json"];
    for (const args of [
      ["compile", "own.nir", "-o", "own.nir"],
      ["fit", "own.nir", "--targets", "loihi1", "--html", "./own.nir"],
      ["run", "own.nir", ...input, "--spikes", "own.json"],
      ["run", "own.nir", ...input, "--html", place.path("own.nir")],
      ["check", "own.nir", "--fix", "own.nir"],
    ]) {
      const run = await place.run(...args);
      expectFault(run, "cli/cannot-write");
      assert.match(run.stderr, /is what was read, and would be lost/);
    }
    assert.deepEqual(place.read("own.nir"), Buffer.from(model));
    assert.equal(place.read("own.json").toString(), spikesJson());
    expectNothingLeft("own.nir", "own.json");
  });

  test("two results do not go to one file, links are followed, and devices stay devices", async () => {
    place.write("graph.hgr", "3 4\n1 2\n2 3 4\n3 4\n");
    place.write("same.txt", "old");
    symlinkSync(place.path("same.txt"), place.path("link.txt"));
    const map = ["map", "graph.hgr", "--effort", "fast"];
    for (const other of ["same.txt", "./same.txt", "link.txt"])
      expectFault(await place.run(...map, "--out", "same.txt", "--svg", other), "cli/cannot-write");
    assert.equal(place.read("same.txt").toString(), "old");
    assert.equal((await place.run(...map, "--out", "link.txt")).code, 0);
    assert.ok(lstatSync(place.path("link.txt")).isSymbolicLink());
    assert.equal(place.read("same.txt").toString(), "0\n0\n0\n0\n");
    assert.equal((await place.run(...map, "--out", "/dev/null")).code, 0);
    assert.ok(lstatSync("/dev/null").isCharacterDevice());
    expectFault(await place.run(...map, "--mesh", "99999x99999"), "cli/bad-option");
    expectNothingLeft("graph.hgr", "same.txt", "link.txt");
  });

  test("a pass that there is not, and a budget that is too small, are refused", async () => {
    const own = await ownTarget(place, "own");
    place.write("own.json", JSON.stringify({ ...own, passes: { legalize: ["x"] } }));
    expectFault(
      await place.run("compile", "model.nir", "--target", "own.json", "-o", "o.spinec"),
      "passes/unknown-pass",
    );
    const one = { value: 1, unit: "count", evidence: "assumed", note: "a test", src: [] };
    place.write("own.json", JSON.stringify({ ...own, budgets: { fanIn: one } }));
    const run = await place.run("compile", "model.nir", "--target", "own.json", "-o", "o.spinec");
    assert.equal(run.code, 1, run.stderr);
    assert.match(run.stderr, /needs 3 synapses into one neuron, but a core of own has 1/);
    expectNothingLeft("own.json");
  });

  test("fit refuses changes that the model cannot take, and names that nobody knows", async () => {
    for (const [args, code] of [
      [["--prune", "nosuch=0.5"], "edit/unknown-layer"],
      [["--partitioner", "nope"], "compile/unknown-partitioner"],
    ] as const)
      expectFault(await place.run("fit", "model.nir", "--targets", "loihi1,odin", ...args), code);
  });

  test("targets check goes on after a name that nobody knows", async () => {
    const run = await place.run("targets", "check", "loihi1", "nosuch", "nope.json", "odin");
    assert.equal(run.code, 1);
    assert.match(run.stderr, /targets\/unknown-target/);
    assert.match(run.stderr, /cli\/cannot-read/);
    assert.match(
      run.stdout,
      /loihi1 .*none\n\s*nosuch +unreadable.*\n\s*nope\.json +unreadable.*\n\s*odin .*none/,
    );
  });

  test("it keeps the old file where the new one cannot be written", async () => {
    place.write("kept.spinec", "old");
    const run = await place.run("compile", "model.nir", "--weight-bits", "99", "-o", "kept.spinec");
    assert.equal(run.code, 1);
    assert.equal(place.read("kept.spinec").toString(), "old");
  });

  test("it leaves a full disk as it was", async (context) => {
    mkdirSync(place.path("disk"), { recursive: true });
    const disk = place.path("disk");
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=4k", "tmpfs", disk]).status !== 0)
      context.skip("mounting a file system is not allowed here");
    try {
      expectFault(
        await place.run("run", "model.nir", "--input", "spikes.json", "--html", "disk/x.html"),
        "cli/cannot-write",
      );
      assert.equal(spawnSync("ls", ["-A", disk], { encoding: "utf8" }).stdout, "");
    } finally {
      spawnSync("umount", [disk]);
    }
  });

  test("it leaves nothing behind when it is interrupted", async () => {
    place.write("wide.nir", await modelBytes({ hidden: 4000 }));
    before = place.list();
    const child = spawn(process.execPath, [CLI, "compile", "wide.nir", "-o", "wide.spinec"], {
      cwd: place.folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    setTimeout(() => child.kill("SIGINT"), 250);
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      child.on("exit", (...ended) => {
        resolve(ended);
      });
    });
    assert.ok(code === 130 || signal === "SIGINT", `${code} ${signal}`);
    expectNothingLeft();
  });
});

describe("options", () => {
  const cases: [string, string[], string][] = [
    ["an unknown target", ["--target", "lohi1"], "targets/unknown-target"],
    ["an unknown profile", ["--profile", "nahuku-fti"], "targets/unknown-profile"],
    ["an unknown packer", ["--packer", "nxft"], "targets/unknown-packer"],
    ["an unknown timing model", ["--timing", "simpel"], "simulate/timing-unknown"],
    ["no chips", ["--chips", "0"], "cli/bad-option"],
    ["chips that are no number", ["--chips", "many"], "cli/bad-option"],
    ["half a step", ["--steps", "1.5"], "cli/bad-option"],
    ["no samples", ["--samples", "0"], "cli/bad-option"],
    ["a step of no length", ["--dt", "0"], "cli/bad-option"],
    ["a clamp that is no number", ["--v-min", "low"], "cli/bad-option"],
    ["an unknown reset", ["--reset", "hard"], "cli/bad-option"],
    ["an unknown reset of a node", ["--reset", "lif1=hard"], "cli/bad-option"],
    ["more bits than there are", ["--weight-bits", "99"], "quantize/weight-bits"],
    ["no decay levels", ["--decay-levels", "0"], "cli/bad-option"],
  ];
  test.each(cases)("it refuses %s", async (_, args, code) => {
    const run = await place.run("run", "model.nir", "--input", "spikes.json", ...args);
    expectFault(run, code);
  });

  const meant: [string, string, string][] = [
    ["--target", "lohi1", "loihi1"],
    ["--profile", "nahuku-fti", "nahuku-fit"],
    ["--packer", "nxft", "nxtf"],
  ];
  test.each(meant)("it asks whether %s %s was meant to be %s", async (option, given, right) => {
    const run = await place.run("run", "model.nir", "--input", "spikes.json", option, given);
    assert.ok(run.stderr.includes(`did you mean "${right}"?`), run.stderr);
  });

  test("it reports every wrong option of a kind at once", async () => {
    const run = await place.run(
      "inspect",
      "model.nir",
      "--dt",
      "x",
      "--v-min",
      "y",
      "--reset",
      "z",
      "--json",
    );
    assert.equal(jsonOf(run).diagnostics.length, 3);
  });

  test("it says how many chips would do where there is no room", async () => {
    place.write("wide.nir", await modelBytes({ hidden: 6000 }));
    const target = await ownTarget(place, "small");
    place.write("small.json", JSON.stringify({ ...target, mesh: { ...target.mesh, columns: 1, rows: 1 } }));
    const run = await place.run("compile", "wide.nir", "--target", "small.json", "-o", "wide.spinec");
    assert.equal(run.code, 1, run.stderr);
    assert.match(run.stderr, /error\[place\/no-room\]: .* cores/);
    assert.match(run.stderr, /try: .*--chips \d/);
  });
});

describe("data", () => {
  const inputs: [string, string, string][] = [
    ["an empty file", "", "spikes/empty-file"],
    ["JSON that ends early", '{"shape": [6, 4]', "spikes/bad-json"],
    ["data of another width", spikesJson({ inputs: 9 }), "spikes/wrong-shape"],
    [
      "an event beyond the last step",
      '{"shape":[6,4],"samples":[{"t":[6],"i":[0]}]}',
      "spikes/event-out-of-range",
    ],
    [
      "an event at an element that there is not",
      '{"shape":[6,4],"samples":[{"t":[0],"i":[4]}]}',
      "spikes/event-out-of-range",
    ],
    [
      "steps and elements of different length",
      '{"shape":[6,4],"samples":[{"t":[0,1],"i":[0]}]}',
      "spikes/unequal-lengths",
    ],
    [
      "values that are no numbers",
      '{"shape":[6,4],"samples":[{"t":[0],"i":[0],"x":["one"]}]}',
      "spikes/not-finite",
    ],
    [
      "a shape of a thousand million elements",
      '{"shape":[6,1000000000],"samples":[{"t":[],"i":[]}]}',
      "spikes/wrong-shape",
    ],
    ["plain text", "hello", "spikes/unknown-format"],
  ];
  test.each(inputs)("it refuses %s", async (_, content, code) => {
    place.write("bad.json", content);
    expectFault(await place.run("run", "model.nir", "--input", "bad.json"), code);
  });

  test("it counts labels, and refuses what are none", async () => {
    const labelled = (content: string): ReturnType<typeof place.run> => {
      place.write("labels.json", content);
      return place.run("run", "model.nir", "--input", "spikes.json", "--labels", "labels.json");
    };
    expectFault(await labelled("[1]"), "cli/labels-do-not-match");
    expectFault(await labelled("[1, 2, 3]"), "cli/labels-do-not-match");
    for (const none of ['["a", "b"]', "[0.5, 1]", "[-1, 0]", "{", "null", "{}"])
      expectFault(await labelled(none), "cli/labels-not-a-list");
  });

  test("it lists the faults of a target file", async () => {
    const target = JSON.parse((await place.run("targets", "show", "loihi1")).stdout) as Record<
      string,
      unknown
    >;
    delete target.title;
    place.write("bad-target.json", JSON.stringify({ ...target, mesh: "big", extra: 1 }));
    const run = await place.run(
      "compile",
      "model.nir",
      "--target",
      "bad-target.json",
      "-o",
      "x.spinec",
      "--json",
    );
    const { diagnostics } = jsonOf(run);
    assert.ok(diagnostics.length >= 3, run.stderr);
    assert.ok(diagnostics.every(({ code }) => code.startsWith("targets/")));
    place.write("bad-target.json", "{");
    expectFault(
      await place.run("compile", "model.nir", "--target", "bad-target.json", "-o", "x.spinec"),
      "targets/not-json",
    );
  });
});

describe("deployments", () => {
  test("it refuses one that was cut short, or changed", async () => {
    const bytes = place.read("model.spinec");
    place.write("cut.spinec", bytes.subarray(0, bytes.length - 100));
    expectFault(await place.run("inspect", "cut.spinec"), "deployment/damaged");
    const changed = Uint8Array.from(bytes);
    changed[changed.length - 20] ^= 1;
    place.write("changed.spinec", changed);
    expectFault(
      await place.run("simulate", "changed.spinec", "--input", "spikes.json"),
      "deployment/hash-mismatch",
    );
    expectFault(await place.run("verify", "changed.spinec", "model.nir"), "deployment/hash-mismatch");
  });

  test("it says which version another file has", async () => {
    const bytes = Uint8Array.from(place.read("model.spinec"));
    // After the magic word (19 bytes): field 2, the version.
    assert.deepEqual(Array.from(bytes.subarray(19, 21)), [0x10, 1]);
    bytes[20] = 7;
    place.write("newer.spinec", bytes);
    const run = await place.run("inspect", "newer.spinec");
    expectFault(run, "deployment/version");
    assert.match(run.stderr, /format version 7/);
  });

  test("it takes no model for a deployment, and no deployment for a model", async () => {
    expectFault(await place.run("verify", "model.nir", "model.nir"), "deployment/not-ours");
    const run = await place.run("run", "model.spinec", "--input", "spikes.json");
    assert.equal(run.code, 1);
    assert.match(run.stderr, /^error\[formats\//m);
  });

  test("it names what differs where the model is another", async () => {
    place.write(
      "other.nir",
      await modelBytes({ fields: { lif1: { tau: numbers([2e-3, 1e-3, 1e-3, 1e-3, 1e-3]) } } }),
    );
    const run = await place.run("verify", "model.spinec", "other.nir");
    assert.equal(run.code, 1);
    assert.match(run.stderr, /^error\[verify\/[a-z-]+\]: .*neuron 0 of "lif1"/m);
    const wider = await modelBytes({ hidden: 6 });
    place.write("other.nir", wider);
    const other = await place.run("verify", "model.spinec", "other.nir");
    assert.equal(other.code, 1);
    assert.match(other.stderr, /^error\[verify\/[a-z-]+\]: .*(lif1|another model)/m);
  });
});

/** `check` prints its findings as its result; here they count as messages. */
function asFault<Run extends { stdout: string; stderr: string }>(run: Run): Run {
  return { ...run, stderr: run.stderr + run.stdout, stdout: "" };
}
