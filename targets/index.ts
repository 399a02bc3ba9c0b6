import type { DiagnosticSink } from "#util/diagnostic";
import { unknownPacker, unknownProfile, unknownTarget } from "./diagnostics.ts";
import { loihi1 } from "./loihi1/index.ts";
import type { Packer, Profile, Target } from "./target.ts";

export { checkTarget } from "./check.ts";
export { parseTarget, targetToJson } from "./parse.ts";
export { formatQuantity, targetTable, type TableSection } from "./table.ts";
export { coreLimits, resourcesOf, shortages, wallsOfCore, type Shortage } from "./walls.ts";

/** Every target. To add one: a folder beside this file, and a line here. */
export const TARGETS: readonly Target[] = [loihi1];

/** The target of that name; otherwise reports `targets/unknown-target`. */
export function findTarget(name: string, sink: DiagnosticSink): Target | undefined {
  const found = TARGETS.find((target) => target.name === name);
  if (found === undefined) sink.report(unknownTarget({ name, known: TARGETS.map((target) => target.name) }));
  return found;
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
