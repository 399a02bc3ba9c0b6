// `spinec fit` as functions: one model beside many chips, and what would make it fit.
import { findChanges, type Finding, type Settings, type Trial } from "#compiler/explain/index";
import { inspectNetwork } from "#ir/summary";
import type { Network } from "#ir/network";
import type { SpikeData } from "#ir/spikes";
import type { FitChange, FitCost, FitMap, FitReason, FitReport, FitRow, FitVerdict } from "#report/fit-report"; // prettier-ignore
import { energySection, timeSection } from "#report/run-report";
import { priceRun } from "#simulator/energy";
import type { RunResult } from "#simulator/result";
import { simulate } from "#simulator/simulate";
import type { Profile, Target } from "#targets/target";
import { coresPerChip } from "#targets/target";
import { resourcesOf } from "#targets/index";
import { ToolchainError, type Diagnostic } from "#util/diagnostic";
import type { OnProgress } from "#util/progress";
import type { MapOptions } from "./deploy.ts";
import { FitAttempts, type Fitted } from "./fit-attempt.ts";
import { assumedInputs, type AssumedRates } from "./fit-input.ts";
import { shellLine, wordsOf } from "./fit-words.ts";
import { withMemoryFor } from "./simulate-memory.ts";
import { GENERATOR } from "./version.ts";

/** A chip to try, under the name that the command line knows it by. */
export interface FitTarget {
  readonly target: Target;
  /** Name or file; absent: the target's name. */
  readonly as?: string;
  /** Absent: the target's default. */
  readonly profile?: Profile;
}

export interface FitOptions {
  /** `chips` absent: as many as the target allows, and no more than it takes. */
  readonly mapping?: MapOptions;
  /** By input port; absent: `assumed`. */
  readonly inputs?: Readonly<Record<string, SpikeData>>;
  /** Random input, where no other is given. */
  readonly assumed?: Partial<AssumedRates>;
  /** Search for the smallest changes that make it fit where it does not: `first`, for the first of the targets only. */
  readonly changes?: "none" | "all" | "first";
  /** Chips that a change may fall back on, besides those that are tried anyway. */
  readonly others?: readonly FitTarget[];
  /** The whole command line for some options; absent: there is no file. */
  readonly command?: (options: readonly string[]) => readonly string[];
}

const ASSUMED: AssumedRates = { spikeShare: 0.1, steps: 20, seed: 1 };

/**
 * Tries a model on every chip: compile, verify, simulate, price. What goes wrong with a chip is its row of the report; nothing
 * is thrown for it.
 */
export function fitModel(
  model: Network,
  targets: readonly FitTarget[],
  options: FitOptions = {},
  onProgress?: OnProgress,
): FitReport {
  const assumed = { ...ASSUMED, ...options.assumed };
  const inputs = options.inputs ?? assumedInputs(model, assumed);
  const data = Object.values(inputs);
  const steps = Math.max(1, ...data.map((port) => port.steps));
  const fit = new Fit(model, inputs, steps, options.mapping ?? {}, onProgress);
  const rows = targets.map((one, t) => {
    onProgress?.(`fit ${one.target.name}`, t, targets.length);
    return fit.row(one);
  });
  const wanted = (t: number): boolean =>
    options.changes === "all" || (options.changes === "first" && t === 0);
  const { neurons, synapses } = inspectNetwork(model);
  return {
    schema: "spinec/fit/1",
    generator: GENERATOR,
    name: model.name,
    neurons,
    synapses,
    input:
      options.inputs === undefined
        ? { kind: "assumed", ...assumed }
        : { kind: "given", samples: Math.max(0, ...data.map((port) => port.samples.length)), steps },
    targets: rows.map((row, t): FitRow => {
      if (row.verdict === "fits" || row.verdict === "failed" || !wanted(t)) return row;
      return { ...row, changes: fit.changes(targets[t], [...targets, ...(options.others ?? [])], options) };
    }),
  };
}

/** Everything about one model: what was tried is not tried again. */
class Fit {
  readonly #inputs: Readonly<Record<string, SpikeData>>;
  readonly #steps: number;
  readonly #model: Network;
  readonly #mapping: MapOptions;
  readonly #attempts: FitAttempts;
  readonly #onProgress: OnProgress | undefined;
  readonly #rows = new Map<FitTarget, FitRow>();
  readonly #findings = new Map<FitTarget, readonly Diagnostic[]>();

