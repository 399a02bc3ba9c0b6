import { formatCount } from "#util/units";
import type { Raster, RasterBand } from "./raster.ts";
import { escapeHtml, figure, shortened } from "./svg.ts";

const WIDTH = 720;
const NAME_CHARACTERS = 40;
/** Of the line above a band. */
const HEAD = 22;
const GAP = 10;
const [LOWEST, HIGHEST] = [16, 120];
/** Of a spike, in pixels. */
const [DOT_MIN, DOT_MAX] = [1.4, 5];

/** A dash for every spike: steps go to the right, neurons downwards, one population under the other. */
export function rasterChart(title: string, { steps, bands }: Raster): string {
  const perStep = WIDTH / Math.max(1, steps);
  const parts: string[] = [];
  let top = 0;
  for (const band of bands) {
    const neurons = Math.ceil(band.size / band.stride);
    const height = Math.max(LOWEST, Math.min(HIGHEST, neurons * DOT_MAX));
    parts.push(
      `<text x="0" y="${top + 15}">${escapeHtml(shortened(band.name, NAME_CHARACTERS))}<tspan class="dim" dx="8">${escapeHtml(captionOf(band))}</tspan></text>`,
      `<rect class="off" x="0" y="${top + HEAD}" width="${WIDTH}" height="${height}"/>`,
      dashesOf(band, top + HEAD, height, perStep),
    );
    top += HEAD + height + GAP;
  }
  parts.push(
    `<text class="dim" x="0" y="${top + 6}">step 0</text>`,
    `<text class="dim" x="${WIDTH}" y="${top + 6}" text-anchor="end">step ${Math.max(0, steps - 1)}</text>`,
  );
  return figure(title, WIDTH, top + 12, parts.join(""));
}

function captionOf({ spikes, size, stride }: RasterBand): string {
  const all = `${formatCount(spikes)} ${spikes === 1 ? "spike" : "spikes"} of ${formatCount(size)} ${size === 1 ? "neuron" : "neurons"}`;
  return stride === 1 ? all : `${all}; every ${ordinal(stride)} neuron is drawn`;
}

function ordinal(n: number): string {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"].at(n % 10) ?? "th");
  return `${formatCount(n)}${ending}`;
}

function dashesOf(
  { step, index, size, stride }: RasterBand,
  top: number,
  height: number,
  perStep: number,
): string {
  if (step.length === 0) return "";
  const perRow = height / Math.ceil(size / stride);
  const across = clamped(perStep * 0.7);
  const dashes = step.map((t, e) => {
    const x = (t + 0.5) * perStep - across / 2;
    const y = top + (index[e] / stride + 0.5) * perRow;
    return `M${short(x)} ${short(y)}h${short(across)}`;
  });
  return `<path class="spikes" stroke-width="${short(clamped(perRow * 0.7))}" d="${dashes.join("")}"/>`;
}

const clamped = (pixels: number): number => Math.max(DOT_MIN, Math.min(DOT_MAX, pixels));
const short = (pixels: number): string => String(Number(pixels.toFixed(1)));
