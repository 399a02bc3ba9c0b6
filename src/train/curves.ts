// Learning curves as a picture of their own: SVG, without a script or a font file.
import type { LogRow } from "./recipe-log.ts";

const WIDTH = 760;
const PANEL_HEIGHT = 170;
const GAP = 46;
const LEFT = 64;
const RIGHT = 20;
const TOP = 44;
/** Below this, densities are drawn on a logarithmic scale. */
const LOG_BELOW = 0.3;
const COLOURS = {
  training: "#2563a8",
  validation: "#c2571a",
  other: "#c9ced6",
  text: "#333a45",
  grid: "#e4e7ec",
};

interface Line {
  readonly points: readonly (readonly [epoch: number, value: number])[];
  readonly colour: string;
  readonly label?: string;
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly range: readonly [number, number];
  readonly isLogarithmic: boolean;
  readonly ticks: readonly number[];
  readonly text: (value: number) => string;
}

/** Loss, accuracy and density over the epochs. Of a search, `probe` (the last, unless said) stands out and the others are pale. */
export function learningCurvesSvg(
  title: string,
  rows: readonly LogRow[],
  probe: number = rows.at(-1)?.probe ?? 0,
): string {
  const panels = [lossPanel(rows, probe), accuracyPanel(rows, probe), densityPanel(rows, probe)];
  const epochs = Math.max(1, ...rows.map((row) => row.epoch));
  const height = TOP + panels.length * (PANEL_HEIGHT + GAP);
  const body = panels.map((panel, i) => drawPanel(panel, TOP + i * (PANEL_HEIGHT + GAP), epochs)).join("");
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escape(title)}" viewBox="0 0 ${WIDTH} ${height}" ` +
    `width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="${COLOURS.text}">` +
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>` +
    `<text x="${LEFT}" y="20" font-size="15" font-weight="600">${escape(title)}</text>` +
    `${body}</svg>\n`
  );
}

function lossPanel(rows: readonly LogRow[], probe: number): Panel {
  const lines = linesOf(
    rows,
    probe,
    (row) => row.loss,
    (row) => row.validationLoss,
  );
  const top = niceCeiling(Math.max(0, ...valuesOf(lines)));
  const ticks = [0, 1, 2, 3, 4].map((i) => (i * top) / 4);
  return {
    title: "loss",
    lines,
    range: [0, top],
    isLogarithmic: false,
    ticks,
    text: (v) => String(Number(v.toPrecision(4))),
  };
}

function accuracyPanel(rows: readonly LogRow[], probe: number): Panel {
  const lines = linesOf(
    rows,
    probe,
    (row) => row.accuracy,
    (row) => row.validationAccuracy,
  );
  const low = Math.floor(10 * Math.min(0.9, ...valuesOf(lines))) / 10;
  const ticks = [0, 1, 2, 3, 4].map((i) => low + (i * (1 - low)) / 4);
  return { title: "accuracy", lines, range: [low, 1], isLogarithmic: false, ticks, text: percent };
}

function densityPanel(rows: readonly LogRow[], probe: number): Panel {
  const lines = linesOf(
    rows,
    probe,
    (row) => (row.density > 0 ? row.density : undefined),
    () => undefined,
  );
  const lowest = Math.min(1, ...valuesOf(lines));
  const isLogarithmic = lowest < LOG_BELOW;
  const low = isLogarithmic ? 10 ** Math.floor(Math.log10(lowest)) : 0;
  const all = isLogarithmic ? [1e-4, 1e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
  const ticks = all.filter((tick) => tick >= low * 0.999);
  const title = isLogarithmic ? "density (logarithmic)" : "density";
  return { title, lines, range: [low, 1], isLogarithmic, ticks, text: percent };
}

function linesOf(
  rows: readonly LogRow[],
  chosen: number,
  training: (row: LogRow) => number | undefined,
  validation: (row: LogRow) => number | undefined,
): Line[] {
  const pointsOf = (probe: number, value: (row: LogRow) => number | undefined): Line["points"] =>
    rows.flatMap((row) => {
      const number = row.probe === probe ? value(row) : undefined;
      return number === undefined || !Number.isFinite(number) ? [] : [[row.epoch, number] as const];
    });
  const others = [...new Set(rows.map((row) => row.probe))].filter((probe) => probe !== chosen);
  const lines: Line[] = [
    ...others.map((probe) => ({ points: pointsOf(probe, training), colour: COLOURS.other })),
    { points: pointsOf(chosen, training), colour: COLOURS.training, label: "training" },
    { points: pointsOf(chosen, validation), colour: COLOURS.validation, label: "validation" },
  ];
  return lines.filter(({ points }) => points.length > 0);
}

const valuesOf = (lines: readonly Line[]): number[] =>
  lines.flatMap(({ points }) => points.map(([, value]) => value));

function drawPanel(panel: Panel, top: number, epochs: number): string {
  const { range, isLogarithmic } = panel;
  const [low, high] = isLogarithmic ? range.map(Math.log10) : range;
  const x = (epoch: number): number =>
    epochs === 1
      ? LEFT + (WIDTH - LEFT - RIGHT) / 2
      : LEFT + ((epoch - 1) / (epochs - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => {
    const place = isLogarithmic ? Math.log10(value) : value;
    return top + 18 + (1 - (place - low) / (high - low || 1)) * (PANEL_HEIGHT - 18);
  };
  const bottom = top + PANEL_HEIGHT;
  const grid = panel.ticks.map((tick) => {
    const at = y(tick).toFixed(1);
    return (
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="${COLOURS.grid}"/>` +
      `<text x="${LEFT - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${panel.text(tick)}</text>`
    );
  });
  const marks = epochTicks(epochs).map(
    (epoch) => `<text x="${x(epoch).toFixed(1)}" y="${bottom + 17}" text-anchor="middle">${epoch}</text>`,
  );
  const lines = panel.lines.map(({ points, colour }) => {
    const places = points.map(([epoch, value]) => `${x(epoch).toFixed(1)},${y(value).toFixed(1)}`);
    if (places.length > 1)
      return `<polyline points="${places.join(" ")}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`;
    const [cx, cy] = places[0].split(",");
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
  });
  const labelled = panel.lines.filter(({ label }) => label !== undefined);
  const legend = (labelled.length > 1 ? labelled : []).map(
    ({ colour, label = "" }, i) =>
      `<text x="${WIDTH - RIGHT - 80 * (labelled.length - 1 - i)}" y="${top + 6}" text-anchor="end" fill="${colour}" font-weight="600">${label}</text>`,
  );
  return (
    `<text x="${LEFT}" y="${top + 6}" font-weight="600">${panel.title}</text>` +
    [...legend, ...grid, ...marks, ...lines].join("") +
    `<text x="${WIDTH - RIGHT}" y="${bottom + 31}" text-anchor="end" fill-opacity="0.7">epochs</text>`
  );
}

/** The first epoch, the last, and round ones between that do not touch them. */
function epochTicks(epochs: number): number[] {
  const wanted = epochs / 8;
  const decade = 10 ** Math.floor(Math.log10(Math.max(1, wanted)));
  const step = [1, 2, 5, 10].map((factor) => factor * decade).find((each) => each >= wanted) ?? epochs;
  const between = Array.from({ length: Math.floor(epochs / step) }, (_, i) => (i + 1) * step);
  const inside = between.filter((epoch) => epoch > 1 + step / 3 && epoch < epochs - step / 3);
  return [...new Set([1, ...inside, epochs])];
}

/** A power of ten times a number whose quarters are short. */
function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const decade = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 4, 6, 8].find((factor) => factor * decade >= value) ?? 10) * decade;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

const escape = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
