/** A recipe that comes with the program: what a user would write, and a word about it. */
export interface ReadyRecipe {
  readonly summary: string;
  /** Whose setting it is. */
  readonly source: string;
  /** As in a file; `name` is what it is called by. */
  readonly recipe: { readonly name: string } & Readonly<Record<string, unknown>>;
}
