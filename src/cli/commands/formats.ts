import type { Command } from "commander";
import { FORMATS, INPUT_FORMATS, textTable } from "#spinec";
import { addCommonOptions } from "../options.ts";
import { runCommand, type CommonFlags } from "../session.ts";

export function addFormats(program: Command): void {
  addCommonOptions(
    program.command("formats").description("the file formats that spinec reads and writes"),
  ).action((flags: CommonFlags) =>
    runCommand(flags, () => {
      const models = FORMATS.map(({ name, summary, extensions }) => ({ name, summary, extensions }));
      const rows = [...models, ...INPUT_FORMATS].map(({ name, extensions, summary }) => [
        name,
        extensions.join(" "),
        summary,
      ]);
      return Promise.resolve({
        text: textTable([{ heading: "format" }, { heading: "files" }, { heading: "holds" }], rows),
        json: { schema: "spinec/formats/1", models, spikes: INPUT_FORMATS },
      });
    }),
  );
}
