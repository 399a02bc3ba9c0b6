import type { Network } from "#ir/network";
import { densityOf } from "../edit/prune.ts";
import { layersOf } from "../edit/layers.ts";
import { changeableNames } from "../edit/populations.ts";
import { channelsOf } from "../edit/select.ts";
import { blamedLayers, blamedPopulations } from "./blame.ts";
import { withSettings, type Finding, type FoundChange, type Settings } from "./change.ts";
import type { SearchProblem } from "./search.ts";
import type { Trials } from "./trials.ts";

/** What smaller or sparser networks do not run into. */
const OF_SIZE = /^(partition|place|compile)\/|^passes\/too-many-types$/;

/** Changes of the network itself, each as mild as it can be. */
export function networkChanges(problem: SearchProblem, trials: Trials): FoundChange[] {
  if (!problem.findings.some(({ code }) => OF_SIZE.test(code))) return [];
  const found = [
    ...splitting(problem, trials),
    ...fewerBits(problem, trials),
    ...pruning(problem, trials),
    ...fewerDecays(problem, trials),
    ...fewerChannels(problem, trials),
  ];
  return found.filter(({ weightErrorShare }) => weightErrorShare <= MOST_ERROR_SHARE);
}

/** What has lost more of its weights than this does something else: neurons that nothing wakes take no room. */
const MOST_ERROR_SHARE = 0.9;

const networkChange = (
  found: ReturnType<Trials["mildest"]>,
  text: string,
  settings: Settings,
): FoundChange[] => (found === undefined ? [] : [{ ...found.trial, kind: "network", text, settings }]);

function fewerBits({ target, settings }: SearchProblem, trials: Trials): FoundChange[] {
  const today = settings.weightBits ?? Math.max(...target.weights.bits);
  const values = target.weights.bits.filter((bits) => bits < today).sort((a, b) => a - b);
  const own = (weightBits: number): Settings => ({ weightBits });
  const found = trials.mildest(values, (bits) => withSettings(settings, own(bits)));
  if (found === undefined) return [];
  const { value } = found;
  return networkChange(found, `store weights in ${value} ${value === 1 ? "bit" : "bits"}`, own(value));
}

/** Layers that are tried by themselves at most; beyond, all that are to blame together and the whole network. */
const SINGLE_LAYERS = 2;

function pruning({ model, settings, findings }: SearchProblem, trials: Trials): FoundChange[] {
  const all = [...new Set(layersOf(model).map(({ name }) => name))];
  const blamed = blamedLayers(model, findings);
  const groups: string[][] = [];
  if (blamed.length > 1 && blamed.length < all.length) groups.push(blamed);
  groups.push(...blamed.slice(0, SINGLE_LAYERS).map((layer) => [layer]));
  if (all.length > 1 || blamed.length === 0) groups.push(all);
  return groups.flatMap((layers): FoundChange[] => {
    const isAll = layers.length === all.length && all.length > 1;
    const own = (densityShare: number): Settings => ({
      edits: { prune: isAll ? [{ densityShare }] : layers.map((layer) => ({ layer, densityShare })) },
    });
    const found = trials.mildest(densities(model, layers), (density) => withSettings(settings, own(density)));
    if (found === undefined) return [];
    const what = isAll ? "every layer" : layers.map((layer) => `"${layer}"`).join(", ");
    return networkChange(found, `prune ${what} to a density of ${found.value}`, own(found.value));
  });
}

/** Densities below today's, harshest first: whole percents, or thousandths of layers that are sparse already. */
function densities(model: Network, layers: readonly string[]): number[] {
  const today = Math.max(
    0,
    ...layersOf(model)
      .filter(({ name }) => layers.includes(name))
      .map(({ projection }) => densityOf(model.projections[projection].connectivity)),
  );
  const steps = today > 0.1 ? 100 : 1000;
  return Array.from({ length: Math.ceil(today * steps - 1e-9) - 1 }, (_, k) => (k + 1) / steps);
}

