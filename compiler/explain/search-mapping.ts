import { DEFAULT_EFFORT } from "../compile.ts";
import { TARGETS } from "#targets/index";
import { PARTITIONERS } from "../partition/index.ts";
import { withSettings, type FoundChange, type Settings } from "./change.ts";
import type { SearchProblem } from "./search.ts";
import type { Trials } from "./trials.ts";

/** Changes that cost nothing: how cores are shared, how words are counted, how the network is cut. */
export function mappingChanges({ target, settings, findings }: SearchProblem, trials: Trials): FoundChange[] {
  if (!findings.some(({ code }) => /^(partition|place)\//.test(code))) return [];
  const { packer = target.packers[0].name, partitioner, effort = DEFAULT_EFFORT, share } = settings;
  const ways: [Settings, string][] = [];
  if (share === "never") ways.push([{ share: "when-needed" }, "let populations share cores"]);
  for (const { name } of target.packers)
    if (name !== packer) ways.push([{ packer: name }, `use the packer "${name}"`]);
  const general = generalPartitioners(target.defaults?.partitioner);
  if (general.length > 0 && partitioner === undefined && effort === "fast")
    ways.push([{ effort: "default" }, "search longer for a mapping"]);
  for (const name of general)
    if (name !== (partitioner ?? PARTITIONERS[0].name))
      ways.push([{ partitioner: name }, `cut it with the partitioner "${name}"`]);
  return ways.flatMap(([own, text]): FoundChange[] => {
    const trial = trials.run(withSettings(settings, own));
    return trial.fits ? [{ ...trial, kind: "mapping", text, settings: own }] : [];
  });
}

/** Partitioners that suit any chip; a chip that names its own needs that one. */
function generalPartitioners(ownOne: string | undefined): string[] {
  if (ownOne !== undefined) return [];
  const special = new Set(TARGETS.map(({ defaults }) => defaults?.partitioner));
  return PARTITIONERS.map(({ name }) => name).filter((name) => !special.has(name));
}

/** Rounds of "needs so many, and then a few more because ways between chips cost entries". */
const CHIP_ROUNDS = 4;

/** As many chips as it takes. */
export function moreChips({ target, settings, findings }: SearchProblem, trials: Trials): FoundChange[] {
  const max = target.mesh.maxChips.value;
  let wanted = chipsWanted(findings);
  for (let round = 0; round < CHIP_ROUNDS && wanted !== undefined && wanted <= max; round++) {
    const own: Settings = { chips: wanted };
    const trial = trials.run(withSettings(settings, own));
    if (trial.fits) return [{ ...trial, kind: "chips", text: `use ${wanted} chips`, settings: own }];
    const next = chipsWanted(trial.findings);
    wanted = next === undefined ? undefined : Math.max(next, wanted + 1);
  }
  return [];
}

/** Chips that a search found too few cores on would need; undefined if that is not what is missing. */
export function chipsWanted(findings: SearchProblem["findings"]): number | undefined {
  const wanted = findings.flatMap(({ data }) =>
    typeof data?.["chipsNeeded"] === "number" ? [data["chipsNeeded"]] : [],
  );
  return wanted.length === 0 ? undefined : Math.max(...wanted);
}
