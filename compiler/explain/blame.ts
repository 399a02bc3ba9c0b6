import type { Network } from "#ir/network";
import { layersOf } from "../edit/layers.ts";
import type { Finding } from "./change.ts";
import type { Binding } from "./binding.ts";

/** Populations that findings are about, most pressing first. */
export function blamedPopulations(findings: readonly Finding[]): string[] {
  const names = findings.flatMap(({ data }) => {
    const binding = Array.isArray(data?.["binding"]) ? (data["binding"] as readonly Binding[]) : [];
    const own = typeof data?.["population"] === "string" ? [data["population"]] : [];
    return [...own, ...binding.map(({ population }) => population)];
  });
  return [...new Set(names)];
}

/** Resources of which synapses that leave a neuron are the cause, not those that come in. */
const OUTGOING: readonly string[] = ["axonsOut", "fanOut", "destinationsOfNeuron", "destinationCores"];

/**
 * Names of the trained layers whose weights weigh on what the findings are about: those into the populations, or out of them.
 * Empty where the population is none of the model's.
 *
 * @param model as imported: relays may stand between a layer and its neurons
 */
export function blamedLayers(model: Network, findings: readonly Finding[]): string[] {
  const layers = layersOf(model);
  const names = findings.flatMap((finding) => {
    const isOutgoing = OUTGOING.includes(String(finding.data?.["resource"]));
    return blamedPopulations([finding]).flatMap((name) => {
      const population = model.populations.findIndex((candidate) => candidate.name === name);
      const reached = new Set(projectionsAt(model, population, isOutgoing ? "pre" : "post"));
      return layers.filter(({ projection }) => reached.has(projection)).map((layer) => layer.name);
    });
  });
  return [...new Set(names)];
}

/** Projections into a population (`post`) or out of it (`pre`), through relays. */
function projectionsAt({ populations, projections }: Network, start: number, end: "pre" | "post"): number[] {
  const other = end === "pre" ? "post" : "pre";
  const seen = new Set<number>();
  const open = [start];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const [index, projection] of projections.entries()) {
      if (projection[end] !== next || seen.has(index)) continue;
      seen.add(index);
      if (populations[projection[other]].model === "relay") open.push(projection[other]);
    }
  }
  return [...seen];
}
