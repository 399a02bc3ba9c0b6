import { energyPj, powerMw, spreadOf } from "#targets/quantity";
import {
  EVIDENCE,
  type Evidence,
  type PricedAction,
  type Profile,
  type Quantity,
  type Target,
} from "#targets/target";
import { addBands, bandOf, bandOfSum, type BandOfSum, type EnergyBand } from "./energy-bands.ts";
import { ACTIONS, COLUMN, type RunResult } from "./result.ts";

export type { EnergyBand } from "./energy-bands.ts";

/** Lines of the energy table, and the actions that each adds up. */
export const ENERGY_GROUPS = {
  synapse: ["synapseDense", "synapseSparse", "synapseRunLength", "synapseConv", "synapseWordRead"],
  neuron: ["neuronAccess", "neuronUpdate"],
  spike: ["spikeOut"],
  message: ["messageOut", "messageIn"],
  hop: ["hopTile", "hopEastWest", "hopNorthSouth", "hopChip", "hopEast", "hopWest", "hopNorth", "hopSouth"],
  input: ["inputMessage"],
  inputNeuron: ["inputAccess", "inputUpdate", "inputSpike"],
} as const satisfies Readonly<Record<string, readonly PricedAction[]>>;
export type EnergyGroup = keyof typeof ENERGY_GROUPS;

/** Actions that are synaptic operations: entries of synapse lists that messages met, zeros included. */
export const SYNAPTIC_OPERATIONS = [
  "synapseDense",
  "synapseSparse",
  "synapseRunLength",
  "synapseConv",
] as const satisfies readonly PricedAction[];

/** What a run cost, and how well that is known. All energies are of the whole run unless they say otherwise. */
export interface EnergyBreakdown {
  readonly target: string;
  readonly profile: string;
  readonly samples: number;
  /** Priced actions that happened, in the order of `ACTIONS`. */
  readonly terms: readonly EnergyTerm[];
  readonly byGroupPj: Readonly<Record<EnergyGroup, number>>;
  /** Sum of `terms`. */
  readonly dynamicPj: number;
  readonly dynamicPjPerSample: number;
  /** `dynamicPj` for each synaptic operation; NaN where there was none. */
  readonly dynamicPjPerSynapticOperation: number;
  /**
   * Of `dynamicPj`. The profile's published error, where it is part of the band, is an average over the cases of its
   * authors and not a guarantee.
   */
  readonly dynamicBand: BandOfSum;
  /** Of `totalPj`. */
  readonly totalBand: EnergyBand;
  /** Idle power times chip time: a line of its own, never part of `dynamicPj`. */
  readonly static: StaticEnergy;
  /** Dynamic and static; NaN where the static part is unknown (no power, or no chip time). */
  readonly totalPj: number;
  readonly totalPjPerSample: number;
  /** Shares of `dynamicPj` that rest on each kind of evidence; they sum to 1, or are all 0 where there is no energy. */
  readonly evidenceShare: Readonly<Record<Evidence, number>>;
  /** The same of `totalPj`; NaN where that is. */
  readonly evidenceShareWithStatic: Readonly<Record<Evidence, number>>;
  /** Weakest evidence among the terms that cost anything; absent where none does. */
  readonly weakestEvidence?: Evidence;
  /**
   * How `dynamicPj` is to be read: as an estimate, as "at least" or "at most" because a term of it is a one-sided
   * bound, or as neither because there are bounds of both kinds. Unpriced actions are a matter apart.
   */
  readonly bound: "estimate" | "min" | "max" | "mixed";
  /** Actions that happened and have no price: missing from every sum above. */
  readonly unpriced: readonly { readonly action: PricedAction; readonly count: number }[];
  /** Actions that happened and whose cost another price contains. */
  readonly inside: readonly {
    readonly action: PricedAction;
    readonly count: number;
    readonly where: string;
  }[];
}

export interface EnergyTerm {
  readonly action: PricedAction;
  readonly count: number;
  readonly price: Quantity;
  readonly energyPj: number;
  /** From the evidence of the price alone. */
  readonly band: EnergyBand;
}

export interface StaticEnergy {
  readonly chips: number;
  readonly cores: number;
  /** All samples and steps; NaN where the profile has no times. */
  readonly timeNs: number;
  /** Whole chips that are on; NaN without power or time. The one in the totals. */
  readonly chipPj: number;
  readonly chip: Quantity | null;
  readonly chipBand: EnergyBand;
  /** Only the cores in use: what is left to pay if the rest of the chip is put to other work. */
  readonly corePj: number;
  readonly core: Quantity | null;
}

