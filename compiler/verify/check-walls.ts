import { RESOURCES, demandOf } from "#ir/block-graph";
import type { CoreProgram, Deployment, SynapseFormat } from "#ir/deployment";
import { neuronModel } from "#neurons/index";
import { coresPerChip, type Target } from "#targets/target";
import { wallsOfCore } from "#targets/walls";
import { invariant } from "#util/diagnostic";
import { checkChips } from "./check-chips.ts";
import { countNetworkWalls } from "./count-network-walls.ts";
import { coreOutOfRange, coresNotAscending, headerDiffers, overWall } from "./diagnostics.ts";
import type { Findings } from "./findings.ts";
import { WALL_COUNTERS } from "./formulas/index.ts";
import type { CountContext } from "./formulas/wall-counter.ts";

/** Whether core ids, chips, formats and every limit of a core are kept; counts all from the deployment itself. */
export function checkWalls(cores: readonly CoreProgram[], context: CountContext): void {
  const { deployment, network, target, packer, findings } = context;
  checkCoreIds(deployment, target, findings);
  checkChips(cores, context);
  const counter = WALL_COUNTERS.find(({ formula }) => formula === packer.formula);
  invariant(counter !== undefined, `there is a counter for the formula "${packer.formula}"`);
  const others = countNetworkWalls(cores, deployment, network);
  cores.forEach((core, c) => {
    counter.checkFormats(core, context);
    const { demand: own, longest } = counter.count(core, context);
    const demand = demandOf({
      neurons: core.neurons,
      axonsIn: core.axonWords.length,
      axonsOut: outputEntries(core, target),
      synapseFormats: new Set(core.formats.map(slotKey)).size,
      neuronConfigs: distinctParams(core, ["uDecay", "vDecay", "biasExponent", "refractorySteps", "vMin"]),
      thresholdConfigs: distinctParams(core, ["thresholdMantissa"]),
      ...others[c],
      ...own,
    });
    const walls = wallsOfCore(target, core.core);
    for (const resource of RESOURCES) {
      const wall = walls[resource]?.value ?? Infinity;
      const limit = resource === "synapseFormats" ? Math.min(wall, packer.maxFormats) : wall;
      if (demand[resource] > limit)
        findings.report(overWall({ core: core.core, resource, needed: demand[resource], available: limit }));
    }
    const maxWords = target.maxWordsPerAxon?.value ?? Infinity;
    if (longest > maxWords)
      findings.report(
        overWall({ core: core.core, resource: "wordsPerAxon", needed: longest, available: maxWords }),
      );
  });
}

function checkCoreIds({ cores, chips }: Deployment, target: Target, findings: Findings): void {
  const maxChips = target.mesh.maxChips.value;
  if (!(Number.isInteger(chips) && chips >= 1 && chips <= maxChips))
    findings.report(headerDiffers({ field: "chips", stated: chips, expected: `1 to ${maxChips}` }));
  const ids = chips * coresPerChip(target);
  let previous = -1;
  for (const { core } of cores) {
    if (core >= ids) findings.report(coreOutOfRange({ core, cores: ids, chips }));
    if (core <= previous) findings.report(coresNotAscending({ core, previous }));
    previous = core;
  }
}

function outputEntries(core: CoreProgram, target: Target): number {
  const perChip = coresPerChip(target);
  const chip = Math.floor(core.core / perChip);
  let entries = core.routeCore.length;
  for (const to of core.routeCore)
    if (Math.floor(to / perChip) !== chip) entries += target.mesh.chipCrossingEntries.value;
  return entries;
}

function slotKey({
  encoding,
  weightBits,
  signMode,
  weightExponent,
  indexBits,
  skipBits,
  delayBits,
}: SynapseFormat): string {
  return [encoding, weightBits, signMode, weightExponent, indexBits, skipBits, delayBits].join();
}

function distinctParams(core: CoreProgram, names: readonly string[]): number {
  const keys = new Set<string>();
  for (const { model, begin, end, params } of core.groups) {
    const specs = neuronModel(model).params;
    const arrays = names.map((name) => params[specs.findIndex((spec) => spec.name === name)]);
    for (let n = 0; n < end - begin; n++) keys.add(arrays.map((values) => values?.[n]).join());
  }
  return keys.size;
}
