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
    format: "{stage} [{bar}] {percentage} %  {value} of {total}{left}",
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: false,
    gracefulExit: false,
    synchronousUpdate: true,
  });
  let drawing = false;
  let current = "";
  let before = 0;
  let begunMs = startedMs;
  return {
    onProgress(stage, done, total) {
      const nowMs = performance.now();
      const isNew = stage !== current || done < before;
      if (isNew) begunMs = nowMs;
      before = done;
      const wasDrawing = drawing && stage === current;
      current = stage;
      if (nowMs - startedMs < QUIET_MS) return;
      const payload = { stage, left: timeLeft(nowMs - begunMs, done, total) };
      if (!wasDrawing) bar.start(total, done, payload);
      drawing = true;
      bar.update(done, payload);
    },
    stop() {
      if (drawing) bar.stop();
      drawing = false;
    },
  };
}

/** Sooner, a guess would be about how things begin. */
const GUESS_MS = 1000;

/** `, 8 s to go`, if the rest goes on as all of it did so far; nothing where that says little. */
export function timeLeft(spentMs: number, done: number, total: number): string {
  if (done === 0 || done >= total || spentMs < GUESS_MS) return "";
  const seconds = Math.ceil(((spentMs / done) * (total - done)) / 1000);
  const minutes = Math.ceil(seconds / 60);
  if (seconds < 60) return `, ${seconds} s to go`;
  if (minutes < 60) return `, ${minutes} min to go`;
  return `, ${Math.floor(minutes / 60)} h ${minutes % 60} min to go`;
}
