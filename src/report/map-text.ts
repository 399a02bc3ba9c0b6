import { formatCount, formatEnergyPj, formatShare, formatTimeNs, plural } from "#util/units";
import { coresAtLeast, type MapReport, type StepTimeSection } from "./map-report.ts";
import { keyValueLines, textTable } from "./text-table.ts";
import { RESOURCE_TEXT } from "./words.ts";

export function mapReportText(report: MapReport): string[] {
  const { name, graph, core, partition, placement, stages } = report;
  const seconds = stages.reduce((sum, stage) => sum + stage.cpuSeconds, 0);
  return [
    `${name}: ${plural(graph.neurons, "neuron")}, ${plural(graph.synapses, "synapse")}, ${plural(graph.axons, "axon")}, on cores like ${core.name}`,
    ...(report.stopped ? ["Stopped: this is the best legal map until then."] : []),
    "",
    partition.from === "file"
      ? "Partition: from a file"
      : `Partition: effort ${report.effort}, seed ${report.seed}`,
    ...partitionText(report),
    "",
    "Walls:",
    ...wallsText(report),
    "",
    placement.from === "file" ? "Placement: from a file" : `Placement: for ${placement.objective}`,
    ...placementText(report),
    ...(report.stepTime === undefined ? [] : ["", ...stepTimeText(report.stepTime)]),
    ...(stages.length === 0 ? [] : ["", `Time: ${seconds.toFixed(2)} s of CPU time`, ...stagesText(report)]),
  ];
}

function partitionText({ partition, bounds, graph }: MapReport): string[] {
  const least = coresAtLeast(bounds);
  const found = bounds.cores.filter(({ always, cores }) => !always && cores > (least?.cores ?? 0));
  const names = (list: readonly MapReport["bounds"]["cores"][number][]): string =>
    list.map((bound) => `${formatCount(bound.cores)} for ${RESOURCE_TEXT[bound.resource]}`).join(", ");
  return keyValueLines([
    ["cores", formatCount(partition.cores)],
    ...(least === undefined
      ? []
      : [["at least", `${names([least])}: ${gapText(partition.cores, least.cores)}`] as const]),
    ...(found.length === 0
      ? []
      : [
          [
            "at this connectivity",
            `${names(found)}: ${gapText(partition.cores, Math.max(...found.map((b) => b.cores)))}`,
          ] as const,
        ]),
    ["connectivity", formatCount(partition.connectivity)],
    [
      "cut spikes",
      `${formatCount(Math.round(partition.cutSpikes))}  (${(graph.spikes === 0 ? 0 : partition.cutSpikes / graph.spikes).toFixed(2)} other cores for each spike)`,
    ],
    ["synaptic reuse", `${partition.synapticReuse.toFixed(2)} synapses for each list`],
  ]);
}

function wallsText({ walls }: MapReport): string[] {
  const share = (value: number, limit: number | null): string =>
    limit === null ? "–" : formatShare(value / limit);
  const table = textTable(
    [
      { heading: "resource" },
      { heading: "limit", align: "right" },
      { heading: "mean", align: "right" },
      { heading: "share", align: "right" },
      { heading: "worst", align: "right" },
      { heading: "share", align: "right" },
      { heading: "on core", align: "right" },
      { heading: "cores over", align: "right" },
    ],
    walls.map(({ resource, limit, mean, worst, worstCore, over }) => [
      RESOURCE_TEXT[resource],
      limit === null ? "none" : formatCount(limit),
      formatCount(Math.round(mean)),
      share(mean, limit),
      formatCount(worst),
      share(worst, limit),
      String(worstCore),
      formatCount(over),
    ]),
  );
  return table.map((line) => `  ${line}`);
}

function placementText({ placement, bounds, tables }: MapReport): string[] {
  const cost = (value: number, bound: number): string =>
    `${formatCount(Math.round(value))}  (at least ${formatCount(Math.round(bound))}: ${gapText(value, bound)})`;
  return keyValueLines([
    ["mesh", `${placement.columns} × ${placement.rows}`],
    ["hops, a message to each core", cost(placement.unicastHops, bounds.unicastHops)],
    ["hops, XY trees", cost(placement.treeHops, bounds.treeHops)],
    ["mean hops of a message", placement.meanHops.toFixed(2)],
    ["busiest link", cost(placement.busiestLink, bounds.busiestLink)],
    ["busiest link, XY trees", formatCount(Math.round(placement.busiestTreeLink))],
    ["mean of the links in use", formatCount(Math.round(placement.meanLink))],
    ...(placement.energyPj === undefined || bounds.energyPj === undefined
      ? []
      : ([
          [
            "energy of the links",
            `${formatEnergyPj(placement.energyPj)}  (at least ${formatEnergyPj(bounds.energyPj)}: ${gapText(placement.energyPj, bounds.energyPj)})`,
          ],
        ] as const)),
    ...(tables === undefined
      ? []
      : ([
          [
            "entries of multicast tables",
            `${formatCount(tables.entries)}  (${formatCount(tables.unmerged)} before merging)`,
          ],
          ["entries of the fullest router", formatCount(tables.fullest)],
        ] as const)),
  ]);
}

function stepTimeText(time: StepTimeSection): string[] {
  const { target, profile, law, rateSteps, stepNs, beforeNs, boundNs, boundCores } = time;
  const steps = rateSteps === 1 ? "rates are spikes per step" : `rates of ${plural(rateSteps, "step")}`;
  return [
    `Step time: predicted for ${target}, profile ${profile}, law ${law}, ${steps}`,
    ...keyValueLines([
      ["mean step", formatTimeNs(stepNs)],
      ...(beforeNs === undefined
        ? []
        : [
            ["before balancing", `${formatTimeNs(beforeNs)}  (${(beforeNs / stepNs).toFixed(2)} ×)`] as const,
          ]),
      ["decided by", time.core === undefined ? time.phase : `${time.phase} of core ${time.core}`],
      ["work spread evenly", `${formatTimeNs(time.evenNs)}  (${gapText(stepNs, time.evenNs)})`],
      [
        "at least",
        `${formatTimeNs(boundNs)} on ${plural(boundCores, "core")}  (${gapText(stepNs, boundNs)})`,
      ],
      ["barrier", formatTimeNs(time.barrierNs)],
      ...(time.busiestLinkNs === undefined
        ? []
        : [["busiest link", formatTimeNs(time.busiestLinkNs)] as const]),
      ...(time.untimed.length === 0 ? [] : [["without a time", time.untimed.join(", ")] as const]),
    ]),
  ];
}

function stagesText({ stages }: MapReport): string[] {
  const count = (value: number | undefined): string =>
    value === undefined ? "" : formatCount(Math.round(value));
  const table = textTable(
    [
      { heading: "stage" },
      { heading: "CPU s", align: "right" },
      { heading: "cores", align: "right" },
      { heading: "cut spikes", align: "right" },
      { heading: "hops", align: "right" },
    ],
    stages.map(({ stage, cpuSeconds, cores, cutSpikes, hops }) => [
      stage,
      cpuSeconds.toFixed(2),
      count(cores),
      count(cutSpikes),
      count(hops),
    ]),
  );
  return table.map((line) => `  ${line}`);
}

/** How far a value is from what it cannot be below. */
function gapText(value: number, bound: number): string {
  if (value === bound) return "reached";
  return bound === 0 ? "–" : `${(value / bound).toFixed(2)} ×`;
}
