import { basename } from "node:path";
import type { Command } from "commander";
import {
  encodeMembranes,
  type MembraneRequest,
  type SimulationOutcome,
  type TraceWindow,
  type WatchOptions,
} from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { badOption, traceCut, traceLinksLeftOut, traceMessagesLeftOut } from "./diagnostics.ts";
import { growFile, writeAtomically } from "./io.ts";
import type { Session } from "./session.ts";

/** Options that look closely at some samples and steps of a run on a chip. */
export interface WatchFlags {
  readonly trace?: string;
  readonly traceSteps?: string;
  readonly traceSamples?: string;
  readonly membrane?: string;
  readonly membraneOut?: string;
}

export function addWatchOptions(command: Command): Command {
  return command
    .option(
      "--trace <file>",
      "write what cores and messages do over time, for ui.perfetto.dev (.json; at most 400,000 events)",
    )
    .option("--trace-steps <from:to>", "steps of the trace and the membranes, to not included (default: all)")
    .option(
      "--trace-samples <from:to>",
      "samples of the trace and the membranes, counted from 0 (default: 0:1, the first)",
    )
    .option(
      "--membrane <names>",
      "populations whose membranes are kept: NAME or NAME:v, currents: NAME:u; commas between several",
    )
    .option("--membrane-out <file>", "where they go (.h5: NIRData, .npz: float32, .json, .json.gz)");
}

/** Undefined: there is nothing to watch. Throws `ToolchainError` with `cli/bad-option`. */
export function watchOptionsOf(flags: WatchFlags): WatchOptions | undefined {
  const { trace, traceSteps, traceSamples, membrane, membraneOut } = flags;
  expectTogether("--membrane", membrane, "--membrane-out", membraneOut);
  expectTogether("--membrane-out", membraneOut, "--membrane", membrane);
  if (trace === undefined && membrane === undefined) {
    expectTogether("--trace-steps", traceSteps, "--trace or --membrane", undefined);
    expectTogether("--trace-samples", traceSamples, "--trace or --membrane", undefined);
    return undefined;
  }
  const window: TraceWindow = {
    samples: traceSamples === undefined ? [0, 1] : rangeOf("--trace-samples", traceSamples),
    ...(traceSteps !== undefined && { steps: rangeOf("--trace-steps", traceSteps) }),
  };
  return {
    window,
    ...(trace !== undefined && { trace: {} }),
    ...(membrane !== undefined && { membranes: membrane.split(",").map(membraneRequest) }),
  };
}

/** Throws `ToolchainError` with `cli/bad-option` if the window has none of the samples or steps there are. */
export function expectInside(
  { window }: WatchOptions,
  flags: WatchFlags,
  samples: number,
  steps: number,
): void {
  if (window.samples !== undefined && window.samples[0] >= samples)
    throw new ToolchainError([
      badOption({
        option: "--trace-samples",
        value: flags.traceSamples ?? "0:1",
        expected: `a range that begins below ${samples}, the number of samples`,
      }),
    ]);
  if (window.steps !== undefined && window.steps[0] >= steps)
    throw new ToolchainError([
      badOption({
        option: "--trace-steps",
        value: flags.traceSteps ?? "",
        expected: `a range that begins below ${steps}, the steps of a sample`,
      }),
    ]);
}

const MESSAGES_OF_A_STEP = 1000;

/** Where the trace and the membranes go. */
export interface WatchFiles {
  readonly onTrace: (text: string) => void;
  /** Writes all that was seen, and says what is missing. */
  readonly keep: (outcome: SimulationOutcome, timestepNs: number | undefined) => Promise<void>;
  /** Removes what is not whole. */
  readonly discard: () => void;
}

export function openWatchFiles(flags: WatchFlags, session: Session): WatchFiles {
  const file = flags.trace === undefined ? undefined : growFile(flags.trace);
  return {
    onTrace: (text) => file?.write(text),
    async keep({ trace, membranes }, timestepNs) {
      // A run that was stopped before the samples of the window has seen nothing.
      if (trace === undefined) file?.discard();
      else file?.commit();
      if (flags.trace !== undefined && trace !== undefined) {
        const { events, cutAt, linksLeftOut, messagesLeftOut } = trace;
        const path = flags.trace;
        if (cutAt !== undefined) session.sink.report(traceCut({ path, events, ...cutAt }));
        if (linksLeftOut > 0) session.sink.report(traceLinksLeftOut({ path, links: linksLeftOut }));
        if (messagesLeftOut > 0)
          session.sink.report(
            traceMessagesLeftOut({ path, messages: messagesLeftOut, limit: MESSAGES_OF_A_STEP }),
          );
      }
      if (flags.membraneOut !== undefined && membranes !== undefined)
        writeAtomically(
          flags.membraneOut,
          await encodeMembranes(membranes, basename(flags.membraneOut), timestepNs),
        );
    },
    discard: () => file?.discard(),
  };
}

function membraneRequest(text: string): MembraneRequest {
  const state = text.endsWith(":u") ? "u" : "v";
  const population = /:[uv]$/.test(text) ? text.slice(0, -2) : text;
  if (population !== "") return { population, state };
  throw new ToolchainError([
    badOption({
      option: "--membrane",
      value: text,
      expected: "names of populations, such as hidden or hidden:u",
    }),
  ]);
}

/** `from:to`; either may be left out. */
function rangeOf(option: string, text: string): readonly [from: number, to: number] {
  const match = /^(\d*):(\d*)$/.exec(text.trim());
  const from = match?.[1] ? Number(match[1]) : 0;
  const to = match?.[2] ? Number(match[2]) : Number.MAX_SAFE_INTEGER;
  if (match !== null && from < to && Number.isSafeInteger(from)) return [from, to];
  throw new ToolchainError([
    badOption({ option, value: text, expected: "a range such as 0:10, of which the end is not included" }),
  ]);
}

function expectTogether(
  option: string,
  value: string | undefined,
  other: string,
  otherValue: string | undefined,
): void {
  if (value === undefined || otherValue !== undefined) return;
  throw new ToolchainError([badOption({ option, value, expected: `given together with ${other}` })]);
}
