import type { Network } from "#ir/network";
import type { Target } from "#targets/target";
import type { OnProgress } from "#util/progress";
import { CHANGE_KINDS, withSettings, type Finding, type FoundChange, type Settings, type Trial } from "./change.ts"; // prettier-ignore
import { mappingChanges, moreChips } from "./search-mapping.ts";
import { networkChanges } from "./search-network.ts";
import { Trials } from "./trials.ts";

/** A network that does not fit, and what may be changed about it. */
export interface SearchProblem {
  readonly target: Target;
  /** As imported: its trained layers may be pruned. */
  readonly model: Network;
  /** Neurons joined directly: its populations may be split or lose channels. Absent: it did not come so far. */
  readonly folded?: Network;
  /** What is set already. */
  readonly settings: Settings;
  /** Why it does not fit. */
  readonly findings: readonly Finding[];
  /** Names of chips to fall back on, the one that suits best first. */
  readonly otherTargets?: readonly string[];
}

/** Compiles with these settings, for real. */
export type Attempt = (settings: Settings) => Trial;

/** Changes that are given at most. */
const MOST_CHANGES = 5;
/** Compilations at most: a search ends, however large the network. */
const MOST_TRIALS = 80;

/**
 * The smallest changes that make a network fit, each tried: another way to map; more chips; pruning, fewer bits, fewer or
 * split channels, by the error of all weights; another chip. Where no single change is enough, two together.
 *
 * @param attempt asked again and again; pure
 * @returns smallest first, five at most; empty if nothing that was tried helps
 */
export function findChanges(
  problem: SearchProblem,
  attempt: Attempt,
  onProgress?: OnProgress,
): FoundChange[] {
  const trials = new Trials(attempt, MOST_TRIALS, onProgress);
  const found = single(problem, trials);
  if (found.length === 0) found.push(...combined(problem, trials));
  for (const target of problem.otherTargets ?? []) {
    // Another chip has other packers and algorithms.
    const settings: Settings = { target };
    const trial = trials.run(settings);
    if (!trial.fits) continue;
    found.push({ ...trial, kind: "target", text: `map it onto ${target}`, settings });
    break;
  }
  return found.sort(bySize).slice(0, MOST_CHANGES);
}

function bySize(a: FoundChange, b: FoundChange): number {
  return (
    CHANGE_KINDS.indexOf(a.kind) - CHANGE_KINDS.indexOf(b.kind) ||
    a.weightErrorShare - b.weightErrorShare ||
    a.chips - b.chips ||
    a.cores - b.cores
  );
}

/** One change of one kind, or a reset that the chip has and then, where that is not enough, one change. */
function single(problem: SearchProblem, trials: Trials): FoundChange[] {
  const reset = resetOf(problem);
  if (reset === undefined)
    return [...mappingChanges(problem, trials), ...moreChips(problem, trials), ...networkChanges(problem, trials)]; // prettier-ignore
  const base: Settings = { edits: { reset } };
  const text = `reset its neurons by ${reset === "value" ? "setting them to a value" : "subtraction"}`;
  const trial = trials.run(withSettings(problem.settings, base));
  if (trial.fits) return [{ ...trial, kind: "network", text, settings: base }];
  return based(problem, base, text, trial.findings, (changed) => single(changed, trials));
}

/** The same with as many chips as were taken, where that fits as well. */
function withFewestChips(change: FoundChange, { settings }: SearchProblem, trials: Trials): FoundChange {
  const allowed = change.settings.chips;
  if (allowed === undefined || change.chips >= allowed) return change;
  const fewer: Settings = { ...change.settings, chips: change.chips };
  const trial = trials.run(withSettings(settings, fewer));
  if (!trial.fits) return change;
  const text = change.text.replace(
    `use ${allowed} chips`,
    `use ${change.chips} ${change.chips === 1 ? "chip" : "chips"}`,
  );
  return { ...change, ...trial, text, settings: fewer };
}

/** The first pair that fits: more chips or few bits, and what is then left to do. */
function combined(problem: SearchProblem, trials: Trials): FoundChange[] {
  const { target, settings, findings } = problem;
  const maxChips = target.mesh.maxChips.value;
  const fewestBits = Math.min(...target.weights.bits);
  const chips: Settings = maxChips > (settings.chips ?? 1) ? { chips: maxChips } : {};
  const bits: Settings = { weightBits: fewestBits };
  const bases: [Settings, string][] = [
    [chips, `use ${maxChips} chips`],
    [bits, bitsText(fewestBits)],
    [{ ...chips, ...bits }, `use ${maxChips} chips and ${bitsText(fewestBits)}`],
  ];
  if (!findings.some(({ code }) => /^(partition|place)\//.test(code))) return [];
  for (const [base, text] of bases) {
    if (Object.keys(base).length === 0) continue;
    const trial = trials.run(withSettings(settings, base));
    const found = trial.fits
      ? [{ ...trial, kind: "network" as const, text, settings: base }]
      : based(problem, base, text, trial.findings, (changed) => networkChanges(changed, trials));
    if (found.length > 0) return found.map((change) => withFewestChips(change, problem, trials));
  }
  return [];
}

const bitsText = (bits: number): string => `store weights in ${bits} ${bits === 1 ? "bit" : "bits"}`;

/** What `search` finds once `base` is set, with `base` in it. */
function based(
  problem: SearchProblem,
  base: Settings,
  text: string,
  findings: readonly Finding[],
  search: (problem: SearchProblem) => FoundChange[],
): FoundChange[] {
  // A reset that is still not what the chip has would be asked for again and again.
  if (findings.some(isReset)) return [];
  const settings = withSettings(problem.settings, base);
  return search({ ...problem, settings, findings }).map((change) => ({
    ...change,
    kind: "network",
    text: `${text}, and ${change.text}`,
    settings: withSettings(base, change.settings),
  }));
}

const isReset = ({ code }: Finding): boolean => code.endsWith("/reset-unsupported");

/** The reset that the chip has, if another one keeps the network from it. */
function resetOf({ target, findings }: SearchProblem): "value" | "subtract" | undefined {
  if (!findings.some(isReset)) return undefined;
  return (["subtract", "value"] as const).find((mode) => target.resetModes.includes(mode));
}