  constructor(
    model: Network,
    inputs: Readonly<Record<string, SpikeData>>,
    steps: number,
    mapping: MapOptions,
    onProgress: OnProgress | undefined,
  ) {
    this.#model = model;
    this.#inputs = inputs;
    this.#steps = steps;
    this.#mapping = mapping;
    this.#attempts = new FitAttempts(model, mapping);
    this.#onProgress = onProgress;
  }

  row(given: FitTarget): FitRow {
    const known = this.#rows.get(given);
    if (known !== undefined) return known;
    const row = this.#tried(given);
    this.#rows.set(given, row);
    return row;
  }

  #tried(given: FitTarget): FitRow {
    const { target } = given;
    const profile = profileOf(given);
    const head = {
      target: given.as ?? target.name,
      title: target.title,
      status: target.status ?? ("supported" as const),
      profile: profile.name,
    };
    const rest = { map: null, weightErrorShare: null, cost: null, reasons: [], changes: null };
    try {
      // Another chip has other packers: what was asked for one is not asked of all.
      const settings: Settings = isForAnother(this.#mapping, target) ? { target: target.name } : {};
      const fitted = this.#attempts.map(target, settings, this.#onProgress);
      const cost = this.#cost(fitted, target, profile);
      const { weightErrorShare } = fitted;
      return { ...head, ...rest, verdict: "fits", map: mapOf(fitted, target), weightErrorShare, cost };
    } catch (error) {
      if (!(error instanceof ToolchainError)) {
        const message = error instanceof Error ? error.message : String(error);
        const hint = "please report it, with the model.";
        const reason = { code: "fit/bug", message: `a bug in spinec: ${message}`, ...NO_FACTS, hint };
        return { ...head, ...rest, verdict: "failed", reasons: [reason] };
      }
      const errors = error.diagnostics.filter(({ severity }) => severity === "error");
      // A change that the model cannot take, and a name that nobody knows, are no chip's fault.
      if (errors.length > 0 && errors.every(({ code }) => isOfOptions(code))) throw error;
      this.#findings.set(given, errors);
      const verdict = target.status === "report-only" ? "report-only" : verdictOf(errors);
      return { ...head, ...rest, verdict, reasons: errors.map(reasonOf) };
    }
  }

  changes(given: FitTarget, all: readonly FitTarget[], { command }: FitOptions): FitChange[] {
    const { target } = given;
    const others = all.filter((one) => one !== given && one.target.status === undefined);
    const nameOf = (one: FitTarget): string => one.as ?? one.target.name;
    const attempt = (settings: Settings): Trial => {
      try {
        const other = others.find((one) => nameOf(one) === settings.target);
        const { cores, chips, weightErrorShare } = this.#attempts.map(other?.target ?? target, settings);
        return { fits: true, cores, chips, weightErrorShare };
      } catch (error) {
        if (error instanceof ToolchainError) return { fits: false, findings: error.diagnostics };
        throw error;
      }
    };
    const folded = this.#attempts.fold(target);
    const { packer, partitioner, effort, share, chips, weightBits, decayLevels, edits } = this.#mapping;
    const base = { packer, partitioner, effort, share, chips, weightBits, decayLevels, edits };
    const settings = Object.fromEntries(
      Object.entries(base).filter(([, value]) => value !== undefined),
    ) as Settings;
    const found = findChanges(
      {
        target,
        model: this.#model,
        ...(folded !== undefined && { folded }),
        settings,
        findings: (this.#findings.get(given) ?? []) as readonly Finding[],
        otherTargets: others.map(nameOf),
      },
      attempt,
      this.#onProgress,
    );
    return found.map((change): FitChange => {
      const other = others.find((one) => nameOf(one) === change.settings.target);
      const { kind, text, cores, weightErrorShare } = change;
      const { chips: allowed = 1, ...full } = this.#attempts.optionsWith(change.settings);
      const most = Math.max(allowed, change.chips);
      const options = [
        "--target",
        nameOf(other ?? given),
        ...wordsOf(most === 1 ? full : { ...full, chips: most }),
      ];
      const line = command?.(options);
      return {
        kind,
        text,
        options,
        command: line === undefined ? null : shellLine(line),
        cores,
        chips: change.chips,
        weightErrorShare,
        dynamicPj: this.#dynamicPj(other ?? given, change.settings),
      };
    });
  }

  #dynamicPj(given: FitTarget, settings: Settings): number | null {
    try {
      const fitted = this.#attempts.map(given.target, settings);
      return this.#cost(fitted, given.target, profileOf(given)).dynamicPj;
    } catch (error) {
      if (error instanceof ToolchainError) return null;
      throw error;
    }
  }

