// Small pictures as SVG text: no library, no script, so a report is one file that opens anywhere.

/** Text that is safe inside HTML and SVG. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What stands behind the bar. */
  readonly text: string;
  /** Key of the colour scale in the page's style sheet: `c0` … `c7`. */
  readonly tone?: number;
}

const ROW = 26;
/** Of a character of the 13-pixel font, wide enough for most fonts. */
const CHARACTER_WIDTH = 7.4;
const LABEL_CHARACTERS = 40;
const BAR_WIDTH = 360;

/**
 * Horizontal bars on a linear scale from 0 to the largest value (or `max`).
 *
 * @param title read aloud by screen readers
 */
export function barChart(title: string, bars: readonly Bar[], max?: number): string {
  const scale = max ?? Math.max(...bars.map((bar) => bar.value), Number.MIN_VALUE);
  const labels = bars.map((bar) => shortened(bar.label, LABEL_CHARACTERS));
  const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));
  const labelWidth = Math.ceil(longest(labels) * CHARACTER_WIDTH) + 8;
  const textWidth = Math.ceil(longest(bars.map((bar) => bar.text)) * CHARACTER_WIDTH) + 8;
  const rows = bars.map((bar, i) => {
    const y = i * ROW;
    const width = Math.max(0, Math.min(1, bar.value / scale)) * BAR_WIDTH;
    return (
      `<text x="${labelWidth - 8}" y="${y + 17}" text-anchor="end">${escapeHtml(labels[i])}</text>` +
      `<rect class="c${bar.tone ?? 0}" x="${labelWidth}" y="${y + 4}" width="${width.toFixed(1)}" height="${ROW - 9}" rx="2"/>` +
      `<text class="dim" x="${(labelWidth + width + 8).toFixed(1)}" y="${y + 17}">${escapeHtml(bar.text)}</text>`
    );
  });
  return figure(title, labelWidth + BAR_WIDTH + textWidth, bars.length * ROW + 2, rows.join(""));
}

/** Cut in the middle: names of layers differ at either end. */
export function shortened(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const half = Math.floor((characters - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(text.length - half)}`;
}

export interface StackedBar {
  readonly label: string;
  /** Shares of the full width, from the left, by tone. */
  readonly shares: readonly number[];
  readonly text: string;
}

/** Horizontal bars of the same length, each divided into shares; a legend names the tones. */
export function stackedBars(title: string, legend: readonly string[], bars: readonly StackedBar[]): string {
  const labels = bars.map((bar) => shortened(bar.label, LABEL_CHARACTERS));
  const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));
  const labelWidth = Math.ceil(longest(labels) * CHARACTER_WIDTH) + 8;
  const textWidth = Math.ceil(longest(bars.map((bar) => bar.text)) * CHARACTER_WIDTH) + 8;
  const parts: string[] = [];
  let x = labelWidth;
  legend.forEach((name, tone) => {
    parts.push(
      `<rect class="c${tone}" x="${x}" y="6" width="12" height="12" rx="2"/>`,
      `<text class="dim" x="${x + 18}" y="17">${escapeHtml(name)}</text>`,
    );
    x += Math.ceil(name.length * CHARACTER_WIDTH) + 36;
  });
  bars.forEach((bar, i) => {
    const y = (i + 1) * ROW;
    parts.push(`<text x="${labelWidth - 8}" y="${y + 17}" text-anchor="end">${escapeHtml(labels[i])}</text>`);
    let at = 0;
    bar.shares.forEach((share, tone) => {
      parts.push(
        `<rect class="c${tone}" x="${(labelWidth + at * BAR_WIDTH).toFixed(1)}" y="${y + 4}" width="${(share * BAR_WIDTH).toFixed(1)}" height="${ROW - 9}"/>`,
      );
      at += share;
    });
    parts.push(
      `<text class="dim" x="${labelWidth + BAR_WIDTH + 8}" y="${y + 17}">${escapeHtml(bar.text)}</text>`,
    );
  });
  return figure(
    title,
    Math.max(x, labelWidth + BAR_WIDTH + textWidth),
    (bars.length + 1) * ROW + 2,
    parts.join(""),
  );
}

/** A line over evenly spaced steps, scaled to the largest value. */
export function lineChart(
  title: string,
  values: ArrayLike<number>,
  axis: { top: string; left: string; right: string },
): string {
  const width = 720;
  const height = 150;
  let max = Number.MIN_VALUE;
  for (let i = 0; i < values.length; i++) if (values[i] > max) max = values[i];
  const points: string[] = [];
  const stride = Math.max(1, Math.floor(values.length / 1000));
  for (let i = 0; i < values.length; i += stride) {
    const x = values.length === 1 ? 0 : (i / (values.length - 1)) * width;
    points.push(`${x.toFixed(1)},${(height + 20 - (values[i] / max) * height).toFixed(1)}`);
  }
  return figure(
    title,
    width,
    height + 44,
    `<line class="axis" x1="0" x2="${width}" y1="${height + 20}" y2="${height + 20}"/>` +
      `<polyline class="line" points="${points.join(" ")}"/>` +
      `<text class="dim" x="0" y="12">${escapeHtml(axis.top)}</text>` +
      `<text class="dim" x="0" y="${height + 38}">${escapeHtml(axis.left)}</text>` +
      `<text class="dim" x="${width}" y="${height + 38}" text-anchor="end">${escapeHtml(axis.right)}</text>`,
  );
}

/** A picture with its title for screen readers. */
export function figure(title: string, width: number, height: number, content: string): string {
  return `<svg role="img" aria-label="${escapeHtml(title)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${content}</svg>`;
}
