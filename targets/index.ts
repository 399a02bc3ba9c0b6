import type { DiagnosticSink } from "#util/diagnostic";
import { akida } from "./akida/index.ts";
import { darwin3 } from "./darwin3/index.ts";
import { noParameters, unknownPacker, unknownProfile, unknownTarget } from "./diagnostics.ts";
import { defaultOf, memberOf, type TargetFamily } from "./family.ts";
import { genericCrossbar } from "./generic-crossbar/index.ts";
import { genericDigital45nm } from "./generic-digital-45nm/index.ts";
import { genericEntrylist } from "./generic-entrylist/index.ts";
import { loihi1 } from "./loihi1/index.ts";
import { loihi2, loihi2Netx } from "./loihi2/index.ts";
import { odin } from "./odin/index.ts";
import { speck2 } from "./speck2/index.ts";
import { spinnaker1 } from "./spinnaker1/index.ts";
import { spinnaker2 } from "./spinnaker2/index.ts";
import type { Packer, Profile, Target } from "./target.ts";
import { truenorth } from "./truenorth/index.ts";
import { xyloAudio2 } from "./xylo-audio2/index.ts";
import { xyloAudio3 } from "./xylo-audio3/index.ts";
import { xyloImu } from "./xylo-imu/index.ts";
import { tianjic } from "./tianjic/index.ts";

export { checkTarget } from "./check.ts";
export { contentHash } from "./content-hash.ts";
export { targetDifferences, type TargetDifference } from "./diff.ts";
export { targetNames, type FamilyParameter, type TargetFamily } from "./family.ts";
export {
  parseProfile,
  parseTarget,
  parseTargetOrProfile,
  profileToJson,
  targetToJson,
  type ParsedFile,
} from "./parse.ts";
export { formatQuantity, targetTable, type TableSection } from "./table.ts";
export { coreLimits, resourcesOf, shortages, wallsOfCore, type Shortage } from "./walls.ts";

/** Targets with parameters: `NAME:key=value,...`. To add one: a folder beside this file, and a line here. */
export const FAMILIES: readonly TargetFamily[] = [genericDigital45nm, genericEntrylist, genericCrossbar];

/** Every target. To add one: a folder beside this file, and a line here. */
export const TARGETS: readonly Target[] = [
  loihi1,
  loihi2,
  loihi2Netx,
  speck2,
  spinnaker1,
  spinnaker2,
  darwin3,
  truenorth,
  odin,
  xyloAudio2,
  xyloAudio3,
  xyloImu,
  tianjic,
  akida,
  ...FAMILIES.map((family) => defaultOf(family)),
];

/**
 * The target of that name, or of `NAME:key=value,...` one with these parameters: its name then says which they are, so that it
 * is found again. Otherwise reports `targets/unknown-target`, or what is wrong with the parameters.
 */
export function findTarget(name: string, sink: DiagnosticSink): Target | undefined {
  const colon = name.indexOf(":");
  const base = colon < 0 ? name : name.slice(0, colon);
  const found = TARGETS.find((target) => target.name === base);
  if (found === undefined) {
    sink.report(unknownTarget({ name: base, known: TARGETS.map((target) => target.name) }));
    return undefined;
  }
  if (colon < 0) return found;
  const family = FAMILIES.find((entry) => entry.name === base);
  if (family !== undefined) return memberOf(family, name.slice(colon + 1), sink);
  sink.report(noParameters({ name, family: base, families: FAMILIES.map((entry) => entry.name) }));
  return undefined;
}

/** The target's profile of that name, by default its default one; otherwise reports `targets/unknown-profile`. */
export function findProfile(
  target: Target,
  name: string | undefined,
  sink: DiagnosticSink,
): Profile | undefined {
  const wanted = name ?? target.defaultProfile;
  const found = target.profiles.find((profile) => profile.name === wanted);
  if (found === undefined) {
    const known = target.profiles.map((profile) => profile.name);
    sink.report(unknownProfile({ name: wanted, target: target.name, known }));
  }
  return found;
}

/** The target's packer of that name, by default its first; otherwise reports `targets/unknown-packer`. */
export function findPacker(
  target: Target,
  name: string | undefined,
  sink: DiagnosticSink,
): Packer | undefined {
  if (name === undefined) return target.packers[0];
  const found = target.packers.find((packer) => packer.name === name);
  if (found === undefined) {
    const known = target.packers.map((packer) => packer.name);
    sink.report(unknownPacker({ name, target: target.name, known }));
  }
  return found;
}
