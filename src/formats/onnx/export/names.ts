/** Gives every tensor of a file a name of its own; the same names in every run. */
export class Names {
  readonly #taken = new Set<string>();

  /** The wished name, or the first of `wished_2`, `wished_3` … that is free. */
  take(wished: string): string {
    let name = wished;
    for (let n = 2; this.#taken.has(name); n++) name = `${wished}_${n}`;
    this.#taken.add(name);
    return name;
  }
}
