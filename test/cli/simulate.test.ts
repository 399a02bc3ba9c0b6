// `simulate` and `run` on a chip: timing models, threads, traces, recordings, and what Ctrl-C leaves behind.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { readSpikeData } from "#formats/spikes/read";
import { openHdf5 } from "#formats/hdf5/file";
import { hdf5Start } from "#formats/hdf5/superblock";
import type { RunReport } from "#report/run-report";
import type { SimulationReport } from "#report/simulation-text";
import { TIMING_MODELS } from "#simulator/timing/index";
import { CLI, createWorkplace, expectFault, jsonOf, type CliResult, type Workplace } from "#test/cli";
import { modelBytes, spikesJson } from "#test/cli-models";
import { checkedTrace } from "#test/trace-events";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { chipOptionsOf, type InputFlags } from "../../src/cli/options.ts";
import { expectInside, watchOptionsOf, type WatchFlags } from "../../src/cli/watch-options.ts";

/** Enough for a run to be stopped in the middle. */
const MANY = 20_000;

let place: Workplace;
beforeAll(async () => {
  place = createWorkplace();
  place.write("model.nir", await modelBytes());
  place.write("wide.nir", await modelBytes({ hidden: 400 }));
  place.write("spikes.json", spikesJson());
  place.write("ten.json", spikesJson({ samples: 10 }));
  place.write("labels.json", JSON.stringify(Array.from({ length: 10 }, (_, i) => i % 3)));
  place.write("many.json", spikesJson({ samples: MANY }));
  place.write("many-labels.json", JSON.stringify(new Array<number>(MANY).fill(1)));
  for (const name of ["model", "wide"]) {
    const run = await place.run("compile", `${name}.nir`, "-o", `${name}.spinec`);
    assert.equal(run.code, 0, run.stderr);
  }
  mkdirSync(place.path("folder"));
});
afterAll(() => {
  place.remove();
});

const simulate = (...flags: readonly string[]): Promise<CliResult> =>
  place.run("simulate", "model.spinec", "--input", "ten.json", "-q", ...flags);

const temporaryFiles = (): string[] => place.list().filter((name) => name.endsWith(".tmp"));

