import { escapeHtml, figure } from "./svg.ts";

/** Chips beyond these are counted, not drawn. */
export const CHIPS_DRAWN = 4;

export interface MeshShape {
  readonly columns: number;
  readonly rows: number;
  readonly coresPerTile: number;
}

export interface MeshCore {
  /** Of its tile. */
  readonly x: number;
  readonly y: number;
  /** In its tile. */
  readonly place: number;
  /** 0 to 1: how strong the colour is. */
  readonly share: number;
  readonly tooltip: string;
}

/** A link from the tile at (x, y). */
export interface MeshLink {
  readonly x: number;
  readonly y: number;
  readonly direction: "east" | "west" | "north" | "south";
  /** 0 to 1: how strong the colour is. */
  readonly share: number;
  readonly tooltip: string;
}

const CELL = 20;
const STEP = CELL + 2;
/** Between tiles, where the links are. */
const GAP = 20;
/** From the middle of a tile's side to the middle of a link: one way on either side of it. */
const APART = 6;

/**
 * The tiles of a chip with their cores, and arrows for its links: the stronger the colour, the more of what the
 * picture is about. Row 0 is at the bottom, so north is up. Cores and links that are not named are drawn empty, or not.
 */
export function meshMap(
  title: string,
  { columns, rows, coresPerTile }: MeshShape,
  cores: readonly MeshCore[],
  links: readonly MeshLink[] = [],
): string {
  const across = Math.ceil(Math.sqrt(coresPerTile));
  const down = Math.ceil(coresPerTile / across);
  const width = across * STEP - 2;
  const height = down * STEP - 2;
  const left = (x: number): number => GAP + x * (width + GAP);
  const top = (y: number): number => GAP + (rows - 1 - y) * (height + GAP);
  const square = (x: number, y: number, place: number, attributes: string, content: string): string =>
    `<rect ${attributes} x="${left(x) + (place % across) * STEP}" y="${top(y) + Math.floor(place / across) * STEP}" width="${CELL}" height="${CELL}" rx="3"${content === "" ? "/>" : `>${content}</rect>`}`;

  const parts: string[] = [];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let place = 0; place < coresPerTile; place++) parts.push(square(x, y, place, 'class="off"', ""));
  for (const { x, y, place, share, tooltip } of cores)
    parts.push(square(x, y, place, `class="on" fill-opacity="${opacity(share)}"`, titleOf(tooltip)));
  for (const { x, y, direction, share, tooltip } of links) {
    const middle = { x: left(x) + width / 2, y: top(y) + height / 2 };
    const turn = { east: 0, south: 90, west: 180, north: 270 }[direction];
    const out = (direction === "east" || direction === "west" ? width : height) / 2;
    // Drawn as if to the east, beside the middle of the side, then turned around the tile.
    const from = out + 2;
    const to = out + GAP - 2;
    const arrow = `${from},${APART - 3} ${to - 6},${APART - 3} ${to},${APART} ${to - 6},${APART + 3} ${from},${APART + 3}`;
    parts.push(
      `<polygon class="link" fill-opacity="${opacity(share)}" transform="translate(${middle.x} ${middle.y}) rotate(${turn})" points="${arrow}">${titleOf(tooltip)}</polygon>`,
    );
  }
  return figure(title, left(columns), top(-1), parts.join(""));
}

const opacity = (share: number): string => (0.15 + 0.85 * Math.max(0, Math.min(1, share))).toFixed(3);
const titleOf = (tooltip: string): string => `<title>${escapeHtml(tooltip)}</title>`;
