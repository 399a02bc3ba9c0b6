// Options of the scripts: what the comment at the top of a script says is its help.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** `parseArgs`; `--help` prints the help and ends with 0, a wrong option says what is wrong and ends with 2. */
export function scriptOptions(script, config) {
  const help = readFileSync(fileURLToPath(script), "utf8")
    .split("\n")
    .slice(0, 40)
    .filter((line, i, lines) => lines.slice(0, i + 1).every((before) => /^(#!|\/\/)/.test(before)))
    .filter((line) => line.startsWith("//"))
    .map((line) => line.replace(/^\/\/ ?/, ""))
    .join("\n");
  try {
    const parsed = parseArgs({ ...config, options: { ...config.options, help: { type: "boolean" } } });
    if (parsed.values.help !== true) return parsed;
    console.log(help);
    process.exit(0);
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(2);
  }
}
