import { type Diagnostic, nearestName } from "#util/diagnostic";

// Every message of the validators, one function each, in alphabetical order. A caller passes facts; the
// wording, the code and the hint live here and are tested as text. `subject` is the path of the thing.

/** An array that does not have the length its neighbours ask for. */
export function arrayLength(facts: { subject: string; needed: string; found: number }): Diagnostic {
  const { subject, needed, found } = facts;
  return error("ir/array-length", subject, `the array needs ${needed} elements and has ${found}.`, {
    needed,
    found,
  });
}

export function duplicateName(facts: { subject: string; kind: string; name: string }): Diagnostic {
  const { subject, kind, name } = facts;
  return {
    ...error("ir/duplicate-name", subject, `two ${kind} are called "${name}", and names must differ.`, {
      name,
    }),
    hint: `rename one of them.`,
  };
}

export function indexRange(facts: {
  subject: string;
  what: string;
  index: number;
  count: number;
}): Diagnostic {
  const { subject, what, index, count } = facts;
  return error("ir/index-range", subject, `${what} ${index} was named, but there are ${count} (from 0).`, {
    what,
    index,
    count,
  });
}

export function inputReceives(facts: { subject: string; population: string }): Diagnostic {
  const { subject, population } = facts;
  return {
    ...error("ir/input-receives", subject, `"${population}" is an input and cannot receive spikes as well.`, {
      population,
    }),
    hint: `put a population of neurons behind "${population}" and join to that.`,
  };
}

export function kernelGeometry(facts: {
  subject: string;
  what: string;
  needed: string;
  found: string;
}): Diagnostic {
  const { subject, what, needed, found } = facts;
  return error("ir/kernel-geometry", subject, `${what} of the kernel must be ${needed} and is ${found}.`, {
    what,
    needed,
    found,
  });
}

export function missingParameter(facts: { subject: string; model: string; parameter: string }): Diagnostic {
  const { subject, model, parameter } = facts;
  return error("ir/missing-parameter", subject, `model "${model}" needs the parameter "${parameter}".`, {
    model,
    parameter,
  });
}

export function neverDriven(facts: { subject: string; population: string }): Diagnostic {
  const { subject, population } = facts;
  return {
    code: "ir/never-driven",
    severity: "warning",
    subject,
    message: `"${population}" is of model "input", but no input port drives it: it stays silent.`,
    hint: `add it to the network's inputs.`,
    data: { population },
  };
}

export function notAscending(facts: { subject: string; at: number }): Diagnostic {
  const { subject, at } = facts;
  return error("ir/not-ascending", subject, `the entries must ascend, and entry ${at} does not.`, { at });
}

export function notExactlyOnce(facts: { subject: string; what: string; times: number }): Diagnostic {
  const { subject, what, times } = facts;
  return error(
    "ir/not-exactly-once",
    subject,
    `${what} must appear exactly once and appears ${times} times.`,
    {
      what,
      times,
    },
  );
}

/** Each value that should be a finite number, a whole number or one of a list, and is not. */
export function outOfRange(facts: {
  subject: string;
  what: string;
  needed: string;
  found: number | string;
}): Diagnostic {
  const { subject, what, needed, found } = facts;
  return error("ir/out-of-range", subject, `${what} must be ${needed} and is ${found}.`, {
    what,
    needed,
    found: typeof found === "number" && !Number.isFinite(found) ? String(found) : found,
  });
}

export function portModel(facts: { subject: string; population: string; model: string }): Diagnostic {
  const { subject, population, model } = facts;
  return error(
    "ir/port-model",
    subject,
    `an input port needs a population of model "input", and "${population}" is of model "${model}".`,
    {
      population,
      model,
    },
  );
}

export function shapeMismatch(facts: {
  subject: string;
  what: string;
  needed: string;
  found: string;
}): Diagnostic {
  const { subject, what, needed, found } = facts;
  return error("ir/shape-mismatch", subject, `${what} must be ${needed} and is ${found}.`, {
    what,
    needed,
    found,
  });
}

export function unknownModel(facts: {
  subject: string;
  model: string;
  known: readonly string[];
}): Diagnostic {
  const { subject, model, known } = facts;
  const near = nearestName(model, known);
  return {
    ...error("ir/unknown-model", subject, `there is no neuron model "${model}".`, { model }),
    hint: near === undefined ? `choose one of ${known.join(", ")}.` : `did you mean "${near}"?`,
  };
}

export function zeroDelayLoop(facts: { subject: string; populations: readonly string[] }): Diagnostic {
  const { subject, populations } = facts;
  const loop = [...populations, populations[0]].map((name) => `"${name}"`).join(" -> ");
  return {
    ...error(
      "ir/zero-delay-loop",
      subject,
      `the loop ${loop} has no delay, so it would need its own result.`,
      {
        populations,
      },
    ),
    hint: `give one of its projections a delay of at least 1 step.`,
  };
}

function error(
  code: string,
  subject: string,
  message: string,
  data: Readonly<Record<string, unknown>>,
): Diagnostic {
  return { code, severity: "error", message, subject, data };
}
