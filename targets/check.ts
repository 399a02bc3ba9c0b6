import { RESOURCES, type Resource } from "#ir/block-graph";
import type { Diagnostic } from "#util/diagnostic";
import { checkPacker } from "./check-packer.ts";
import { checkProfile, placesOfProfile } from "./check-profile.ts";
import { checkQuantity, type Place } from "./check-quantity.ts";
import { coreClassFault, duplicateName, unknownDefaultProfile, wrongNumber } from "./diagnostics.ts";
import type { ProfileFile } from "./schema.ts";
import { NOC_OPTIONS, coresPerChip, type Quantity, type Target, type Unit, type Walls } from "./target.ts";
import { TIME_UNITS } from "./quantity.ts";

/** Far above any chip; more would only be a slip of the pen, and memory. */
const MOST_CORES = 2 ** 22;
const MOST_WEIGHT_BITS = 32;
/** What deployments hold: weights in 16 bits, delays in 8. */
const MOST_WEIGHT = 2 ** 15 - 1;
const MOST_DELAY = 2 ** 8 - 1;
const MOST_EXPONENT = 64;

/** The rules that no type can state. Empty: the target may be used. */
export function checkTarget(target: Target): Diagnostic[] {
  return [
    ...placesOf(target).flatMap((place) => checkQuantity(place, target.sources)),
    ...checkMesh(target),
    ...checkWeights(target),
    ...checkModels(target),
    ...checkClasses(target),
    ...checkNames("packer", "/packers", target.packers),
    ...checkNames("profile", "/profiles", target.profiles),
    ...target.packers.flatMap((packer, i) => checkPacker(packer, `/packers/${i}`, target)),
    ...target.profiles.flatMap((profile, i) => checkProfile(profile, `/profiles/${i}`, target.name)),
    ...checkDefaults(target),
  ];
}

/** The same for a profile in a file of its own, which may belong to any target unless one is given. */
export function checkProfileFile({ profile, sources }: ProfileFile, target?: Target): Diagnostic[] {
  return [
    ...placesOfProfile(profile, "/profile").flatMap((place) => checkQuantity(place, sources)),
    ...checkProfile(profile, "/profile", target?.name ?? profile.target),
  ];
}

function placesOf(target: Target): Place[] {
  const places: Place[] = [];
  const add = (path: string, quantity: Quantity | null, units: readonly Unit[], isWall = false): void => {
    if (quantity !== null) places.push({ path, quantity, units, isWall, needsScope: false });
  };
  const addWalls = (at: string, walls: Readonly<Partial<Walls>>): void => {
    for (const resource of RESOURCES)
      add(`${at}/${resource}`, walls[resource] ?? null, unitsOf(resource), true);
  };
  const { mesh, noc, chipMemory, die } = target;
  add("/mesh/maxChips", mesh.maxChips, ["count"], true);
  add("/mesh/chipCrossingEntries", mesh.chipCrossingEntries, ["count"]);
  add("/die/area", die?.area ?? null, ["mm2"]);
  add("/die/clock", die?.clock ?? null, ["MHz"]);
  add("/die/memory", die?.memory ?? null, ["B"], true);
  add("/noc/bufferMessages", noc?.bufferMessages ?? null, ["count"], true);
  for (const field of NOC_OPTIONS) {
    const isTime = field.endsWith("Ns");
    const isCycles = field.endsWith("Cycles");
    add(`/noc/${field}`, noc?.[field] ?? null, isTime ? TIME_UNITS : ["count"], !isTime && !isCycles);
  }
  add("/chipMemory/words", chipMemory?.words ?? null, ["word"], true);
  add("/chipMemory/routes", chipMemory?.routes ?? null, ["count"], true);
  addWalls("/walls", target.walls);
  addWalls("/budgets", target.budgets ?? {});
  target.coreClasses?.forEach(({ walls }, i) => {
    addWalls(`/coreClasses/${i}/walls`, walls);
  });
  add("/maxWordsPerAxon", target.maxWordsPerAxon, ["word"], true);
  add("/maxDelaySteps", target.maxDelaySteps, ["count"], true);
  target.packers.forEach((packer, i) => {
    if (packer.formula === "entry-list")
      add(`/packers/${i}/sharing/maxBase`, packer.sharing?.maxBase ?? null, ["count"]);
    if (packer.formula === "packed-kernel")
      add(`/packers/${i}/lists/sharing/maxBase`, packer.lists.sharing?.maxBase ?? null, ["count"]);
  });
  target.profiles.forEach((profile, i) => places.push(...placesOfProfile(profile, `/profiles/${i}`)));
  return places;
}

function unitsOf(resource: Resource): readonly Unit[] {
  return resource.endsWith("Words") ? ["word"] : ["count"];
}

