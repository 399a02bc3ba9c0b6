// Matrix product, bias and block copies on tensors.
import type { Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs";
import type { Backend } from "./backend.ts";
import type { Tensors } from "./tfjs-tensors.ts";

export function linearFunctions({
  tf,
  tensor,
  write,
}: Tensors): Pick<Backend, "gemm" | "addBias" | "channelSums" | "copyBlocks"> {
  return {
    gemm({ a, b, c, m, n, k, transA, transB, accumulate }) {
      write([c], () => {
        // Transposed beforehand: the product of transposed matrices is ten times slower on the WebAssembly flavour.
        const left = transA ? tensor<Tensor2D>(a, [k, m]).transpose<Tensor2D>() : tensor<Tensor2D>(a, [m, k]);
        const right = transB
          ? tensor<Tensor2D>(b, [n, k]).transpose<Tensor2D>()
          : tensor<Tensor2D>(b, [k, n]);
        const product = tf.matMul(left, right);
        return [accumulate ? product.add(tensor(c, [m, n])) : product];
      });
    },
    addBias(y, bias, rows, channels, inner) {
      write([y], () => [
        tensor<Tensor3D>(y, [rows, channels, inner]).add(tensor<Tensor2D>(bias, [channels, 1])),
      ]);
    },
    channelSums(y, sums, rows, channels, inner) {
      write([sums], () => [tensor<Tensor3D>(y, [rows, channels, inner]).sum([0, 2])]);
    },
    copyBlocks({ from, to, rows, width, fromStride, fromOffset, toStride, toOffset, accumulate }) {
      // Where blocks lie is no matter of tensors; only the sum is.
      for (let r = 0; r < rows; r++) {
        const source = from.subarray(r * fromStride + fromOffset).subarray(0, width);
        const target = to.subarray(r * toStride + toOffset).subarray(0, width);
        if (!accumulate) target.set(source);
        else
          write([target], () => [tensor<Tensor1D>(target, [width]).add(tensor<Tensor1D>(source, [width]))]);
      }
    },
  };
}
