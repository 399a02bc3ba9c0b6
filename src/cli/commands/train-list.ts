import { RECIPES, recipeNotFound, recipeSummaries, textTable } from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { formatCount } from "#util/units";
import type { CommandResult } from "../session.ts";
import { hasData } from "./train-data.ts";

/** `--list`: the ready recipes, and whether their data are in the folder. */
export function listRecipes(folder: string): CommandResult {
  const recipes = recipeSummaries().map((recipe) => ({
    ...recipe,
    dataIsHere: hasData(recipe.data, folder),
  }));
  const rows = recipes.map((recipe) => [
    recipe.name,
    recipe.network,
    formatCount(recipe.weights),
    recipe.method,
    recipe.data,
    recipe.dataIsHere ? "yes" : "no",
    recipe.summary,
  ]);
  return {
    text: [
      ...textTable(
        [
          { heading: "recipe" },
          { heading: "network" },
          { heading: "weights", align: "right" },
          { heading: "method" },
          { heading: "data" },
          { heading: "here" },
          { heading: "what it is" },
        ],
        rows,
      ),
      "",
      `Data are looked for in "${folder}" (--data DIR, or the variable SPINEC_DATA).`,
      "spinec train --show NAME > mine.json gives a file to edit, for spinec train mine.json.",
    ],
    json: { schema: "spinec/recipes/1", recipes },
  };
}

/** `--show`: one of them as a file. Throws `ToolchainError` with `train/recipe-not-found`. */
export function showRecipe(name: string): CommandResult {
  const { recipe } = readyRecipe(name);
  return { text: [JSON.stringify(recipe, null, 2)], json: { schema: "spinec/ready-recipe/1", recipe } };
}

export function readyRecipe(name: string): (typeof RECIPES)[number] {
  const found = RECIPES.find(({ recipe }) => recipe.name === name);
  if (found !== undefined) return found;
  throw new ToolchainError([recipeNotFound({ name, known: RECIPES.map(({ recipe }) => recipe.name) })]);
}
