import { DEEP_RECIPES } from "./deep-recipes.ts";
import type { ReadyRecipe } from "./ready-recipe.ts";
import { SMALL_RECIPES } from "./small-recipes.ts";

export type { ReadyRecipe } from "./ready-recipe.ts";

/** Every recipe that comes with the program. To add one: an object in one of the two lists. */
export const RECIPES: readonly ReadyRecipe[] = [...SMALL_RECIPES, ...DEEP_RECIPES];
