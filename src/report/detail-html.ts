import { BOUNDS } from "#simulator/bottleneck-retime";
import { formatCount, formatEnergyPj, formatShare, formatTimeNs } from "#util/units";
import { warningTexts } from "./detail-text.ts";
import type { RunReport } from "./sections.ts";
import { barChart, escapeHtml, stackedBars, type Bar } from "./svg.ts";
import { CHIPS_DRAWN, meshMap } from "./svg-mesh.ts";

// Pictures of what each part of the chip cost and waited for; empty where the report does not say.

export function warningHtml(report: RunReport): string {
  const lines = warningTexts(report);
  return lines.length === 0 ? "" : `<pre>${escapeHtml(lines.slice(1).join("\n"))}</pre>`;
}

export function layerEnergyChart({ attribution }: RunReport): string {
  if (attribution === undefined) return "";
  return barChart(
    "Dynamic energy of every population",
    attribution.populations.map(({ name, dynamicPj, share }) => ({
      label: name,
      value: dynamicPj,
      text: `${formatEnergyPj(dynamicPj)} · ${formatShare(share)}`,
    })),
  );
}

export function attributionMaps({ attribution, map }: RunReport): string {
  if (attribution === undefined) return "";
  const { cores, links } = attribution;
  const dearestPj = Math.max(...cores.map(({ dynamicPj }) => dynamicPj), Number.MIN_VALUE);
  const busiest = Math.max(...links.map(({ messages }) => messages), Number.MIN_VALUE);
  const chips = [...new Set([...cores, ...links].map(({ chip }) => chip))].toSorted((a, b) => a - b);
  const pictures = chips.slice(0, CHIPS_DRAWN).map((chip) => {
    const picture = meshMap(
      `Chip ${chip}: energy of every core, load of every link`,
      map.mesh,
      cores
        .filter((core) => core.chip === chip)
        .map(({ core, x, y, dynamicPj, synapticOperations }) => ({
          x,
          y,
          place: core % map.mesh.coresPerTile,
          share: dynamicPj / dearestPj,
          tooltip: `core ${core}: ${formatEnergyPj(dynamicPj)}, ${formatCount(synapticOperations)} synaptic operations`,
        })),
      links
        .filter((link) => link.chip === chip)
        .map(({ x, y, direction, messages, dynamicPj }) => ({
          x,
          y,
          direction,
          share: messages / busiest,
          tooltip: `(${x}, ${y}) ${direction}: ${formatCount(messages)} messages${dynamicPj === null ? "" : `, ${formatEnergyPj(dynamicPj)}`}`,
        })),
    );
    return `<figure>${picture}<figcaption>chip ${chip}: squares are cores, full colour at ${formatEnergyPj(dearestPj)}; arrows are links, full colour at ${formatCount(busiest < 1e-9 ? 0 : busiest)} messages; north is up</figcaption></figure>`;
  });
  if (chips.length > CHIPS_DRAWN)
    pictures.push(`<p class="dim">and ${formatCount(chips.length - CHIPS_DRAWN)} more chips</p>`);
  return pictures.join("");
}

export function bottleneckChart({ bottleneck, time }: RunReport): string {
  if (bottleneck === undefined) return "";
  const { law, meanStepNs, bounds, populations } = bottleneck;
  const bars: Bar[] = [
    { label: "as it is", value: meanStepNs, tone: 1, text: formatTimeNs(meanStepNs) },
    ...bounds.map(({ bound, stepShare, liftedStepNs }) => ({
      label: `without ${bound}`,
      value: liftedStepNs,
      text: `${formatTimeNs(liftedStepNs)} · ${bound} binds ${formatShare(stepShare)} of the steps`,
    })),
  ];
  const layers = populations.map(({ name, stepShare, boundShare }) => ({
    label: name,
    shares: BOUNDS.map((bound) => boundShare[bound]),
    text: `decides ${formatShare(stepShare)}`,
  }));
  const note =
    law === time.model
      ? `By the timing model "${law}".`
      : `By the timing model "${law}", which counts; "${time.model}" follows messages.`;
  return (
    barChart("Mean step if a bound took no time", bars) +
    stackedBars("Steps that each layer decided, by what bound them", BOUNDS, layers) +
    `<p class="dim">${escapeHtml(note)} Above: the mean step, and what it would be if a bound took no time. Below: how many of all steps each layer decided, and what bound those.</p>`
  );
}