describe("options of a run on a chip", () => {
  for (const [flags, code, says] of [
    [["--timing", "detialed"], "simulate/timing-unknown", /"detailed"/],
    [["--timing", "max-affine"], "timing/rates-missing", /--rates neuronNs=value/],
    [["--membrane", "lif9", "--membrane-out", "v.h5"], "simulate/record-unknown", /lif9/],
    [["--trace", "nowhere/trace.json"], "cli/cannot-write", /no folder/],
  ] as const)
    test(`simulate ${flags.join(" ")} is refused: ${code}`, async () => {
      const run = await simulate(...flags);
      expectFault(run, code);
      assert.match(run.stderr, says);
      assert.ok(!place.list().some((name) => ["t.json", "v.h5"].includes(name)));
      assert.deepEqual(temporaryFiles(), []);
    });

  test("run refuses the same", async () => {
    const flags = ["--input", "ten.json", "--timing", "detialed"];
    expectFault(await place.run("run", "model.nir", ...flags), "simulate/timing-unknown");
  });

  const refused: readonly [InputFlags & WatchFlags, RegExp][] = [
    [{ threads: "1.5" }, /--threads was given "1.5", but takes a whole number of at least 1/],
    [{ threads: "0" }, /whole number of at least 1/],
    [{ threads: "many" }, /whole number of at least 1/],
    [{ threads: "-2" }, /whole number of at least 1/],
    [{ rates: "neuronNs" }, /name=value/],
    [{ rates: "neuronNs=fast" }, /name=value/],
    [{ rates: "=3" }, /name=value/],
    [{ rates: "a=1,,b=2" }, /name=value/],
    [{ rates: "a=1,a=Infinity" }, /name=value/],
    [{ membrane: "lif1" }, /--membrane was given "lif1", but takes given together with --membrane-out/],
    [{ membraneOut: "v.h5" }, /together with --membrane/],
    [{ membrane: ":u", membraneOut: "v.h5" }, /names of populations/],
    [{ traceSteps: "0:3" }, /together with --trace or --membrane/],
    [{ trace: "t.json", traceSteps: "3:3" }, /such as 0:10/],
    [{ trace: "t.json", traceSteps: "3" }, /such as 0:10/],
    [{ trace: "t.json", traceSamples: "1:2:3" }, /such as 0:10/],
    [{ trace: "t.json", traceSamples: "10:" }, /begins below 10, the number of samples/],
    [{ trace: "t.json", traceSteps: "90:99" }, /begins below 6, the steps of a sample/],
  ];
  for (const [flags, says] of refused)
    test(`${JSON.stringify(flags)} is refused`, () => {
      const read = (): void => {
        chipOptionsOf(flags);
        const watch = watchOptionsOf(flags);
        if (watch !== undefined) expectInside(watch, flags, 10, 6);
      };
      assert.throws(
        read,
        (error: Error) =>
          error instanceof ToolchainError &&
          says.test(error.message) &&
          /cli\/bad-option/.test(error.message),
      );
    });

  test("ranges may leave out either end, and names may have colons", () => {
    const watch = watchOptionsOf({
      trace: "t.json",
      traceSteps: "4:",
      traceSamples: ":3",
      membrane: "a,b:u,c:v,d:x",
      membraneOut: "v.h5",
    });
    assert.deepEqual(watch, {
      window: { samples: [0, 3], steps: [4, Number.MAX_SAFE_INTEGER] },
      trace: {},
      membranes: [
        { population: "a", state: "v" },
        { population: "b", state: "u" },
        { population: "c", state: "v" },
        { population: "d:x", state: "v" },
      ],
    });
    assert.deepEqual(chipOptionsOf({ rates: "a=1, b=2e-3" }), { rates: { a: 1, b: 0.002 } });
  });

  test("a model on its reference has no cores, threads and times, and says so", async () => {
    const flags = ["--threads", "2", "--timing", "simple", "--trace", "t.json", "--rates", "a=1"];
    const run = await place.run("simulate", "model.nir", "--input", "ten.json", ...flags);
    expectFault(run, "cli/bad-option");
    for (const option of ["--threads", "--timing", "--trace", "--rates"])
      assert.match(run.stderr, new RegExp(`${option} was given`));
    assert.match(run.stderr, /add --target/);
  });

  test("the help of both commands lists every timing model with what it does", async () => {
    for (const command of ["simulate", "run"]) {
      const { stdout } = await place.run(command, "--help");
      for (const { name, summary } of TIMING_MODELS)
        assert.ok(stdout.includes(summary), `${command}: ${name}`);
      assert.match(stdout, /Ctrl-C/);
    }
  });

  test("rates of a law go to the timing model", async () => {
    const rates =
      "neuronNs=2,synapseNs=1,wordNs=0,linkNsPerBit=0,chipLinkNsPerBit=0,messageBits=1,barrierNs=100";
    const run = await simulate("--timing", "max-affine", "--rates", rates, "--json");
    assert.equal(run.code, 0, run.stderr);
    const { time } = jsonOf<SimulationReport>(run);
    assert.equal(time?.model, "max-affine");
    assert.ok(time.meanStepNs! >= 100 && time.meanStepNs! < 200, `${time.meanStepNs} ns`);
  });
});

describe("threads", () => {
  test("reports do not depend on their number", async () => {
    const simulated = await Promise.all(
      ["1", "2"].map((n) => simulate("--threads", n, "--labels", "labels.json", "--json")),
    );
    const run = await Promise.all(
      ["1", "2"].map((n) =>
        place.run("run", "model.nir", "--input", "ten.json", "--threads", n, "--compare-dense", "--json"),
      ),
    );
    for (const results of [simulated, run])
      for (const { code, stdout, stderr } of results) {
        assert.equal(code, 0, stderr);
        assert.equal(stdout, results[0].stdout);
      }
    assert.equal(jsonOf<SimulationReport>(simulated[0]).samples, 10);
  });
});

