import type { OnProgress } from "#util/progress";
import type { FittingTrial, Settings, Trial } from "./change.ts";

/** Runs trials, each setting once and only so many in all. */
export class Trials {
  readonly #known = new Map<string, Trial>();
  readonly #attempt: (settings: Settings) => Trial;
  readonly #most: number;
  readonly #onProgress: OnProgress | undefined;

  constructor(attempt: (settings: Settings) => Trial, most: number, onProgress?: OnProgress) {
    this.#attempt = attempt;
    this.#most = most;
    this.#onProgress = onProgress;
  }

  /** Once all trials are used up, nothing fits any more. */
  run(settings: Settings): Trial {
    const key = JSON.stringify(settings);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= this.#most) return { fits: false, findings: [] };
    this.#onProgress?.("search changes", this.#known.size, this.#most);
    const trial = this.#attempt(settings);
    this.#known.set(key, trial);
    return trial;
  }

  /**
   * The mildest value with which it fits.
   *
   * @param values harshest first; what fits with one is taken to fit with all before it. Whatever is returned was tried
   */
  mildest<T>(
    values: readonly T[],
    settings: (value: T) => Settings,
  ): { readonly value: T; readonly trial: FittingTrial } | undefined {
    if (values.length === 0) return undefined;
    let best = this.run(settings(values[0]));
    if (!best.fits) return undefined;
    let low = 0;
    let high = values.length;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      const trial = this.run(settings(values[middle]));
      if (trial.fits) [low, best] = [middle, trial];
      else high = middle;
    }
    return { value: values[low], trial: best };
  }
}
