// onnx.checker and strict shape inference of the Python package, where it is installed.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PYTHON = "/usr/bin/python3";

/** Whether there is a Python with onnx; tests that need it skip, and say so in their titles. */
export const hasOnnxChecker: boolean = spawnSync(PYTHON, ["-c", "import onnx"]).status === 0;

/** What to add to a title. */
export const checkerMissing: string = hasOnnxChecker ? "" : " (no python3-onnx here)";

const SCRIPT = `
import sys, onnx
for path in sys.argv[1:]:
    model = onnx.load(path)
    try:
        onnx.checker.check_model(model, full_check=True)
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        known = {v.name: v.type.tensor_type for v in inferred.graph.value_info}
        for node in inferred.graph.node:
            for name in node.output:
                if name in known and not known[name].HasField("shape"):
                    raise ValueError("no shape for " + name)
        print("fine")
    except Exception as error:
        print(str(error).replace("\\n", " "))
`;

/**
 * What `check_model(full_check=True)` and `infer_shapes(strict_mode=True, data_prop=True)` say of files, one line for each
 * model: "fine", or the error.
 */
export function onnxCheckerVerdicts(models: readonly Uint8Array[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "spinec-onnx-"));
  try {
    const paths = models.map((bytes, i) => {
      const path = join(folder, `${i}.onnx`);
      writeFileSync(path, bytes);
      return path;
    });
    const output = execFileSync(PYTHON, ["-c", SCRIPT, ...paths], { encoding: "utf8" });
    return output.trimEnd().split("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