describe("traces and recordings", () => {
  const flags = [
    "--trace",
    "trace.json",
    "--trace-samples",
    "2:4",
    "--trace-steps",
    ":5",
    "--timing",
    "detailed",
  ];

  test("it writes a trace of the samples and steps that were asked for", async () => {
    const run = await simulate(...flags);
    assert.equal(run.code, 0, run.stderr);
    const trace = checkedTrace(place.read("trace.json").toString());
    const shown = trace
      .named("X", /^step /)
      .map(({ args }) => `${String(args?.["sample"])}/${String(args?.["step"])}`);
    assert.deepEqual(shown, ["2/0", "2/1", "2/2", "2/3", "2/4", "3/0", "3/1", "3/2", "3/3", "3/4"]);
    assert.equal(trace.otherData["timing"], "detailed");
  });

  test("a second run over existing files writes the same again, from other threads too", async () => {
    const all = [
      ...flags,
      "--record",
      "all",
      "--spikes",
      "s.json",
      "--membrane",
      "lif1,lif2:u",
      "--membrane-out",
      "v.h5",
    ];
    assert.equal((await simulate(...all)).code, 0);
    const files = ["trace.json", "s.json", "v.h5"];
    const first = files.map((name) => place.read(name));
    assert.equal((await simulate(...all, "--threads", "2")).code, 0);
    files.forEach((name, i) => {
      assert.ok(place.read(name).equals(first[i]), name);
    });
    assert.deepEqual(temporaryFiles(), []);
  });

  test("it records the populations that were asked for, besides the outputs", async () => {
    const names = async (...more: string[]): Promise<string[]> => {
      assert.equal((await simulate("--spikes", "s.json", ...more)).code, 0);
      return Object.keys(JSON.parse(place.read("s.json").toString()) as object).sort();
    };
    assert.deepEqual(await names(), ["lif2"]);
    assert.deepEqual(await names("--record", "all"), ["lif1", "lif2"]);
    const reference = await place.run(
      "simulate",
      ...["model.nir", "--input", "ten.json", "--spikes", "s.json", "--record", "lif1"],
    );
    assert.equal(reference.code, 0, reference.stderr);
    const recorded = JSON.parse(place.read("s.json").toString()) as object;
    assert.deepEqual(Object.keys(recorded).sort(), ["lif1", "output"]);
  });

  test("it writes membranes as NIRData, and as arrays by name", async () => {
    const membrane = ["--membrane", "lif1,lif2:u", "--trace-samples", "0:2"];
    assert.equal((await simulate(...membrane, "--membrane-out", "v.h5")).code, 0);
    const bytes = place.read("v.h5");
    const file = openHdf5(bytes, hdf5Start(bytes) ?? 0);
    assert.ok("dataset" in file);
    const v = await file.dataset("/nodes/lif1/observables/v/data");
    const u = await file.dataset("/nodes/lif2/observables/u/data");
    assert.ok("data" in v && "data" in u);
    assert.deepEqual(
      [v.shape, u.shape],
      [
        // Two of its five neurons reach nothing and are not on the chip.
        [2, 6, 3],
        [2, 6, 3],
      ],
    );
    const current = Array.from(u.data as ArrayLike<number>);
    assert.ok(current.some((value) => value !== 0));

    assert.equal((await simulate(...membrane, "--membrane-out", "v.json")).code, 0);
    const sink = new DiagnosticSink();
    const read = await readSpikeData(place.read("v.json"), { fileName: "v.json" }, sink);
    assert.deepEqual(sink.diagnostics, []);
    assert.deepEqual(Object.keys(read!.ports).sort(), ["lif1.v", "lif2.u"]);
    const dense = read!.ports["lif2.u"].samples.flatMap(({ step, index, value }) => {
      const values = new Array<number>(6 * 3).fill(0);
      step.forEach((t, e) => (values[3 * t + index[e]] = value?.[e] ?? 1));
      return values;
    });
    assert.deepEqual(dense, current);
  });
});

