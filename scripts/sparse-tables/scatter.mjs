// A scatter plot as SVG text: logarithmic x, linear y, one colour and mark per series, direct labels in a legend.
const WIDTH = 760;
const HEIGHT = 440;
const FRAME = { left: 64, right: 190, top: 40, bottom: 52 };
const COLOURS = [
  "#1b1b1b",
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#7a5195",
  "#8c564b",
];
const MARKS = ["circle", "square", "triangle", "diamond"];

/** @param {{ title: string, xLabel: string, yLabel: string, series: { name: string, points: { x: number, y: number, tooltip: string }[] }[] }} plot */
export function scatter({ title, xLabel, yLabel, series }) {
  const points = series.flatMap((s) => s.points);
  const xs = points.map(({ x }) => Math.log10(x));
  const ys = points.map(({ y }) => y);
  const x0 = Math.floor(4 * Math.min(...xs)) / 4;
  const x1 = Math.ceil(4 * Math.max(...xs)) / 4;
  const step = niceStep((Math.max(...ys) - Math.min(...ys)) / 6);
  const y0 = step * Math.floor(Math.min(...ys) / step);
  const y1 = step * Math.ceil(Math.max(...ys) / step);
  const px = (x) => FRAME.left + ((Math.log10(x) - x0) / (x1 - x0)) * (WIDTH - FRAME.left - FRAME.right);
  const py = (y) => HEIGHT - FRAME.bottom - ((y - y0) / (y1 - y0)) * (HEIGHT - FRAME.top - FRAME.bottom);
  const parts = [];
  const text = (x, y, words, more = "") =>
    parts.push(`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escape(words)}</text>`);
  for (let y = y0; y <= y1 + step / 2; y += step) {
    parts.push(
      `<line x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${py(y).toFixed(1)}" y2="${py(y).toFixed(1)}" stroke="#ddd"/>`,
    );
    text(FRAME.left - 8, py(y) + 4, y.toFixed(step < 1 ? 1 : 0), 'text-anchor="end"');
  }
  for (const x of ticks(x0, x1)) {
    parts.push(
      `<line x1="${px(x).toFixed(1)}" x2="${px(x).toFixed(1)}" y1="${FRAME.top}" y2="${HEIGHT - FRAME.bottom}" stroke="#eee"/>`,
    );
    text(px(x), HEIGHT - FRAME.bottom + 18, String(x), 'text-anchor="middle"');
  }
  text(FRAME.left, 22, title, 'font-weight="bold"');
  text((FRAME.left + WIDTH - FRAME.right) / 2, HEIGHT - 12, xLabel, 'text-anchor="middle"');
  text(
    16,
    (FRAME.top + HEIGHT - FRAME.bottom) / 2,
    yLabel,
    `text-anchor="middle" transform="rotate(-90 16 ${((FRAME.top + HEIGHT - FRAME.bottom) / 2).toFixed(1)})"`,
  );
  series.forEach(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const kind = MARKS[i % MARKS.length];
    for (const { x, y, tooltip } of points) parts.push(mark(kind, px(x), py(y), colour, tooltip));
    const row = FRAME.top + 10 + 22 * i;
    parts.push(mark(kind, WIDTH - FRAME.right + 22, row, colour, name));
    text(WIDTH - FRAME.right + 36, row + 4, name);
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" ` +
    `font-family="system-ui, sans-serif" font-size="13" fill="#222"><title>${escape(title)}</title>` +
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>\n${parts.join("\n")}\n</svg>\n`
  );
}

function mark(kind, x, y, colour, tooltip) {
  const at = (dx, dy) => `${(x + dx).toFixed(1)},${(y + dy).toFixed(1)}`;
  const shape = {
    circle: `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="4.5"`,
    square: `<rect x="${(x - 4).toFixed(1)}" y="${(y - 4).toFixed(1)}" width="8" height="8"`,
    triangle: `<polygon points="${at(0, -5)} ${at(5, 4)} ${at(-5, 4)}"`,
    diamond: `<polygon points="${at(0, -6)} ${at(5, 0)} ${at(0, 6)} ${at(-5, 0)}"`,
  }[kind];
  return `${shape} fill="${colour}" fill-opacity="0.8"><title>${escape(tooltip)}</title>${shape.slice(0, shape.indexOf(" ")).replace("<", "</")}>`;
}

/** 1, 2, 5 and their powers of ten between the two exponents. */
function ticks(from, to) {
  const result = [];
  for (let e = Math.floor(from); e <= to; e++)
    for (const digit of [1, 2, 5]) {
      const value = Number(`${digit}e${e}`);
      if (Math.log10(value) >= from && Math.log10(value) <= to) result.push(value);
    }
  return result;
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-3)));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => step >= rough);
}

function escape(words) {
  return words.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
