import type { Command } from "commander";
import { EXPORTERS, FORMATS, INPUT_FORMATS, textTable } from "#spinec";
import { addCommonOptions } from "../options.ts";
import { runCommand, type CommonFlags } from "../session.ts";

export function addFormats(program: Command): void {
  addCommonOptions(
    program
      .command("formats")
      .description("the file formats that spinec reads and writes")
      .addHelpText("after", "\nExamples:\n  $ spinec formats\n  $ spinec formats --json\n"),
  ).action((flags: CommonFlags) =>
    runCommand(flags, () => {
      const models = FORMATS.map(({ name, summary, extensions }) => ({ name, summary, extensions }));
      const exporters = EXPORTERS.map(({ name, summary, extensions, level, options }) => ({
        name,
        summary,
        extensions,
        level,
        options,
      }));
      const rows = [
        ...models.map((format) => ({ ...format, use: "model, read" })),
        ...exporters.map((format) => ({
          ...format,
          use: `${format.level === "network" ? "model" : format.level}, written`,
        })),
        ...INPUT_FORMATS.map((format) => ({ ...format, use: "spikes, read" })),
      ].map(({ name, use, extensions, summary }) => [name, use, extensions.join(" "), summary]);
      return Promise.resolve({
        text: textTable(
          [{ heading: "format" }, { heading: "use" }, { heading: "files" }, { heading: "holds" }],
          rows,
        ),
        json: { schema: "spinec/formats/1", models, exporters, spikes: INPUT_FORMATS },
      });
    }),
  );
}
