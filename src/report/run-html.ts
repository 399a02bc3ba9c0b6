import type { SpikeData } from "#ir/spikes";
import { formatCount, formatEnergyPj, formatShare, formatTimeNs } from "#util/units";
import { attributionMaps, bottleneckChart, layerEnergyChart, warningHtml } from "./detail-html.ts";
import { dynamicBandText } from "./energy-text.ts";
import { rasterOf } from "./raster.ts";
import type { RunReport } from "./run-report.ts";
import { runReportText } from "./run-text.ts";
import { barChart, escapeHtml, lineChart, type Bar } from "./svg.ts";
import { CHIPS_DRAWN, meshMap } from "./svg-mesh.ts";
import { rasterChart } from "./svg-raster.ts";
import { ACTION_TEXT, RESOURCE_TEXT } from "./words.ts";

const BOUND_SIGN = { estimate: "", min: "≥ ", max: "≤ ", mixed: "≈ " } as const;

/**
 * The report as one HTML page with pictures: no script, no network, opens from disk.
 * Same report, same bytes.
 *
 * @param recorded spikes by population; those of the first sample are drawn
 */
export function runReportHtml(report: RunReport, recorded: Readonly<Record<string, SpikeData>> = {}): string {
  const { model, map, run, energy, time, accuracy } = report;
  const title = `${model.name} on ${map.target}`;
  const facts: [string, string][] = [
    ["density", formatShare(model.densityShare)],
    ["cores", formatCount(map.cores)],
    ["synaptic operations", formatCount(run.synapticOperationsPerInference)],
    ["dynamic energy", `${BOUND_SIGN[energy.bound]}${formatEnergyPj(energy.dynamicPj)}`],
    ["time", time.perInferenceNs === null ? "–" : formatTimeNs(time.perInferenceNs)],
  ];
  if (accuracy !== undefined) facts.push(["accuracy", formatShare(accuracy.chipShare)]);
  const sections: [string, string][] = [
    ["Warnings", warningHtml(report)],
    ["Density of every layer", densityChart(report)],
    ["How full the cores are", resourceChart(report)],
    ["The chip", coreMaps(report)],
    ["Energy of one inference", energyChart(report)],
    ["Who costs it", layerEnergyChart(report)],
    ["Where it is spent", attributionMaps(report)],
    ["What the steps wait for", bottleneckChart(report)],
    ["Length of every step, first inference", stepChart(report)],
    ["Spikes of the first inference", spikeRaster(recorded)],
  ];
  if (report.dense !== undefined) sections.push(["What pruning saves", denseChart(report)]);
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1>`,
    `<p class="dim">profile ${escapeHtml(energy.profile)} · packer ${escapeHtml(map.packer)} · ${escapeHtml(map.rules)} arithmetic · per inference, mean of ${formatCount(run.samples)}</p>`,
    `<div class="facts">${facts.map(([label, value]) => `<div><b>${escapeHtml(value)}</b><span>${escapeHtml(label)}</span></div>`).join("")}</div>`,
    ...sections
      .filter(([, picture]) => picture !== "")
      .map(([heading, picture]) => `<section><h2>${escapeHtml(heading)}</h2>${picture}</section>`),
    `<section><h2>All numbers</h2><pre>${escapeHtml(runReportText(report).join("\n"))}</pre></section>`,
    "</main></body></html>",
    "",
  ].join("\n");
}

function densityChart({ model }: RunReport): string {
  return barChart(
    "Density of every layer",
    model.layers.map((layer) => ({
      label: layer.node,
      value: layer.densityShare,
      text: `${formatShare(layer.densityShare)} of ${formatCount(layer.weights)}`,
    })),
    1,
  );
}

function resourceChart({ map }: RunReport): string {
  const bars = map.resources.flatMap(({ resource, worst, wall, meanShare, worstShare }): Bar[] => {
    if (wall === null || meanShare === null || worstShare === null) return [];
    return [
      {
        label: RESOURCE_TEXT[resource],
        value: worstShare,
        tone: 1,
        text: `worst core ${formatShare(worstShare)} (${formatCount(worst)} of ${formatCount(wall)})`,
      },
      { label: "", value: meanShare, tone: 0, text: `mean ${formatShare(meanShare)}` },
    ];
  });
  return barChart("Use of the cores' resources", bars, 1);
}

function coreMaps({ map }: RunReport): string {
  const words = map.resources.find(({ resource }) => resource === "synapseWords")?.wall ?? null;
  const fullest = Math.max(...map.coreLoads.map((load) => load.synapseWords), 1);
  const chips = [...new Set(map.coreLoads.map((load) => load.chip))];
  const pictures = chips.slice(0, CHIPS_DRAWN).map((chip) => {
    const cores = map.coreLoads
      .filter((load) => load.chip === chip)
      .map(({ core, x, y, neurons, axonsIn, synapseWords }) => ({
        x,
        y,
        place: core % map.mesh.coresPerTile,
        share: synapseWords / (words ?? fullest),
        tooltip: `core ${core}: ${formatCount(neurons)} neurons, ${formatCount(axonsIn)} axons, ${formatCount(synapseWords)} words`,
      }));
    return `<figure>${meshMap(`Chip ${chip}: synapse memory of every core`, map.mesh, cores)}<figcaption>chip ${chip}: ${formatCount(cores.length)} cores in use; the stronger the colour, the fuller the synapse memory</figcaption></figure>`;
  });
  if (chips.length > CHIPS_DRAWN)
    pictures.push(`<p class="dim">and ${formatCount(chips.length - CHIPS_DRAWN)} more chips</p>`);
  return pictures.join("");
}

function energyChart({ energy }: RunReport): string {
  const bars: Bar[] = energy.terms.map((term) => ({
    label: ACTION_TEXT[term.action],
    value: term.energyPj,
    text: `${BOUND_SIGN[term.bound ?? "estimate"]}${formatEnergyPj(term.energyPj)} · ${term.evidence}`,
  }));
  const notes = energy.unpriced.map(({ action, count }) => `${formatCount(count)} ${ACTION_TEXT[action]}`);
  const staticNote =
    energy.staticPower === null
      ? "Static power is unpriced."
      : energy.staticPj === null
        ? `The profile has no times, so the static ${energy.staticPower.mw} mW add no energy here.`
        : `Static power of the whole chip meanwhile: ${formatEnergyPj(energy.staticPj)} (${energy.staticPower.evidence}), not drawn.`;
  const band =
    energy.dynamicBand === undefined || energy.terms.length === 0
      ? ""
      : `Low to high: ${dynamicBandText(energy)}.`;
  return (
    barChart("Energy by term", bars) +
    `<p class="dim">${escapeHtml(band)}</p><p class="dim">${escapeHtml(staticNote)} ${notes.length === 0 ? "" : escapeHtml(`Unpriced: ${notes.join(", ")}.`)}</p>`
  );
}

function stepChart({ time }: RunReport): string {
  if (time.worstStepNs === null || time.stepNs.length === 0) return "";
  let worst = 0;
  for (const ns of time.stepNs) worst = Math.max(worst, ns);
  return lineChart("Length of every step", time.stepNs, {
    top: formatTimeNs(worst),
    left: "step 0",
    right: `step ${time.stepNs.length - 1}`,
  });
}

function spikeRaster(recorded: Readonly<Record<string, SpikeData>>): string {
  const raster = rasterOf(recorded);
  if (raster === undefined) return "";
  const { steps, ofSteps, leftOut } = raster;
  const notes = [
    "Steps go to the right, neurons downwards.",
    ...(steps < ofSteps
      ? [`The first ${formatCount(steps)} of ${formatCount(ofSteps)} steps are drawn.`]
      : []),
    ...(leftOut > 0 ? [`${formatCount(leftOut)} more populations fire.`] : []),
  ];
  return `<figure>${rasterChart("Spikes of the first inference", raster)}<figcaption>${escapeHtml(notes.join(" "))}</figcaption></figure>`;
}

function denseChart({ dense, map, run, energy, time }: RunReport): string {
  if (dense === undefined) return "";
  const rows: [string, number | null, number | null, (v: number) => string][] = [
    ["cores", map.cores, dense.cores, formatCount],
    ["synapse words", map.synapseWords, dense.synapseWords, formatCount],
    [
      "synaptic operations",
      run.synapticOperationsPerInference,
      dense.synapticOperationsPerInference,
      formatCount,
    ],
    ["dynamic energy", energy.dynamicPj, dense.dynamicPj, formatEnergyPj],
    ["time", time.perInferenceNs, dense.perInferenceNs, formatTimeNs],
  ];
  const bars = rows.flatMap(([label, pruned, unpruned, text]): Bar[] =>
    pruned === null || unpruned === null || unpruned === 0
      ? []
      : [
          { label, value: 1, tone: 2, text: `unpruned ${text(unpruned)}` },
          {
            label: "",
            value: pruned / unpruned,
            tone: 0,
            text: `pruned ${text(pruned)} (${formatShare(pruned / unpruned)})`,
          },
        ],
  );
  return barChart("Pruned beside unpruned", bars, 1);
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1d2330;--dim:#6b7385;--page:#fbfbfd;--card:#fff;--line:#dfe3ec;--c0:#2f6fde;--c1:#9db8ea;--c2:#c9cedb;--c3:#e0a03c;--link:#c2410c}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9f0;--dim:#98a1b3;--page:#14171d;--card:#1c2028;--line:#303644;--c0:#6ea0ff;--c1:#3d5689;--c2:#4a5162;--c3:#b98a35;--link:#fb923c}}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:860px;margin:0 auto;padding:32px 20px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:17px;margin:0 0 12px}
.dim,figcaption{color:var(--dim)}figcaption{font-size:13px}figure{margin:0 0 12px}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:18px 0;overflow-x:auto}
.facts{display:flex;flex-wrap:wrap;gap:10px;margin:18px 0}
.facts div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 16px;flex:1 1 110px}
.facts b{display:block;font-size:20px}.facts span{color:var(--dim);font-size:13px}
svg{max-width:100%;height:auto}svg text{font:13px system-ui,sans-serif;fill:var(--ink)}svg text.dim,tspan.dim{fill:var(--dim)}
.c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.link{fill:var(--link)}.off{fill:none;stroke:var(--line)}.on{fill:var(--c0)}
.axis{stroke:var(--line)}.spikes{fill:none;stroke:var(--c0)}.line{fill:none;stroke:var(--c0);stroke-width:1.5}
pre{font:12.5px/1.45 ui-monospace,monospace;overflow-x:auto;margin:0}
`.trim();
