// A map as one picture that stands alone: how full every core is of each resource, and how busy the links are.
import { escapeHtml } from "./svg.ts";

/** One panel for each resource, and one for the links. */
export interface CoreMapPicture {
  readonly title: string;
  readonly subtitle: string;
  /** Routers. */
  readonly columns: number;
  readonly rows: number;
  readonly coresPerRouter: number;
  readonly cores: readonly PicturedCore[];
  /** One for each entry of `PicturedCore.shares`. */
  readonly resources: readonly PanelTitle[];
  readonly links: PanelTitle & { readonly list: readonly PicturedLink[] };
}

export interface PanelTitle {
  readonly title: string;
  readonly note: string;
}

export interface PicturedCore {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  /** Among the cores of its router. */
  readonly place: number;
  /** Of what there is, by resource; above 1 is over the wall. Null: there is no wall, and `texts` says the rest. */
  readonly shares: readonly (number | null)[];
  readonly texts: readonly string[];
}

export interface PicturedLink {
  readonly x: number;
  readonly y: number;
  readonly to: "+x" | "-x" | "+y" | "-y";
  readonly load: number;
  readonly text: string;
}

const PANEL = 300;
const PANEL_GAP = 36;
const PANELS_ACROSS = 3;
const HEAD = 76;
const PANEL_HEAD = 42;
const LEGEND = 46;

const STYLE = `text{font:13px system-ui,sans-serif;fill:#1d2733}.h{font-size:18px;font-weight:600}.t{font-weight:600}.d{fill:#5d6b7a;font-size:12px}.e{fill:#eef1f5}.c{fill:#1565a9}.o{fill:#c62828}.l{stroke:#b4560a;stroke-linecap:butt}.r{fill:#9aa7b5}`;

