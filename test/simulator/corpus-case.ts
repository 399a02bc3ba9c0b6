import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readNetwork } from "#formats/index";
import type { ImportOptions } from "#formats/format";
import { RESET_MODES, type Network } from "#ir/network";
import type { SpikeData, SpikeEvents } from "#ir/spikes";
import { DiagnosticSink } from "#util/diagnostic";

// Reading the reference corpus: its README describes every field.

/** A case with simulated output: `<folder>/<name>`. */
export interface CorpusCase {
  readonly id: string;
  readonly path: string;
  readonly model: string | undefined;
  readonly variants: readonly CorpusVariant[];
  readonly testSet:
    { readonly data: string; readonly steps: number; readonly spikes: Record<string, number> } | undefined;
}

export interface CorpusVariant {
  readonly name: string;
  readonly reference_options?: Readonly<Record<string, unknown>>;
  readonly spikes?: Readonly<Record<string, CorpusSpikes>>;
  readonly totals?: Readonly<Record<string, readonly number[]>>;
  readonly counts_per_step?: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly spikes_sha256?: Readonly<Record<string, string>>;
  /** Flat list for each sample. */
  readonly values?: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** Flat list of the only sample, or one for each. */
  readonly v_before_reset?: Readonly<Record<string, readonly number[] | readonly (readonly number[])[]>>;
}

interface CorpusSpikes {
  readonly shape: readonly number[];
  readonly samples: readonly ({ t: number[]; i: number[]; x?: number[] } | number[])[];
}

export function readGzipJson(path: string): unknown {
  return JSON.parse(gunzipSync(readFileSync(path)).toString("utf8"));
}

/** Every case of the given folders that has an expected output. */
export function corpusCases(root: string, folders: readonly string[]): CorpusCase[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder))
        .sort()
        .map((name) => join(folder, name)),
    )
    .filter((id) => existsSync(join(root, id, "case.json")) && existsSync(join(root, id, "expected.json.gz")))
    .map((id) => {
      const path = join(root, id);
      const facts = JSON.parse(readFileSync(join(path, "case.json"), "utf8")) as {
        model?: string;
        model_of?: string;
        input_encoding?: { steps: number };
        test_set?: { data: string };
        check?: { peer_total_spikes?: Record<string, number> };
      };
      const model =
        facts.model_of === undefined ? join(path, facts.model ?? "model.nir") : join(root, facts.model_of);
      const { variants } = readGzipJson(join(path, "expected.json.gz")) as { variants: CorpusVariant[] };
      const steps = facts.input_encoding?.steps;
      return {
        id,
        path,
        model: existsSync(model) ? model : undefined,
        variants,
        testSet:
          facts.test_set === undefined || steps === undefined
            ? undefined
            : { data: facts.test_set.data, steps, spikes: facts.check?.peer_total_spikes ?? {} },
      };
    });
}

/** The inputs of a case, by input node; `only` names the node where the file does not. */
export function corpusInputs(path: string, network: Network): Record<string, SpikeData> {
  const content = readGzipJson(join(path, "input.json.gz")) as CorpusSpikes | Record<string, CorpusSpikes>;
  if (!("samples" in content)) {
    return Object.fromEntries(Object.entries(content).map(([name, data]) => [name, spikeData(data)]));
  }
  return { [network.inputs[0].name]: spikeData(content as CorpusSpikes) };
}

/** The corpus layout as `SpikeData`; zeros among dense values are dropped. */
export function spikeData({ shape: [steps, ...shape], samples }: CorpusSpikes): SpikeData {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return {
    steps,
    shape,
    samples: samples.map((sample): SpikeEvents => {
      if (!Array.isArray(sample)) {
        const { t, i, x } = sample;
        const events = { step: Uint32Array.from(t), index: Uint32Array.from(i) };
        return x === undefined ? events : { ...events, value: Float64Array.from(x) };
      }
      const at = sample.flatMap((value, k) => (value === 0 ? [] : [k]));
      return {
        step: Uint32Array.from(at, (k) => Math.floor(k / size)),
        index: Uint32Array.from(at, (k) => k % size),
        value: Float64Array.from(at, (k) => sample[k]),
      };
    }),
  };
}

const KNOWN_OPTIONS = [
  "dt",
  "if_dt",
  "compare",
  "reset",
  "v_min",
  "feedback_t0",
  "out_delay",
  "integrator",
  "current",
] as const;

const KNOWN_VALUES: Readonly<Record<string, readonly string[]>> = {
  compare: [">", ">="],
  reset: RESET_MODES,
  integrator: ["euler", "exponential"],
  current: ["new", "old"],
  feedback_t0: ["zeros-through", "absent"],
};

/** Of an option that is one value, or one for each node. */
function valuesOf(option: unknown): unknown[] {
  if (option === undefined) return [];
  return typeof option === "object" && option !== null ? Object.values(option) : [option];
}

