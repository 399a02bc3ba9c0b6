import { FIT_COLUMNS, fitCells, inputText, notesText, reasonsText, sizeText } from "./fit-text.ts";
import type { FitReport } from "./fit-report.ts";
import { escapeHtml } from "./svg.ts";

/** The report as one page without script or network. Same report, same bytes. */
export function fitReportHtml(report: FitReport): string {
  const title = `${report.name} on ${report.targets.length} targets`;
  const sideOf = (c: number): string => ("align" in FIT_COLUMNS[c] ? ' class="right"' : "");
  const head = FIT_COLUMNS.map(({ heading }, c) => `<th${sideOf(c)}>${escapeHtml(heading)}</th>`).join("");
  const rows = report.targets.map((row) => {
    const cells = fitCells(row).map((cell, c) => `<td${sideOf(c)}>${escapeHtml(cell)}</td>`);
    return `<tr class="${row.verdict}">${cells.join("")}</tr>`;
  });
  const reasons = reasonsText(report);
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...[sizeText(report), inputText(report)].map((line) => `<p>${escapeHtml(line)}</p>`),
    `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`,
    ...notesText(report).map((line) => `<p>${escapeHtml(line)}</p>`),
    ...(reasons.length === 0 ? [] : [`<h2>Why not</h2><pre>${escapeHtml(reasons.join("\n"))}</pre>`]),
    "</main></body></html>",
    "",
  ].join("\n");
}

const STYLE = [
  ":root{color-scheme:light dark}",
  "body{font:15px/1.5 system-ui,sans-serif;margin:2rem}",
  ".wide{overflow-x:auto}",
  "pre{white-space:pre-wrap}",
  "table{border-collapse:collapse;white-space:nowrap}",
  "th,td{padding:.3rem .7rem;text-align:left;border-bottom:1px solid #8884}",
  ".right{text-align:right}",
  "tr:not(.fits) td{opacity:.75}",
].join("");
