import type { DiagnosticSink } from "#util/diagnostic";
import { kernelGeometry, notAscending, outOfRange, shapeMismatch } from "./diagnostics.ts";
import type { Connectivity, SharedKernel, SparseMatrix } from "./network.ts";
import {
  checkBroadcast,
  checkElements,
  checkLength,
  checkNumbers,
  checkStarts,
  checkWhole,
} from "./validate-arrays.ts";

/** One projection's synapses: sizes, order and numbers, whatever the form. `rows` x `cols` is what its ends ask for. */
export function validateConnectivity(
  connectivity: Connectivity,
  rows: number,
  cols: number,
  subject: string,
  sink: DiagnosticSink,
): void {
  if (connectivity.rows !== rows || connectivity.cols !== cols) {
    sink.report(
      shapeMismatch({
        subject,
        what: "the size (pre x post)",
        needed: `${rows} x ${cols}`,
        found: `${connectivity.rows} x ${connectivity.cols}`,
      }),
    );
  }
  switch (connectivity.kind) {
    case "sparse":
      validateSparse(connectivity, subject, sink);
      return;
    case "dense":
      checkLength(connectivity.values, connectivity.rows * connectivity.cols, `${subject}.values`, sink);
      checkNumbers(connectivity.values, `${subject}.values`, sink);
      return;
    case "diagonal":
      if (connectivity.rows !== connectivity.cols) {
        const found = `${connectivity.rows} x ${connectivity.cols}`;
        sink.report(shapeMismatch({ subject, what: "the size of a diagonal", needed: "square", found }));
      }
      checkBroadcast(connectivity.values, connectivity.rows, `${subject}.values`, sink);
      checkNumbers(connectivity.values, `${subject}.values`, sink);
      return;
    case "kernel":
      validateKernel(connectivity, subject, sink);
      return;
    default: {
      const found = String((connectivity as { kind: unknown }).kind);
      sink.report(outOfRange({ subject, what: "kind", needed: "sparse, dense, kernel or diagonal", found }));
    }
  }
}

function validateSparse(matrix: SparseMatrix, subject: string, sink: DiagnosticSink): void {
  const { rows, cols, rowStart, colIndex, values } = matrix;
  checkLength(values, colIndex.length, `${subject}.values`, sink);
  checkNumbers(values, `${subject}.values`, sink);
  if (!checkStarts(rowStart, rows, colIndex.length, `${subject}.rowStart`, sink)) return;
  if (!checkElements(colIndex, 0, cols - 1, `${subject}.colIndex`, sink)) return;
  for (let r = 0; r < rows; r++) {
    for (let i = rowStart[r] + 1; i < rowStart[r + 1]; i++) {
      if (colIndex[i] > colIndex[i - 1]) continue;
      sink.report(notAscending({ subject: `${subject}.colIndex`, at: i }));
      return;
    }
  }
}

function validateKernel(kernel: SharedKernel, subject: string, sink: DiagnosticSink): void {
  const { kernelShape, stride, padding, dilation, groups, inputShape, outputShape } = kernel;
  const whole = [
    ...kernelShape.map((n) => [n, 1, "kernelShape"] as const),
    ...stride.map((n) => [n, 1, "stride"] as const),
    ...dilation.map((n) => [n, 1, "dilation"] as const),
    ...padding.map((n) => [n, 0, "padding"] as const),
    ...inputShape.map((n) => [n, 1, "inputShape"] as const),
    ...outputShape.map((n) => [n, 1, "outputShape"] as const),
    [groups, 1, "groups"] as const,
  ];
  const sound = whole.map(([n, low, what]) => checkWhole(n, low, what, `${subject}.${what}`, sink));
  if (sound.includes(false)) return;
  const want = (what: string, needed: number, found: number): void => {
    if (needed === found) return;
    sink.report(kernelGeometry({ subject, what, needed: String(needed), found: String(found) }));
  };
  const [outChannels, inPerGroup, height, width] = kernelShape;
  want("the number of output channels", outChannels, outputShape[0]);
  want("the input channels (per group x groups)", inPerGroup * groups, inputShape[0]);
  want("the output channels left over by the groups", 0, outChannels % groups);
  const extent = (d: 0 | 1, taps: number): number =>
    Math.floor(
      (inputShape[d + 1] + padding[2 * d] + padding[2 * d + 1] - dilation[d] * (taps - 1) - 1) / stride[d],
    ) + 1;
  want("the output height", extent(0, height), outputShape[1]);
  want("the output width", extent(1, width), outputShape[2]);
  want("the pre size", inputShape[0] * inputShape[1] * inputShape[2], kernel.rows);
  want("the post size", outputShape[0] * outputShape[1] * outputShape[2], kernel.cols);
  checkLength(kernel.weights, outChannels * inPerGroup * height * width, `${subject}.weights`, sink);
  checkNumbers(kernel.weights, `${subject}.weights`, sink);
}
