import type { Diagnostic } from "#util/diagnostic";

// Every message of this engine, one function each, in alphabetical order.

export function outOfMemory(facts: {
  neededBytes: number;
  usedBytes: number;
  limitBytes: number;
}): Diagnostic {
  const { neededBytes, usedBytes, limitBytes } = facts;
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  return {
    code: "train/out-of-memory",
    severity: "error",
    message: `training needs ${mib(neededBytes)} MiB more, but holds ${mib(usedBytes)} MiB already and can have ${mib(limitBytes)} MiB.`,
    hint: `make the batch smaller, or take fewer time steps.`,
    data: facts,
  };
}