  #cost({ compiled }: Fitted, target: Target, profile: Profile): FitCost {
    const { deployment } = compiled;
    const run = (timing: string): RunResult =>
      withMemoryFor(deployment, () =>
        simulate(
          deployment,
          target,
          profile,
          this.#inputs,
          { timing, record: "outputs", steps: this.#steps },
          this.#onProgress,
        ),
      );
    const { timing, result } = timedBy(profile, run);
    const energy = energySection(priceRun(result, profile, target));
    const isPriced = energy.terms.length > 0;
    const fired = compiled.network.populations.flatMap(({ model }, p) =>
      model === "input" ? [] : [result.spikesOf?.[p] ?? new Float64Array(0)],
    );
    const neurons = fired.reduce((sum, list) => sum + list.length, 0);
    const spikes = fired.reduce((sum, list) => sum + list.reduce((total, count) => total + count, 0), 0);
    return {
      dynamicPj: isPriced ? energy.dynamicPj : null,
      staticPj: energy.staticPj,
      bound: energy.bound,
      weakestEvidence: energy.weakestEvidence,
      unpriced: energy.unpriced.map(({ action }) => action),
      timing,
      perInferenceNs: timeSection(result, timing).perInferenceNs,
      spikesPerNeuronStep: spikes / Math.max(1, neurons * result.samples * this.#steps),
    };
  }
}

function isOfOptions(code: string): boolean {
  return (
    code.startsWith("edit/") || code === "compile/unknown-partitioner" || code === "compile/unknown-placer"
  );
}

const NO_FACTS = { hint: null, population: null, resource: null, needed: null, available: null } as const;

function profileOf({ target, profile }: FitTarget): Profile {
  return profile ?? target.profiles.find(({ name }) => name === target.defaultProfile)!;
}

/** By the law of the profile, or where nobody has published its rates by that of the busiest core. */
function timedBy(
  { law }: Profile,
  run: (timing: string) => RunResult,
): { readonly timing: string; readonly result: RunResult } {
  const own = law === "max-core" ? "simple" : law;
  try {
    return { timing: own, result: run(own) };
  } catch (error) {
    const isUnknown =
      error instanceof ToolchainError && error.diagnostics.some(({ code }) => code.includes("rates-missing"));
    if (!isUnknown || own === "simple") throw error;
    return { timing: "simple", result: run("simple") };
  }
}

function isForAnother({ packer }: MapOptions, { packers }: Target): boolean {
  return packer !== undefined && !packers.some(({ name }) => name === packer);
}

function mapOf({ compiled, cores, chips }: Fitted, target: Target): FitMap {
  const uses = resourcesOf(target).flatMap((resource) => {
    const { worst, available, worstShare } = compiled.utilization.byResource[resource];
    return available === null || worstShare === null
      ? []
      : [{ resource, needed: worst, available, share: worstShare }];
  });
  const worst = uses.reduce<FitMap["worst"]>(
    (best, use) => (best === null || use.share > best.share ? use : best),
    null,
  );
  return { cores, coresAvailable: chips * coresPerChip(target), chips, worst };
}

/** What mapping stages report is a wall; everything before them is something that the chip does not do. */
function verdictOf(errors: readonly Diagnostic[]): FitVerdict {
  if (errors.some(({ code }) => code.startsWith("verify/"))) return "failed";
  return errors.every(({ code }) => /^(partition|place|route)\//.test(code)) ? "does-not-fit" : "refused";
}

function reasonOf({ code, message, hint, data }: Diagnostic): FitReason {
  const binding = (data?.["binding"] as readonly Record<string, unknown>[] | undefined)?.[0] ?? data;
  const text = (key: string): string | null =>
    typeof binding?.[key] === "string" ? (binding[key] as string) : null;
  const number = (key: string): number | null =>
    typeof binding?.[key] === "number" ? (binding[key] as number) : null;
  return {
    code,
    message,
    hint: hint ?? null,
    population: text("population"),
    resource: text("resource"),
    needed: number("needed"),
    available: number("available"),
  };
}
