import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./shared.ts";

/** Compares a text with `test/golden/<name>`; with UPDATE_GOLDEN=1 the file is written instead: read the diff. */
export function assertGolden(name: string, text: string): void {
  const path = join(ROOT, "test", "golden", name);
  if (process.env.UPDATE_GOLDEN === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return;
  }
  assert.ok(existsSync(path), `${path} is missing: run once with UPDATE_GOLDEN=1`);
  assert.equal(text, readFileSync(path, "utf8"));
}
