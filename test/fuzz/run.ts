// One damaged file after the other through a reader. Same seed and number: same file.
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { createRng } from "#util/rng";
import { below, pick } from "./bytes.ts";
import type { FuzzCase } from "./cases.ts";
import type { Seed } from "./seeds.ts";

export interface FuzzResult {
  readonly index: number;
  readonly outcome: "accepted" | "refused" | "failed";
  readonly bytes: number;
  /** CPU time of the process. */
  readonly cpuMs: number;
  /** Failed only: what went wrong. */
  readonly reason?: string;
}

/** The damaged file of that number: one kind of damage, sometimes two. */
export async function damagedFile(
  { mutators }: FuzzCase,
  files: readonly Seed[],
  seed: number,
  index: number,
): Promise<Uint8Array> {
  const rng = createRng((Math.imul(seed, 0x9e3779b1) + index) >>> 0);
  // Small files are read faster: they come first, and more often.
  let bytes = files[Math.floor(files.length * rng() * rng())].bytes;
  for (let n = rng() < 0.8 ? 1 : 2; n > 0; n--) bytes = await pick(rng, mutators)(bytes, rng);
  if (below(rng, 50) === 0) bytes = bytes.slice(below(rng, 16));
  return bytes;
}

/** Reads one file, and checks what every reader owes: no exception, and no network if and only if there is an error. */
export async function readOne(subject: FuzzCase, bytes: Uint8Array, index: number): Promise<FuzzResult> {
  const before = process.cpuUsage();
  const cpuMs = (): number => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const failed = (reason: string): FuzzResult => ({
    index,
    outcome: "failed",
    bytes: bytes.length,
    cpuMs: cpuMs(),
    reason,
  });
  const sink = new DiagnosticSink();
  try {
    const outcome = await subject.read(bytes, sink);
    for (const { code, message } of sink.diagnostics)
      if (!/^[a-z0-9-]+\/[a-z0-9-]+$/.test(code) || message.length < 10 || message.includes("[object "))
        return failed(`a message that says nothing: ${code}: ${message}`);
    if ((outcome === "refused") !== sink.hasErrors)
      return failed(
        outcome === "refused"
          ? "refused without an error"
          : `accepted with an error: ${sink.diagnostics.map(({ code }) => code).join()}`,
      );
    return { index, outcome, bytes: bytes.length, cpuMs: cpuMs() };
  } catch (error) {
    if (error instanceof ToolchainError) return failed(`thrown, not reported: ${error.message}`);
    return failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
