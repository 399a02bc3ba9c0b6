import { deliverPending } from "#util/event-loop";
import type { OnProgress } from "#util/progress";

export type StopSignal = "SIGINT" | "SIGTERM";

export interface CaughtSignals {
  readonly caught: () => StopSignal | undefined;
  /** While nobody listens, a signal ends the process at once, as it does by itself. */
  readonly listen: (isOn: boolean) => void;
  /** Ends the listening; `caught` tells of every signal that came before. */
  readonly release: () => Promise<void>;
}

/** The first signal asks the run to stop; the second ends the process at once. */
export function catchSignals(): CaughtSignals {
  let signal: StopSignal | undefined;
  const handler = (name: StopSignal): void => {
    if (signal !== undefined) process.exit(exitCodeOf(name));
    signal = name;
  };
  let isListening = false;
  const listen = (isOn: boolean): void => {
    if (isOn === isListening) return;
    isListening = isOn;
    for (const name of ["SIGINT", "SIGTERM"] as const)
      if (isOn) process.on(name, handler);
      else process.off(name, handler);
  };
  listen(true);
  return {
    caught: () => signal,
    listen,
    release: async () => {
      if (isListening) await deliverPending();
      listen(false);
    },
  };
}

export function exitCodeOf(signal: StopSignal | undefined): 130 | 143 {
  return signal === "SIGTERM" ? 143 : 130;
}

/** Signals are for the simulation: what comes before and after it ends at once. */
export function listenToSimulation(signals: CaughtSignals, onProgress: OnProgress): OnProgress {
  return (stage, done, total) => {
    signals.listen(stage === "simulate");
    onProgress(stage, done, total);
  };
}
