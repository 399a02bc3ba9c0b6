/**
 * One event of the Trace Event Format. Times are picoseconds here, so that ends and beginnings that should meet do;
 * the file has microseconds.
 */
export interface TraceEvent {
  /** M metadata, X a slice, B and E its two ends, C a counter, b and e the ends of a slice that may overlap others. */
  readonly ph: "M" | "X" | "B" | "E" | "C" | "b" | "e";
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tsPs: number;
  /** Slices (X) only. */
  readonly durPs?: number;
  readonly cat?: string;
  /** Of slices that may overlap: the same for both ends. */
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Text is handed on in pieces of about this many characters. */
const PIECE = 1 << 16;

/**
 * Writes a trace as it grows: nothing is kept but the last piece of text.
 *
 * Source: "Trace Event Format" (Google, the JSON object form), which Perfetto and chrome://tracing read.
 */
export class TraceWriter {
  readonly #emit: (text: string) => void;
  #text = '{"displayTimeUnit":"ns","traceEvents":[\n';
  #written = 0;

  constructor(emit: (text: string) => void) {
    this.#emit = emit;
  }

  /** Events so far. */
  get events(): number {
    return this.#written;
  }

  write(event: TraceEvent): void {
    if (this.#written++ > 0) this.#text += ",\n";
    this.#text += jsonOf(event);
    if (this.#text.length >= PIECE) this.#flush();
  }

  /** Closes the file. @param about what a reader should know, as JSON */
  end(about: Readonly<Record<string, unknown>>): void {
    this.#text += `\n],"otherData":${JSON.stringify(about)}}\n`;
    this.#flush();
  }

  #flush(): void {
    this.#emit(this.#text);
    this.#text = "";
  }
}

function jsonOf({ ph, name, pid, tid, tsPs, durPs, cat, id, args }: TraceEvent): string {
  const fields = [
    `"ph":"${ph}"`,
    `"name":${JSON.stringify(name)}`,
    `"pid":${pid}`,
    `"tid":${tid}`,
    `"ts":${microseconds(tsPs)}`,
  ];
  if (durPs !== undefined) fields.push(`"dur":${microseconds(durPs)}`);
  if (cat !== undefined) fields.push(`"cat":"${cat}"`);
  if (id !== undefined) fields.push(`"id":${id}`);
  if (args !== undefined) fields.push(`"args":${JSON.stringify(args)}`);
  return `{${fields.join(",")}}`;
}

/** Exact decimal text: 1500 ps are 0.0015. */
function microseconds(ps: number): string {
  const whole = Math.floor(ps / 1e6);
  const rest = ps - whole * 1e6;
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(6, "0").replace(/0+$/, "")}`;
}