function fewerDecays({ settings, findings }: SearchProblem, trials: Trials): FoundChange[] {
  const levels = findings.flatMap(configsNeeded);
  if (levels.length === 0) return [];
  const values = Array.from({ length: Math.max(...levels) - 1 }, (_, k) => k + 1);
  const own = (decayLevels: number): Settings => ({ decayLevels });
  const found = trials.mildest(values, (level) => withSettings(settings, own(level)));
  if (found === undefined) return [];
  return networkChange(found, `use at most ${found.value} decays in a population`, own(found.value));
}

/** Neuron configurations that one core would need, where these are what is scarce. */
function configsNeeded({ data = {} }: Finding): number[] {
  const facts = [data, ...((data["binding"] ?? []) as readonly Readonly<Record<string, unknown>>[])];
  return facts.flatMap(({ resource, needed }) =>
    resource === "neuronConfigs" && typeof needed === "number" ? [needed] : [],
  );
}

/** Populations that lose channels at most, one at a time. */
const THINNED_POPULATIONS = 2;

function fewerChannels(problem: SearchProblem, trials: Trials): FoundChange[] {
  const { folded, settings, target } = problem;
  if (folded === undefined) return [];
  const isRounded = target.packers.some(({ formula }) => (formula as string) === "kernel-pow2");
  return changeable(problem)
    .slice(0, THINNED_POPULATIONS)
    .flatMap((population): FoundChange[] => {
      const count = channelCount(folded, population);
      const values = Array.from({ length: Math.max(0, count - 1) }, (_, k) => k + 1);
      const own = (channels: number): Settings => ({ edits: { channels: [{ population, channels }] } });
      const found = trials.mildest(values, (channels) => withSettings(settings, own(channels)));
      if (found === undefined) return [];
      const { value } = found;
      const round = isRounded && Number.isInteger(Math.log2(value)) ? ", a power of two" : "";
      return networkChange(
        found,
        `keep the ${value} strongest of the ${count} channels of "${population}"${round}`,
        own(value),
      );
    });
}

/** Where a core holds one population: it may become several, exactly. */
const PARTS = [2, 3, 4, 8] as const;

function splitting(problem: SearchProblem, trials: Trials): FoundChange[] {
  const { folded, settings, target } = problem;
  const isByLayer = target.walls.populations !== null || (target.coreClasses ?? []).length > 0;
  if (folded === undefined || !isByLayer) return [];
  return changeable(problem)
    .slice(0, 1)
    .flatMap((population): FoundChange[] => {
      const count = channelCount(folded, population);
      for (const parts of PARTS.filter((candidate) => candidate <= count)) {
        const own: Settings = { edits: { split: [{ population, parts }] } };
        const trial = trials.run(withSettings(settings, own));
        if (!trial.fits) continue;
        const text = `split "${population}" into ${parts} populations, which computes the same`;
        return [{ ...trial, kind: "chips", text, settings: own }];
      }
      return [];
    });
}

function channelCount({ populations }: Network, name: string): number {
  const population = populations.find((candidate) => candidate.name === name);
  return population === undefined ? 0 : channelsOf(population).count;
}

/** Populations to blame that may be changed, and those before them; all, largest first, where none is named. */
function changeable({ folded, findings }: SearchProblem): string[] {
  if (folded === undefined) return [];
  const free = changeableNames(folded);
  const { populations, projections } = folded;
  const blamed = blamedPopulations(findings);
  if (blamed.length === 0) return free.sort((a, b) => sizeOf(folded, b) - sizeOf(folded, a));
  const names = blamed.flatMap((name) => {
    const p = populations.findIndex((candidate) => candidate.name === name);
    const sources = projections
      .filter(({ post, pre }) => post === p && pre !== p)
      .map(({ pre }) => populations[pre].name);
    return [name, ...sources];
  });
  return [...new Set(names)].filter((name) => free.includes(name));
}

const sizeOf = ({ populations }: Network, name: string): number =>
  populations.find((population) => population.name === name)?.size ?? 0;
