import { formatCount, formatTimeNs } from "#util/units";
import type { MapProgress } from "#spinec";

/** One line on stderr that says what the map costs so far, only if stderr is a terminal. */
export function createMapProgress(stream: NodeJS.WriteStream = process.stderr): {
  readonly onProgress: (progress: MapProgress) => void;
  /** Clears the line; call it before anything is printed. */
  readonly stop: () => void;
} {
  let isDrawn = false;
  return {
    onProgress(progress) {
      if (!stream.isTTY) return;
      const line = progressText(progress).slice(0, Math.max(20, (stream.columns || 80) - 1));
      stream.write(`\r\u001b[K${line}`);
      isDrawn = true;
    },
    stop() {
      if (isDrawn) stream.write("\r\u001b[K");
      isDrawn = false;
    },
  };
}

export function progressText({ stage, cores, cutSpikes, cost, lowerBound, stepNs }: MapProgress): string {
  const parts = [stage];
  if (cores !== undefined) parts.push(`${formatCount(cores)} cores`);
  if (cutSpikes !== undefined) parts.push(`${formatCount(Math.round(cutSpikes))} cut spikes`);
  if (stepNs !== undefined) parts.push(`${formatTimeNs(stepNs)} a step`);
  if (cost !== undefined) parts.push(`cost ${formatCount(Math.round(cost))}`);
  if (lowerBound !== undefined && lowerBound > 0 && cost !== undefined)
    parts.push(`${(cost / lowerBound).toFixed(2)} × the bound`);
  return parts.join(", ");
}