/** The options of a variant as ours, or the names of those that we do not have. */
export function importOptionsOf(
  given: Readonly<Record<string, unknown>> = {},
): { options: ImportOptions; outDelaySteps: number } | { unknown: string[] } {
  const unknown = Object.keys(given).filter((key) => !(KNOWN_OPTIONS as readonly string[]).includes(key));
  const dt = (given["dt"] as number | undefined) ?? 1e-4;
  const ifDt = given["if_dt"] ?? 1;
  if (ifDt !== 1 && ifDt !== dt && ifDt !== "dt") unknown.push(`if_dt ${String(ifDt)}`);
  for (const [key, known] of Object.entries(KNOWN_VALUES))
    for (const value of valuesOf(given[key]))
      if (!(known as readonly unknown[]).includes(value)) unknown.push(`${key} ${String(value)}`);
  if (unknown.length > 0) return { unknown };
  const vMin = given["v_min"] as number | undefined;
  return {
    options: {
      // The corpus divides: dt and the file's time constants have one unit, whichever it is.
      timeUnit: "s",
      dtSeconds: dt,
      ifStep: ifDt === 1 ? "one" : "dt",
      compare: (given["compare"] ?? ">") as NonNullable<ImportOptions["compare"]>,
      reset: (given["reset"] ?? "value") as NonNullable<ImportOptions["reset"]>,
      integrator: (given["integrator"] ?? "euler") as NonNullable<ImportOptions["integrator"]>,
      current: (given["current"] ?? "new") as NonNullable<ImportOptions["current"]>,
      feedbackT0: (given["feedback_t0"] ?? "zeros-through") as NonNullable<ImportOptions["feedbackT0"]>,
      vMinThresholds: vMin ?? -Infinity,
    },
    outDelaySteps: (given["out_delay"] as number | undefined) ?? 0,
  };
}

/** Reads a model of the corpus; throws everything that was found where it cannot. */
export async function readModel(path: string, options: ImportOptions): Promise<Network> {
  const sink = new DiagnosticSink();
  const network = await readNetwork(readFileSync(path), options, sink);
  sink.throwIfErrors();
  if (network === undefined) throw new Error(`no network in ${path}, and no diagnostic that says why`);
  return network;
}

/** A recording as the corpus writes it: events, totals, counts for each step, and the hash of all values. */
export function describeSpikes({ steps, shape, samples }: SpikeData): {
  events: { t: number[]; i: number[]; x: number[] }[];
  totals: number[];
  countsPerStep: number[][];
  sha256: string;
} {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const hash = createHash("sha256");
  const countsPerStep: number[][] = [];
  const events = samples.map(({ step, index, value }) => {
    const dense = new Float32Array(steps * size);
    const counts = new Array<number>(steps).fill(0);
    const x = Array.from(step, (_, e) => value?.[e] ?? 1);
    step.forEach((t, e) => {
      dense[t * size + index[e]] = x[e];
      counts[t] += x[e];
    });
    hash.update(new Uint8Array(dense.buffer));
    countsPerStep.push(counts);
    return { t: [...step], i: [...index], x };
  });
  const totals = countsPerStep.map((counts) => counts.reduce((sum, count) => sum + count, 0));
  return { events, totals, countsPerStep, sha256: hash.digest("hex") };
}

/** A recording as one dense array for each sample, `[steps, size]`. */
export function denseValues({ steps, shape, samples }: SpikeData): Float64Array[] {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return samples.map(({ step, index, value }) => {
    const dense = new Float64Array(steps * size);
    step.forEach((t, e) => (dense[t * size + index[e]] = value?.[e] ?? 1));
    return dense;
  });
}

/** Rate-coded test images of the corpus; the rule is in the `case.json` of its models. */
export function testImages(
  root: string,
  data: string,
  steps: number,
  shape: readonly number[],
): { spikes: SpikeData; labels: number[] } {
  const labels = JSON.parse(readFileSync(join(root, `${data}.labels.json`), "utf8")) as number[];
  const pixels = gunzipSync(readFileSync(join(root, `${data}.images.u8.gz`)));
  const size = pixels.length / labels.length;
  const samples = labels.map((_, sample): SpikeEvents => {
    const step: number[] = [];
    const index: number[] = [];
    for (let t = 0; t < steps; t++) {
      for (let i = 0; i < size; i++) {
        const q = pixels[sample * size + i];
        const phase = (97 * i) % 255;
        if (Math.floor(((t + 1) * q + phase) / 255) <= Math.floor((t * q + phase) / 255)) continue;
        step.push(t);
        index.push(i);
      }
    }
    return { step: Uint32Array.from(step), index: Uint32Array.from(index) };
  });
  return { spikes: { steps, shape, samples }, labels };
}
