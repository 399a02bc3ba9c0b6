import type { Diagnostic } from "#util/diagnostic";

// Every message of balancing, in alphabetical order; see `compiler/diagnostics.ts`.

export function lawIsASum(facts: { law: string; profile: string }): Diagnostic {
  const { law, profile } = facts;
  return {
    code: "balance/law-is-a-sum",
    severity: "error",
    message: `step times of profile "${profile}" follow the law "${law}", which adds up the work of all cores: no partition changes it.`,
    subject: "profile.law",
    hint: "choose the objective hops, or a profile whose cores work at the same time.",
    data: { law, profile },
  };
}

export function ratesMissing(facts: {
  law: string;
  profile: string;
  missing: readonly string[];
}): Diagnostic {
  const { law, profile, missing } = facts;
  return {
    code: "balance/rates-missing",
    severity: "error",
    message: `step times of profile "${profile}" follow the law "${law}", but nobody has published its ${missing.join(", ")}.`,
    subject: `profile.laws["${law}"]`,
    hint: `give them yourself: --rates ${missing.map((name) => `${name}=value`).join(",")}.`,
    data: { law, profile, missing },
  };
}

export function windowOutOfRange(facts: { windowSteps: number }): Diagnostic {
  const { windowSteps } = facts;
  return {
    code: "balance/window-out-of-range",
    severity: "error",
    message: `spikes were counted over ${windowSteps} steps, but that is no number above 0.`,
    hint: "give the number of steps that the rates are of.",
    data: { windowSteps: String(windowSteps) },
  };
}
