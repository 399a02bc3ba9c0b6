/** One column of a text table: its heading, and which side its cells align to. */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
}

/**
 * Lines of a table whose columns align: headings, a rule, one line a row; two spaces between columns.
 * Widths count characters as a terminal shows them, so `µ` and `–` are one.
 */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, c) =>
    Math.max(column.heading.length, ...rows.map((row) => (row[c] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, c) =>
        column.align === "right" ? (cells[c] ?? "").padStart(widths[c]) : (cells[c] ?? "").padEnd(widths[c]),
      )
      .join("  ")
      .trimEnd();
  return [
    line(columns.map((c) => c.heading)),
    widths.map((w) => "─".repeat(w)).join("  "),
    ...rows.map(line),
  ];
}

/** `label   value` lines under a heading, the values aligned. */
export function keyValueLines(pairs: readonly (readonly [label: string, value: string])[]): string[] {
  const width = Math.max(...pairs.map(([label]) => label.length));
  return pairs.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`.trimEnd());
}
