import type { OnProgress } from "#util/progress";

/** Draws nothing for work shorter than this. */
const QUIET_MS = 400;

export interface Progress {
  readonly onProgress: OnProgress;
  /** Clears the line; call it before anything is printed. */
  readonly stop: () => void;
}

/** A progress bar on stderr, only if stderr is a terminal. Draws from inside long synchronous stages too. */
export async function createProgress(): Promise<Progress> {
  if (!process.stderr.isTTY) return { onProgress: () => undefined, stop: () => undefined };
  const {
    default: { SingleBar },
  } = await import("cli-progress");
  const startedMs = performance.now();
  const bar = new SingleBar({
    format: "{stage} [{bar}] {percentage} %  {value} of {total}, {eta_formatted} to go",
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: false,
    gracefulExit: false,
    synchronousUpdate: true,
  });
  let drawing = false;
  let current = "";
  return {
    onProgress(stage, done, total) {
      if (performance.now() - startedMs < QUIET_MS) return;
      if (!drawing || stage !== current) {
        bar.start(total, done, { stage });
        drawing = true;
        current = stage;
      }
      bar.update(done, { stage });
    },
    stop() {
      if (drawing) bar.stop();
      drawing = false;
    },
  };
}
