// The one place where units are converted: on the way in (options) and on the way out (reports).

const SI_ENERGY = [
  ["pJ", 1],
  ["nJ", 1e3],
  ["µJ", 1e6],
  ["mJ", 1e9],
  ["J", 1e12],
] as const;
const SI_TIME = [
  ["ns", 1],
  ["µs", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
] as const;

/** Four significant digits and the unit that keeps the number between 1 and 1000: `1.236 µJ`. */
export function formatEnergyPj(energyPj: number): string {
  return scaled(energyPj, SI_ENERGY);
}

export function formatTimeNs(timeNs: number): string {
  return scaled(timeNs, SI_TIME);
}

/** Thousands apart: `1,048,576`; fractions of small numbers keep two digits. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return "–";
  const digits = Number.isInteger(count) || Math.abs(count) >= 1000 ? 0 : 2;
  return count.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A count with its noun: `1 value`, `1,024 values`; nouns whose plural is not in -s bring it along. */
export function plural(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A share of 0 to 1 as `6.4 %`. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return "–";
  return `${(100 * share).toFixed(1)} %`;
}

function scaled(value: number, units: readonly (readonly [string, number])[]): string {
  if (!Number.isFinite(value)) return "–";
  const magnitude = Math.abs(value);
  let [unit, factor] = units[0];
  for (const [name, size] of units) if (magnitude >= size) [unit, factor] = [name, size];
  const number = value / factor;
  return `${Number.isInteger(number) && magnitude < 1e4 ? number : number.toPrecision(4)} ${unit}`;
}

/** How many of the unit are a second: dividing rounds once, so `0.1ms` is exactly 1e-4. */
const PER_SECOND: Readonly<Record<string, number>> = { s: 1, ms: 1e3, us: 1e6, µs: 1e6, ns: 1e9 };

/** Seconds of `1e-4`, `0.1ms`, `100us`; undefined if the text is no positive duration. */
export function parseSeconds(text: string): number | undefined {
  const match = /^\s*([0-9.]+(?:e[+-]?[0-9]+)?)\s*(s|ms|us|µs|ns)?\s*$/i.exec(text);
  if (match === null) return undefined;
  const seconds = Number(match[1]) / PER_SECOND[(match[2] ?? "s").toLowerCase()];
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
