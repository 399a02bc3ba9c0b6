import { nearestName, type Diagnostic } from "#util/diagnostic";

// Every message of the timing models, one function each, in alphabetical order.

export function bufferUnknown(facts: { model: string; target: string }): Diagnostic {
  const { model, target } = facts;
  return {
    code: "timing/buffer-unknown",
    severity: "error",
    message: `the timing model "${model}" needs to know how many messages a link's buffer holds, but target "${target}" does not say.`,
    subject: "target.noc.bufferMessages",
    hint: 'give the target a "noc" section, or choose the timing model "simple".',
    data: { model, target },
  };
}

export function multicastUnsupported(facts: { model: string; target: string }): Diagnostic {
  const { model, target } = facts;
  return {
    code: "timing/multicast-unsupported",
    severity: "error",
    message: `the timing model "${model}" sends one message to each receiver, but the mesh of target "${target}" copies messages on their way.`,
    subject: "target.noc.cast",
    hint: 'choose the timing model "noc" or "simple".',
    data: { model, target },
  };
}

export function rateNegative(facts: { model: string; rate: string; value: number }): Diagnostic {
  const { model, rate, value } = facts;
  return {
    code: "timing/rate-negative",
    severity: "error",
    message: `rate ${rate} of the timing model "${model}" is ${value}, but a rate is a number from 0 up.`,
    subject: `rates.${rate}`,
    hint: `give ${rate} as a number, without a unit.`,
    data: { model, rate, value: String(value) },
  };
}

export function ratesMissing(facts: {
  model: string;
  profile: string;
  missing: readonly { readonly name: string; readonly meaning: string }[];
}): Diagnostic {
  const { model, profile, missing } = facts;
  const names = missing.map(({ name }) => name);
  return {
    code: "timing/rates-missing",
    severity: "error",
    message: `the timing model "${model}" needs rates that profile "${profile}" does not have: ${missing
      .map(({ name, meaning }) => `${name} (${meaning})`)
      .join(", ")}.`,
    subject: `profile.laws["${model}"]`,
    hint: `give them yourself: --rates ${names.map((name) => `${name}=value`).join(",")}.`,
    data: { model, profile, missing: names },
  };
}

export function rateUnknown(facts: { model: string; rate: string; known: readonly string[] }): Diagnostic {
  const { model, rate, known } = facts;
  const near = nearestName(rate, known);
  return {
    code: "timing/rate-unknown",
    severity: "error",
    message:
      known.length === 0
        ? `the timing model "${model}" goes by the times of the profile and takes no rates, but rate ${rate} was given.`
        : `the timing model "${model}" has no rate ${rate}; its rates are ${known.join(", ")}.`,
    subject: `rates.${rate}`,
    hint:
      known.length === 0
        ? "leave the rates out, or choose the timing model that they belong to."
        : near === undefined
          ? `give ${known.join(", ")} only.`
          : `did you mean "${near}"?`,
    data: { model, rate, known },
  };
}