/** Prices a run. The simulator counts; only this file multiplies by energy. */
export function priceRun(run: RunResult, profile: Profile, target: Target): EnergyBreakdown {
  const terms: EnergyTerm[] = [];
  const unpriced: { action: PricedAction; count: number }[] = [];
  const inside: { action: PricedAction; count: number; where: string }[] = [];
  ACTIONS.forEach((action, column) => {
    const count = columnSum(run.counts, column);
    if (count === 0) return;
    const price = profile.energy[action];
    const where = profile.inside?.[action];
    if (price !== null) {
      const pj = count * energyPj(price);
      terms.push({ action, count, price, energyPj: pj, band: bandOf(pj, spreadOf(price)) });
    } else if (where !== undefined) inside.push({ action, count, where });
    else unpriced.push({ action, count });
  });

  const dynamicPj = sum(terms.map((term) => term.energyPj));
  const fixed = staticEnergy(run, profile);
  const totalPj = dynamicPj + fixed.chipPj;
  const dynamicBand = bandOfSum(terms, profile);
  const operations = sum(SYNAPTIC_OPERATIONS.map((action) => columnSum(run.counts, COLUMN[action])));
  const paid = terms.map(({ energyPj, price }) => ({ energyPj, evidence: price.evidence }));
  const paidStatic = fixed.chip === null ? [] : [{ energyPj: fixed.chipPj, evidence: fixed.chip.evidence }];
  const weakest = EVIDENCE.findLast((kind) => paid.some((p) => p.energyPj !== 0 && p.evidence === kind));
  return {
    target: target.name,
    profile: profile.name,
    samples: run.samples,
    terms,
    byGroupPj: groupTotals(terms),
    dynamicPj,
    dynamicPjPerSample: dynamicPj / run.samples,
    dynamicPjPerSynapticOperation: operations === 0 ? NaN : dynamicPj / operations,
    dynamicBand,
    totalBand: addBands(dynamicBand.band, fixed.chipBand),
    static: fixed,
    totalPj,
    totalPjPerSample: totalPj / run.samples,
    evidenceShare: shares(paid, dynamicPj),
    evidenceShareWithStatic: shares([...paid, ...paidStatic], totalPj),
    ...(weakest === undefined ? {} : { weakestEvidence: weakest }),
    bound: boundOf(terms),
    unpriced,
    inside,
  };
}

function columnSum(counts: Float64Array, column: number): number {
  let total = 0;
  for (let i = column; i < counts.length; i += ACTIONS.length) total += counts[i];
  return total;
}

function groupTotals(terms: readonly EnergyTerm[]): Record<EnergyGroup, number> {
  const totals = {} as Record<EnergyGroup, number>;
  for (const group of Object.keys(ENERGY_GROUPS) as EnergyGroup[]) {
    const actions: readonly PricedAction[] = ENERGY_GROUPS[group];
    totals[group] = sum(terms.filter((term) => actions.includes(term.action)).map((term) => term.energyPj));
  }
  return totals;
}

function staticEnergy(run: RunResult, profile: Profile): StaticEnergy {
  const { chip, core } = profile.staticPower;
  const timeNs = run.stepNs.reduce((total, ns) => total + ns, 0);
  const energyOf = (power: Quantity | null, devices: number): number =>
    power === null ? NaN : powerMw(power) * devices * timeNs;
  const chipPj = energyOf(chip, run.chipsOn);
  return {
    chips: run.chipsOn,
    cores: run.coreIds.length,
    timeNs,
    chipPj,
    chip,
    chipBand: bandOf(chipPj, chip === null ? { low: null, high: null } : spreadOf(chip)),
    corePj: energyOf(core, run.coreIds.length),
    core,
  };
}

function shares(
  parts: readonly { readonly energyPj: number; readonly evidence: Evidence }[],
  totalPj: number,
): Record<Evidence, number> {
  const byEvidence = {} as Record<Evidence, number>;
  for (const kind of EVIDENCE) {
    const part = sum(parts.filter((p) => p.evidence === kind).map((p) => p.energyPj));
    byEvidence[kind] = totalPj === 0 ? 0 : part / totalPj;
  }
  return byEvidence;
}

function boundOf(terms: readonly EnergyTerm[]): EnergyBreakdown["bound"] {
  const bounds = new Set(terms.filter((term) => term.energyPj !== 0).map((term) => term.price.bound));
  if (bounds.has("min") && bounds.has("max")) return "mixed";
  if (bounds.has("min")) return "min";
  return bounds.has("max") ? "max" : "estimate";
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
