import type { SpikeData } from "#ir/spikes";
import type { DiagnosticSink } from "#util/diagnostic";
import { rateCodedFieldMissing, rateCodedNotReadable } from "./diagnostics.ts";
import { rateEncodeAll } from "./encode.ts";

/** The only rule so far: `rateEncode`. */
const RULE = "rate_encode";

/** Images that become spikes by a rule: a hundredth of the size of the spikes themselves. */
export interface RateCodedImages {
  readonly steps: number;
  /** Of the input population. */
  readonly shape: readonly number[];
  /** `[images, product of shape]`, 0 to 255. */
  readonly pixels: Uint8Array;
  /** `[images]`. */
  readonly labels: Uint8Array;
}

/** What stands in the file. */
export interface RateCodedImagesJson {
  readonly rule: typeof RULE;
  readonly steps: number;
  readonly shape: readonly number[];
  /** Base64 of one byte per pixel, image after image. */
  readonly pixels: string;
  readonly labels: readonly number[];
}

/** The spikes of the images, one sample each. */
export function spikesOfImages(images: RateCodedImages): SpikeData {
  return rateEncodeAll(images.pixels, images.shape, images.steps);
}

export function encodeRateCodedImages(images: RateCodedImages): RateCodedImagesJson {
  let binary = "";
  for (let i = 0; i < images.pixels.length; i++) binary += String.fromCharCode(images.pixels[i]);
  return {
    rule: RULE,
    steps: images.steps,
    shape: images.shape,
    pixels: btoa(binary),
    labels: [...images.labels],
  };
}

/** True if parsed JSON says that it is of this kind; the rest of it may still be damaged. */
export function isRateCodedImages(json: unknown): boolean {
  return isRecord(json) && json.rule === RULE;
}

/** Checks and unpacks parsed JSON. Reports every fault; undefined if there is one. */
export function decodeRateCodedImages(json: unknown, sink: DiagnosticSink): RateCodedImages | undefined {
  if (!isRecord(json)) {
    sink.report(rateCodedFieldMissing({ field: "rule", needed: `"${RULE}"`, found: describe(json) }));
    return undefined;
  }
  const { rule, steps, shape, labels } = json;
  const faults: [string, string, unknown][] = [];
  if (rule !== RULE) faults.push(["rule", `"${RULE}"`, rule]);
  if (!isPositive(steps)) faults.push(["steps", "a whole number from 1", steps]);
  const shapeFits = isArrayOf(shape, isPositive);
  if (!shapeFits) faults.push(["shape", "a list of whole numbers from 1", shape]);
  const labelsFit = isArrayOf(labels, isByte);
  if (!labelsFit) faults.push(["labels", "a list of whole numbers from 0 to 255", labels]);
  const pixels = bytesOfBase64(json.pixels);
  if (pixels === undefined) faults.push(["pixels", "base64 text", json.pixels]);
  if (pixels !== undefined && shapeFits && labelsFit) {
    const needed = labels.length * shape.reduce((product, length) => product * length, 1);
    if (pixels.length !== needed)
      faults.push(["pixels", `${needed} bytes (labels x shape)`, `${pixels.length} bytes`]);
  }
  for (const [field, needed, found] of faults)
    sink.report(rateCodedFieldMissing({ field, needed, found: describe(found) }));
  if (faults.length > 0 || !pixels || !shapeFits || !labelsFit || !isPositive(steps)) return undefined;
  return { steps, shape, pixels, labels: Uint8Array.from(labels) };
}

/** Reads such a file, plain or gzip. Never throws for a fault of the file. */
export async function readRateCodedImages(
  bytes: Uint8Array,
  sink: DiagnosticSink,
): Promise<RateCodedImages | undefined> {
  let json: unknown;
  try {
    const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = gzipped ? await gunzip(bytes) : bytes;
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    sink.report(rateCodedNotReadable({ reason, bytes: bytes.length }));
    return undefined;
  }
  return decodeRateCodedImages(json, sink);
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPositive(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

function isArrayOf(value: unknown, accepts: (entry: unknown) => entry is number): value is number[] {
  return Array.isArray(value) && value.every(accepts);
}

function bytesOfBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