describe("Ctrl-C", () => {
  interface Running {
    readonly child: ChildProcess;
    readonly ended: Promise<CliResult>;
  }

  function start(...args: readonly string[]): Running {
    const child = spawn(process.execPath, [CLI, ...args], { cwd: place.folder });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
    child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
    const ended = new Promise<CliResult>((resolve) => {
      child.on("close", (code, signal) => {
        resolve({ code, signal, stdout, stderr });
      });
    });
    return { child, ended };
  }

  /** The trace is opened right before the simulation. */
  async function untilSimulating(): Promise<void> {
    while (temporaryFiles().length === 0) await sleep(20);
    await sleep(300);
  }

  for (const threads of ["1", "2"])
    test(`simulate with --threads ${threads} reports the samples that are finished`, async () => {
      const { child, ended } = start(
        ...["simulate", "wide.spinec", "--input", "many.json", "--labels", "many-labels.json", "--json"],
        ...[
          "--threads",
          threads,
          "--trace",
          "stopped.json",
          "--steps",
          "400",
          "--spikes",
          "stopped-spikes.json",
        ],
      );
      await untilSimulating();
      child.kill("SIGINT");
      const run = await ended;
      assert.equal(run.code, 130, run.stderr);
      const report = jsonOf<SimulationReport & { stoppedAfter?: number }>(run);
      const { samples } = report;
      assert.ok(samples > 0 && samples < MANY, `${samples} samples`);
      assert.equal(report.stoppedAfter, samples);
      assert.equal(report.run?.samples, samples);
      assert.ok(report.accuracyShare !== undefined, "accuracy of the finished samples");
      assert.deepEqual(
        report.diagnostics.filter(({ code }) => code === "cli/run-stopped").map(({ message }) => message),
        [`stopped after ${samples} of ${MANY} samples; everything reported is about these.`],
      );
      assert.match(run.stderr, /note\[cli\/run-stopped\]/);
      const spikes = JSON.parse(place.read("stopped-spikes.json").toString()) as Record<
        string,
        { samples: unknown[] }
      >;
      assert.equal(spikes["lif2"].samples.length, samples);
      checkedTrace(place.read("stopped.json").toString());
      assert.deepEqual(temporaryFiles(), []);
    });

  test("a second one ends at once and leaves no file", async () => {
    const { child, ended } = start(
      ...["simulate", "wide.spinec", "--input", "spikes.json", "--threads", "2"],
      ...["--trace", "twice.json", "--steps", "1000000"],
    );
    await untilSimulating();
    child.kill("SIGINT");
    await sleep(100);
    child.kill("SIGINT");
    const run = await ended;
    assert.deepEqual([run.code, run.stdout], [130, ""], run.stderr);
    assert.ok(!place.list().includes("twice.json"));
    assert.deepEqual(temporaryFiles(), []);
  });

  test("run reports the samples that are finished, without the reference", async () => {
    // Before the simulation, Ctrl-C ends the process at once: then wait longer.
    for (let delayMs = 2000; ; delayMs *= 1.5) {
      const { child, ended } = start(
        ...["run", "wide.nir", "--input", "many.json", "--steps", "400", "--json", "--compare-dense"],
      );
      await sleep(delayMs);
      child.kill("SIGINT");
      const run = await ended;
      if (run.signal === "SIGINT" && delayMs < 20_000) continue;
      assert.equal(run.code, 130, run.stderr);
      const report = jsonOf<RunReport & { stoppedAfter?: number }>(run);
      assert.ok(report.run.samples > 0 && report.run.samples < MANY, `${report.run.samples} samples`);
      assert.equal(report.stoppedAfter, report.run.samples);
      assert.equal(report.dense, undefined);
      assert.equal(report.run.neurobench, undefined);
      assert.match(run.stderr, /without the float reference and the unpruned twin\./);
      return;
    }
  });
});
