import type { CoreProgram, Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { malformed } from "./diagnostics.ts";
import type { Findings } from "./findings.ts";

/** The cores whose arrays agree in length and range, so that the other checks can index without looking. */
export function wellFormedCores(deployment: Deployment, network: Network, findings: Findings): CoreProgram[] {
  return deployment.cores.filter((core) => {
    const what = contradiction(core, network);
    if (what !== undefined) findings.report(malformed({ core: core.core, what }));
    return what === undefined;
  });
}

function contradiction(core: CoreProgram, network: Network): string | undefined {
  const { neurons, groups, formats, axonStart, axonWords, target, routeStart } = core;
  const entries = target.length;
  if (![core.weight, core.format, core.delaySteps].every(({ length }) => length === entries))
    return "target, weight, format and delaySteps are not equally long";
  if (axonStart.length !== axonWords.length + 1) return "axonStart and axonWords do not match";
  if (core.axonList !== undefined && core.axonList.length !== axonWords.length)
    return "axonList and axonWords are not equally long";
  if (!isOffsets(axonStart, entries)) return "axonStart does not ascend from 0 to the number of entries";
  if (core.routeCore.length !== core.routeAxon.length) return "routeCore and routeAxon are not equally long";
  if (routeStart.length !== neurons + 1) return "routeStart and the number of compartments do not match";
  if (!isOffsets(routeStart, core.routeCore.length))
    return "routeStart does not ascend from 0 to the number of routes";
  if (target.some((compartment) => compartment >= neurons)) return "a target is no compartment of the core";
  if (core.format.some((format) => format >= formats.length))
    return "an entry has a format that is not listed";
  if (formats.some(({ projection }) => !(projection in network.projections)))
    return "a format belongs to a projection that the model does not have";
  let next = 0;
  for (const { population, begin, end, params } of groups) {
    if (!(population in network.populations))
      return "a group belongs to a population that the model does not have";
    if (begin !== next || end < begin) return "the groups do not follow one another";
    if (params.some(({ length }) => length !== end - begin))
      return "a parameter array is not as long as its group";
    next = end;
  }
  return next === neurons ? undefined : "the groups do not cover the compartments";
}

function isOffsets(offsets: Uint32Array, total: number): boolean {
  if (offsets[0] !== 0 || offsets[offsets.length - 1] !== total) return false;
  for (let i = 1; i < offsets.length; i++) if (offsets[i] < offsets[i - 1]) return false;
  return true;
}
