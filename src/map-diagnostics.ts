// Messages about mapping bare connectivity, in alphabetical order.
import type { Diagnostic } from "#util/diagnostic";

export function badCoreProfile(facts: {
  profile: string;
  where: string;
  known: readonly string[];
}): Diagnostic {
  const { profile, where, known } = facts;
  return {
    code: "map/bad-core-profile",
    severity: "error",
    message: `the core profile "${profile}" is not one: see ${where}.`,
    subject: profile,
    hint: `give ${known.join(", ")} as whole numbers; only neurons is needed, and what is left out has no wall.`,
    data: facts,
  };
}

export function coreOverWall(facts: {
  resource: string;
  cores: number;
  of: number;
  worst: number;
  limit: number;
  isGiven: boolean;
}): Diagnostic {
  const { resource, cores, of, worst, limit, isGiven } = facts;
  return {
    code: "map/core-over-wall",
    severity: "warning",
    message: `${cores} of ${of} cores need more ${resource} than the ${limit} that a core has: up to ${worst}.`,
    hint: isGiven
      ? "leave --partition out to get a map that fits."
      : "give it more time (--effort best), or cores that hold more.",
    data: facts,
  };
}

export function differentGraphs(facts: { first: string; second: string; what: string }): Diagnostic {
  const { first, second, what } = facts;
  return {
    code: "map/different-graphs",
    severity: "warning",
    message: `"${first}" and "${second}" are not of the same network: ${what}.`,
    hint: "compare maps of one network; ratios say little otherwise.",
    data: facts,
  };
}

export function linksUnpriced(facts: { profile: string; actions: readonly string[] }): Diagnostic {
  const { profile, actions } = facts;
  return {
    code: "map/links-unpriced",
    severity: "error",
    message: `profile "${profile}" has no energy for ${actions.join(" or ")}, so no placement is cheaper than another.`,
    subject: `profile.energy.${actions[0]}`,
    hint: "choose another --profile, or the objective hops.",
    data: facts,
  };
}

export function meshTooSmall(facts: { columns: number; rows: number; needed: string }): Diagnostic {
  const { columns, rows, needed } = facts;
  return {
    code: "map/mesh-too-small",
    severity: "error",
    message: `a mesh of ${columns} x ${rows} is too small for ${needed}.`,
    hint: "give a larger one, or leave --mesh out.",
    data: facts,
  };
}

export function notAMapReport(facts: { file: string; reason: string }): Diagnostic {
  const { file, reason } = facts;
  return {
    code: "map/not-a-report",
    severity: "error",
    message: `"${file}" is neither a deployment nor a report of \`spinec map --json\`: ${reason}.`,
    subject: file,
    hint: "make one with `spinec map FILE --json > report.json`; partitions need --graph beside them.",
    data: facts,
  };
}

export function rateStepsNeeded(): Diagnostic {
  return {
    code: "map/rate-steps-needed",
    severity: "error",
    message:
      "how long a step takes depends on how many spikes it has, but nobody said how many steps the rates are of.",
    hint: "give --rate-steps: the steps in which the spikes of the file were counted (1 if rates are spikes per step).",
  };
}

export function shapesDoNotMatch(facts: { shapes: number; neurons: number }): Diagnostic {
  const { shapes, neurons } = facts;
  return {
    code: "map/shapes-do-not-match",
    severity: "error",
    message: `the shapes hold ${shapes} neurons, but the file has ${neurons}.`,
    hint: "name every layer of the file, in its order; a layer without places is a number of neurons.",
    data: facts,
  };
}

export function unknownCoreProfile(facts: {
  name: string;
  known: readonly string[];
  nearest?: string;
}): Diagnostic {
  const { name, known, nearest } = facts;
  const question = nearest === undefined ? "." : `; did you mean "${nearest}"?`;
  return {
    code: "map/unknown-core-profile",
    severity: "error",
    message: `there is no core profile "${name}"${question}`,
    hint: `choose ${known.join(" or ")}, name a .json file, or write neurons=128,axons-in=1024,axons-out=1024,words=1024.`,
    data: facts,
  };
}
