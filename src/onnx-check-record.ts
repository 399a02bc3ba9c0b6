// What a check of an exported graph gave: in words, and inside the file itself.
import { METADATA } from "#formats/onnx/own-layout";
import { encodeModel } from "#formats/onnx/proto";
import type { Diagnostic } from "#util/diagnostic";
import { onnxDiffers, onnxNothingFires } from "./diagnostics.ts";
import type { OnnxCheck } from "./onnx-check.ts";
import { assumedInputText, type AssumedInput } from "./onnx-check-input.ts";

/** What a graph ran on: input that was made up, or a file of somebody's. */
export type CheckedInput = AssumedInput | { readonly kind: "file"; readonly sha256: string };

/** The check in words, one line for each output. */
export function onnxCheckText(
  { graph, semantics, runtime, samples, steps, outputs }: OnnxCheck,
  input?: CheckedInput,
): string[] {
  const against = semantics === "float" ? "the float reference" : "the integer reference, bit for bit";
  return [
    `Run in ${runtime}: ${graph} graph, ${samples} ${samples === 1 ? "sample" : "samples"} of ${steps} steps, against ${against}`,
    ...(input === undefined || input.kind === "file" ? [] : [`  input: ${assumedInputText(input)}`]),
    ...outputs.map(
      ({ name, values, sum, differingValues, largestDifference }) =>
        `  ${name}: ${differingValues} of ${values} values differ (largest difference ${Number(largestDifference.toPrecision(3))}; sum ${Number(sum.toPrecision(9))})`,
    ),
  ];
}

/**
 * What a check has to report: an error if the graph computes something else than the simulator, a warning if nothing happened.
 *
 * @param float64 whether the same network agrees when it is written in float64; undefined: not tried
 */
export function onnxCheckFindings(check: OnnxCheck, float64?: "agrees" | "differs"): Diagnostic[] {
  const { outputs, differingValues } = check;
  const names = (list: OnnxCheck["outputs"]): string[] => list.map(({ name }) => name);
  if (differingValues > 0)
    return [
      onnxDiffers({
        differingValues,
        values: outputs.reduce((sum, { values }) => sum + values, 0),
        outputs: names(outputs.filter((output) => output.differingValues > 0)),
        float64,
        check,
      }),
    ];
  const isSilent = outputs.every(({ sum, referenceSum }) => sum === 0 && referenceSum === 0);
  return isSilent ? [onnxNothingFires({ outputs: names(outputs) })] : [];
}

/**
 * The file with the check in its metadata (`spinec.check`). The bytes that were checked come first and are not changed: an
 * entry of a list may follow at the end of a message.
 *
 * @param bytes the file as it was checked
 */
export async function withOnnxCheck(
  bytes: Uint8Array,
  check: OnnxCheck,
  input: CheckedInput,
): Promise<Uint8Array> {
  const { runtime, samples, steps, differingValues, outputs } = check;
  const values = outputs.reduce((sum, output) => sum + output.values, 0);
  const record = { runtime, checkedBytes: bytes.length, samples, steps, values, differingValues, input };
  const entry = await encodeModel({
    metadataProps: [{ key: METADATA.check, value: JSON.stringify(record) }],
  });
  const whole = new Uint8Array(bytes.length + entry.length);
  whole.set(bytes);
  whole.set(entry, bytes.length);
  return whole;
}
