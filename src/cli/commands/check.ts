import type { Command } from "commander";
import { basename } from "node:path";
import { checkFile, fixFile } from "#spinec";
import { formatDiagnostic } from "#util/diagnostic";
import { expectWritable, readBytes, writeAtomically } from "../io.ts";
import { addCommonOptions, addModelOptions, importOptionsOf, type ModelFlags } from "../options.ts";
import { runCommand, type CommonFlags } from "../session.ts";

export function addCheck(program: Command): void {
  const command = program
    .command("check")
    .argument("<file>", "a model (.nir)")
    .description("findings with codes: units, reset, duplicate edges, shapes, unsupported nodes")
    .option("--fix <file>", "write the file with everything repaired that has one reasonable repair")
    .addHelpText(
      "after",
      "\nThe exit code is 1 if there is an error (with --strict: a warning).\n\nExamples:\n  $ spinec check model.nir\n  $ spinec check old.nir --fix repaired.nir\n",
    );
  addCommonOptions(addModelOptions(command)).action(
    (file: string, flags: CommonFlags & ModelFlags & { fix?: string }) =>
      runCommand(flags, async (session) => {
        expectWritable(flags.fix);
        const bytes = readBytes(file);
        const { findings } = await checkFile(bytes, { name: basename(file), ...importOptionsOf(flags) });
        const count = (severity: string): number => findings.filter((f) => f.severity === severity).length;
        const errors = count("error") + (flags.strict === true ? count("warning") : 0);
        const text = findings.map(formatDiagnostic);
        if (flags.fix !== undefined) {
          const repaired = await fixFile(bytes, session.sink);
          session.checkpoint();
          if (repaired !== undefined) {
            writeAtomically(flags.fix, repaired);
            text.push(`Repaired: ${flags.fix}`);
          }
        }
        text.push(
          `${basename(file)}: ${counted(count("error"), "error")}, ${counted(count("warning"), "warning")}, ${counted(count("note"), "note")}`,
        );
        return {
          text,
          json: { schema: "spinec/check/1", file: basename(file), findings },
          exitCode: errors > 0 ? 1 : 0,
        };
      }),
  );
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
