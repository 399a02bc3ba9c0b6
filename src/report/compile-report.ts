import type { Resource } from "#ir/block-graph";
import type { Deployment } from "#ir/deployment";
import type { Network } from "#ir/network";
import { contentHash } from "#targets/content-hash";
import type { Target } from "#targets/target";
import { formatCount, formatShare, plural } from "#util/units";
import {
  flowOrder,
  mapSection,
  modelSection,
  sortQuantization,
  type MapFacts,
  type MapSection,
  type ModelSection,
  type QuantizationSection,
} from "./run-report.ts";
import { mapText, modelText, quantizationText } from "./run-text.ts";
import { RESOURCE_TEXT } from "./words.ts";

/** How the map was found, and how far it is from what is possible. */
export interface SearchSection {
  readonly effort: string;
  readonly objective: string;
  readonly partitioner: string;
  readonly placer: string;
  /** Cores that any map of these neurons needs, by resource, and the largest of them. */
  readonly coreBounds: readonly { readonly resource: Resource; readonly cores: number }[];
  readonly coreBound: number;
  /** Cores that the lists, words and entries of this map need, were they spread evenly. */
  readonly coresAtFoundLists: number;
  /** Axons x cores other than their own that they reach. */
  readonly connectivity: number;
  /** Spikes x links, and what no placement of these cores is below. */
  readonly hops: number;
  readonly hopsBound: number;
}

/** What `spinec compile` has to say. */
export interface CompileReport {
  readonly schema: "spinec/compile/1";
  readonly generator: string;
  readonly deploymentHash: string;
  /** What the target says of structure, in 12 hexadecimal digits. */
  readonly targetHash: string;
  readonly deploymentBytes: number;
  readonly model: ModelSection;
  readonly quantization: QuantizationSection;
  readonly map: MapSection;
  readonly search: SearchSection;
}

export function buildCompileReport(parts: {
  readonly generator: string;
  readonly deploymentHash: string;
  readonly deploymentBytes: number;
  readonly model: Network;
  readonly folded: Network;
  readonly quantization: QuantizationSection;
  readonly deployment: Deployment;
  readonly map: MapFacts;
  readonly target: Target;
  readonly search: SearchSection;
}): CompileReport {
  const { generator, deploymentHash, deploymentBytes, quantization } = parts;
  const inFlowOrder = flowOrder(parts.model);
  return {
    schema: "spinec/compile/1",
    generator,
    deploymentHash,
    targetHash: contentHash(parts.target),
    deploymentBytes,
    model: modelSection(parts.model, parts.folded),
    quantization: sortQuantization(quantization, inFlowOrder),
    map: mapSection(parts.deployment, parts.map, parts.target, inFlowOrder),
    search: parts.search,
  };
}

export function compileReportText(report: CompileReport): string[] {
  return [
    `${report.model.name} on ${report.map.target} (packer ${report.map.packer}, ${report.map.rules} arithmetic)`,
    "",
    ...modelText(report.model),
    "",
    ...quantizationText(report.quantization, 0),
    ...mapText(report.map),
    "",
    ...searchText(report),
    "",
    `deployment ${report.deploymentHash.slice(0, 16)}…  ${report.deploymentBytes} bytes  ${report.map.target} ${report.targetHash}  ${report.generator}`,
  ];
}

function searchText({ map, search }: CompileReport): string[] {
  const { coreBound, coreBounds, coresAtFoundLists, connectivity, hops, hopsBound } = search;
  const binding = coreBounds
    .filter(({ cores }) => cores === coreBound)
    .map(({ resource }) => RESOURCE_TEXT[resource]);
  const over = (found: number, bound: number): string =>
    found <= bound ? "met" : bound === 0 ? "no bound" : `${formatShare((found - bound) / bound)} over`;
  return [
    `Search: effort ${search.effort}, objective ${search.objective}, partitioner ${search.partitioner}, placer ${search.placer}`,
    `  cores         ${formatCount(map.cores)}, at least ${formatCount(coreBound)} for any map${binding.length > 0 ? ` (${binding.join(", ")})` : ""}: ${over(map.cores, coreBound)}; the lists of this one fill ${plural(coresAtFoundLists, "core")}`,
    `  connectivity  ${formatCount(connectivity)} axons that enter another core`,
    `  hops          ${formatCount(hops)} spikes x links, at least ${formatCount(hopsBound)} for these cores: ${over(hops, hopsBound)}`,
  ];
}