/** Row 0 is at the bottom, as in the maps of run reports. */
export function coreMapSvg(picture: CoreMapPicture): string {
  const { resources, links } = picture;
  const cell = cellOf(picture);
  const panels = [
    ...resources.map((panel, r) => panelHead(panel) + coresPanel(picture, r, cell)),
    panelHead(links) + linksPanel(picture, cell),
  ];
  const mesh = { width: picture.columns * cell, height: picture.rows * cell };
  const step = { x: Math.max(PANEL, mesh.width) + PANEL_GAP, y: PANEL_HEAD + mesh.height + PANEL_GAP };
  const across = Math.min(PANELS_ACROSS, panels.length);
  const down = Math.ceil(panels.length / across);
  const width = PANEL_GAP + across * step.x;
  const height = HEAD + down * step.y + LEGEND;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeHtml(picture.title)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${STYLE}</style><rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text class="h" x="${PANEL_GAP}" y="34">${escapeHtml(picture.title)}</text>`,
    `<text class="d" x="${PANEL_GAP}" y="56">${escapeHtml(picture.subtitle)}</text>`,
    ...panels.map((panel, i) => {
      const x = PANEL_GAP + (i % across) * step.x;
      const y = HEAD + Math.floor(i / across) * step.y;
      return `<g transform="translate(${x} ${y})">${panel}</g>`;
    }),
    legend(PANEL_GAP, HEAD + down * step.y),
    "</svg>",
    "",
  ].join("\n");
}

/** Pixels of a router's square: the mesh fills a panel, but stays readable and drawable. */
const cellOf = ({ columns, rows }: CoreMapPicture): number =>
  Math.max(4, Math.min(36, Math.floor(PANEL / Math.max(columns, rows, 1))));

const panelHead = ({ title, note }: PanelTitle): string =>
  `<text class="t" x="0" y="12">${escapeHtml(title)}</text><text class="d" x="0" y="30">${escapeHtml(note)}</text>`;

function coresPanel(
  { columns, rows, coresPerRouter, cores }: CoreMapPicture,
  resource: number,
  cell: number,
): string {
  const across = Math.ceil(Math.sqrt(coresPerRouter));
  const down = Math.ceil(coresPerRouter / across);
  const gap = cell >= 10 ? 2 : 1;
  const [width, height] = [(cell - gap) / across, (cell - gap) / down];
  const inner = across > 1 && cell >= 16 ? 1 : 0;
  const square = (x: number, y: number, place: number, attributes: string, content = ""): string => {
    const left = x * cell + (place % across) * width;
    const top = PANEL_HEAD + (rows - 1 - y) * cell + Math.floor(place / across) * height;
    const size = `x="${round(left)}" y="${round(top)}" width="${round(width - inner)}" height="${round(height - inner)}"`;
    return `<rect ${attributes} ${size}${content === "" ? "/>" : `>${content}</rect>`}`;
  };
  const parts: string[] = [];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let place = 0; place < coresPerRouter; place++) parts.push(square(x, y, place, 'class="e"'));
  for (const { name, x, y, place, shares, texts } of cores) {
    const share = shares[resource] ?? 0;
    const colour = share > 1 ? 'class="o"' : `class="c" fill-opacity="${opacity(share)}"`;
    parts.push(square(x, y, place, colour, `<title>${escapeHtml(`${name}: ${texts[resource]}`)}</title>`));
  }
  return parts.join("");
}

/** A bar from each router towards the next, one way on either side of the line between them. */
function linksPanel({ columns, rows, links: { list } }: CoreMapPicture, cell: number): string {
  const busiest = list.reduce((most, { load }) => Math.max(most, load), 0);
  const middle = (x: number, y: number): [number, number] => [
    (x + 0.5) * cell,
    PANEL_HEAD + (rows - 1 - y + 0.5) * cell,
  ];
  const side = Math.max(1.1, cell * 0.12);
  const parts: string[] = [];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const [left, top] = middle(x, y);
      const half = cell * 0.17;
      parts.push(
        `<rect class="r" x="${round(left - half)}" y="${round(top - half)}" width="${round(2 * half)}" height="${round(2 * half)}"/>`,
      );
    }
  for (const { x, y, to, load, text } of list) {
    const share = busiest === 0 ? 0 : load / busiest;
    const [dx, dy] = { "+x": [1, 0], "-x": [-1, 0], "+y": [0, -1], "-y": [0, 1] }[to];
    const [left, top] = middle(x, y);
    // To the right of the way, as seen along it.
    const [ox, oy] = [-dy * side, dx * side];
    const from = cell * 0.2;
    const until = cell * 0.8;
    parts.push(
      `<line class="l" x1="${round(left + dx * from + ox)}" y1="${round(top + dy * from + oy)}" x2="${round(left + dx * until + ox)}" y2="${round(top + dy * until + oy)}" stroke-width="${round(0.4 + 1.7 * side * share)}" stroke-opacity="${opacity(share)}"><title>${escapeHtml(text)}</title></line>`,
    );
  }
  return parts.join("");
}

function legend(x: number, y: number): string {
  const steps = Array.from(
    { length: 11 },
    (_, i) =>
      `<rect class="c" fill-opacity="${opacity(i / 10)}" x="${x + 34 + 14 * i}" y="${y}" width="14" height="12"/>`,
  );
  return [
    `<text class="d" x="${x}" y="${y + 11}">0 %</text>`,
    ...steps,
    `<text class="d" x="${x + 194}" y="${y + 11}">100 % of the wall</text>`,
    `<rect class="o" x="${x + 330}" y="${y}" width="14" height="12"/>`,
    `<text class="d" x="${x + 350}" y="${y + 11}">over the wall</text>`,
    `<rect class="e" x="${x + 450}" y="${y}" width="14" height="12"/>`,
    `<text class="d" x="${x + 470}" y="${y + 11}">no core</text>`,
    `<line class="l" x1="${x + 536}" y1="${y + 6}" x2="${x + 566}" y2="${y + 6}" stroke-width="6"/>`,
    `<text class="d" x="${x + 574}" y="${y + 11}">the busiest link; others thinner and paler by load</text>`,
  ].join("");
}

const opacity = (share: number): string => String(round(0.12 + 0.88 * Math.max(0, Math.min(1, share))));
const round = (value: number): number => Math.round(value * 100) / 100;