function checkMesh(target: Target): Diagnostic[] {
  const { mesh, wordBits } = target;
  const found: Diagnostic[] = [];
  for (const key of ["columns", "rows", "coresPerTile"] as const) {
    if (mesh[key] < 1)
      found.push(wrongNumber({ path: `/mesh/${key}`, value: mesh[key], expected: "1 or more" }));
  }
  const cores = coresPerChip(target);
  if (cores > MOST_CORES)
    found.push(
      wrongNumber({ path: "/mesh", value: cores, expected: `${MOST_CORES} cores or fewer on a chip` }),
    );
  if (wordBits < 1) found.push(wrongNumber({ path: "/wordBits", value: wordBits, expected: "1 or more" }));
  return found;
}

/** Numbers that would be arrays of no size, or of any. */
function checkWeights({ weights, maxDelaySteps }: Target): Diagnostic[] {
  const { bits, maxMagnitude, minMixed, exponentMin, exponentMax, inputShift, mixedStep = 1 } = weights;
  const found: Diagnostic[] = [];
  const expect = (field: string, value: number, least: number, most: number): void => {
    if (value < least || value > most)
      found.push(wrongNumber({ path: `/weights/${field}`, value, expected: `${least} to ${most}` }));
  };
  if (bits.length === 0)
    found.push(wrongNumber({ path: "/weights/bits", value: 0, expected: "one width or more" }));
  bits.forEach((width, i) => {
    expect(`bits/${i}`, width, i === 0 ? 1 : Math.min(bits[i - 1] + 1, MOST_WEIGHT_BITS), MOST_WEIGHT_BITS);
  });
  expect("maxMagnitude", maxMagnitude, 1, MOST_WEIGHT);
  expect("minMixed", minMixed, -MOST_WEIGHT - 1, 0);
  expect("exponentMin", exponentMin, -MOST_EXPONENT, MOST_EXPONENT);
  expect(
    "exponentMax",
    exponentMax,
    Math.max(-MOST_EXPONENT, Math.min(exponentMin, MOST_EXPONENT)),
    MOST_EXPONENT,
  );
  expect("inputShift", inputShift, 0, MOST_WEIGHT_BITS - 1);
  if (maxDelaySteps.value > MOST_DELAY)
    found.push(
      wrongNumber({
        path: "/maxDelaySteps/value",
        value: maxDelaySteps.value,
        expected: `${MOST_DELAY} or less`,
      }),
    );
  expect("mixedStep", mixedStep, 1, Math.max(1, maxMagnitude));
  return found;
}

/** What a network is matched with has at least one entry. */
function checkModels({ neuronModels, resetModes, neuron }: Target): Diagnostic[] {
  const lists: readonly (readonly [string, readonly unknown[] | undefined])[] = [
    ["/neuronModels", neuronModels],
    ["/resetModes", resetModes],
    ["/neuron/leaks", neuron.model === "digital-lif" ? neuron.leaks : undefined],
    [
      "/neuron/synapticCurrent/leaks",
      neuron.model === "digital-lif" ? neuron.synapticCurrent?.leaks : undefined,
    ],
  ];
  return lists.flatMap(([path, list]) =>
    list?.length === 0 ? [wrongNumber({ path, value: 0, expected: "one entry or more" })] : [],
  );
}

/** Every core is of one class at most, and on the chip. */
function checkClasses(target: Target): Diagnostic[] {
  const { coreClasses = [] } = target;
  const cores = coresPerChip(target);
  const owner = new Map<number, string>();
  const found = checkNames("core class", "/coreClasses", coreClasses);
  coreClasses.forEach((own, i) => {
    const wrong = (problem: string): void => {
      found.push(coreClassFault({ path: `/coreClasses/${i}/cores`, name: own.name, problem }));
    };
    if (own.cores.length === 0) wrong("has no cores");
    for (const core of own.cores) {
      if (core >= cores) wrong(`has core ${core}, but a chip has cores 0 to ${cores - 1}`);
      const other = owner.get(core);
      if (other !== undefined) wrong(`has core ${core}, which is of "${other}"`);
      owner.set(core, own.name);
    }
  });
  return found;
}

function checkNames(kind: string, path: string, items: readonly { readonly name: string }[]): Diagnostic[] {
  return items.flatMap(({ name }, i) =>
    items.findIndex((item) => item.name === name) < i
      ? [duplicateName({ path: `${path}/${i}/name`, kind, name })]
      : [],
  );
}

function checkDefaults(target: Target): Diagnostic[] {
  const known = target.profiles.map((profile) => profile.name);
  const found: Diagnostic[] = [];
  if (!known.includes(target.defaultProfile)) {
    found.push(unknownDefaultProfile({ name: target.defaultProfile, known }));
  }
  if (target.packers.length === 0) {
    found.push(wrongNumber({ path: "/packers", value: 0, expected: "one packer or more" }));
  }
  return found;
}
