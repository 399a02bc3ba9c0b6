import type { StepProgress } from "#spinec";
import { formatShare } from "#util/units";

/** Time between two drawings, and between two counts of the weights that are left. */
const DRAW_MS = 150;
const COUNT_MS = 2000;

export interface TrainingBar {
  onStep(progress: StepProgress): void;
  /** Clears the line. */
  stop(): void;
}

/** Loss, accuracy, density and the time to go, on stderr if it is a terminal. */
export async function createTrainingBar(epochs: number): Promise<TrainingBar> {
  if (!process.stderr.isTTY) return { onStep: () => undefined, stop: () => undefined };
  const {
    default: { SingleBar },
  } = await import("cli-progress");
  const bar = new SingleBar({
    format:
      "{stage} [{bar}] {percentage} %  loss {loss}  accuracy {accuracy}  density {density}  {eta_formatted} to go",
    barsize: 24,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: false,
    gracefulExit: false,
    synchronousUpdate: true,
    etaBuffer: 50,
  });
  let drawnMs = -Infinity;
  let countedMs = -Infinity;
  let probe: number | undefined;
  let density = "";
  return {
    onStep(progress) {
      const nowMs = performance.now();
      if (nowMs - drawnMs < DRAW_MS) return;
      drawnMs = nowMs;
      if (nowMs - countedMs > COUNT_MS) {
        countedMs = nowMs;
        density = formatShare(progress.density());
      }
      const run = progress.knob === undefined ? "" : `run ${progress.probe + 1}, `;
      const payload = {
        stage: `${run}epoch ${progress.epoch + 1}/${epochs}`,
        loss: progress.loss.toPrecision(3),
        accuracy: formatShare(progress.accuracy),
        density,
      };
      if (probe !== progress.probe) {
        if (probe !== undefined) bar.stop();
        probe = progress.probe;
        bar.start(progress.totalSteps, progress.stepsDone, payload);
      }
      bar.update(progress.stepsDone, payload);
    },
    stop() {
      if (probe !== undefined) bar.stop();
      probe = undefined;
    },
  };
}
