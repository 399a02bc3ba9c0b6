import type { Command } from "commander";
import { TARGETS, findTarget, targetTable, targetToJson, textTable } from "#spinec";
import { addCommonOptions } from "../options.ts";
import { runCommand, type CommonFlags } from "../session.ts";

export function addTargets(program: Command): void {
  const targets = program
    .command("targets")
    .description("the chips that spinec knows, and everything it knows of one")
    .addHelpText(
      "after",
      "\nExamples:\n  $ spinec targets\n  $ spinec targets show loihi1 --table\n  $ spinec targets show loihi1 > mine.json\n",
    );
  addCommonOptions(targets.command("list", { isDefault: true }).description("names and titles")).action(
    (flags: CommonFlags) =>
      runCommand(flags, () =>
        Promise.resolve({
          text: [
            ...textTable(
              [{ heading: "target" }, { heading: "chip" }, { heading: "profiles" }, { heading: "packers" }],
              TARGETS.map((target) => [
                target.name,
                target.title,
                target.profiles
                  .map((p) => (p.name === target.defaultProfile ? `${p.name} (default)` : p.name))
                  .join(", "),
                target.packers.map((p) => p.name).join(", "),
              ]),
            ),
            "",
            "spinec targets show NAME --table prints every number with its source;",
            "spinec targets show NAME > mine.json gives a file to edit and to use with --target mine.json.",
          ],
          json: {
            schema: "spinec/targets/1",
            targets: TARGETS.map(({ name, title, profiles, defaultProfile, packers }) => ({
              name,
              title,
              profiles: profiles.map((p) => p.name),
              defaultProfile,
              packers: packers.map((p) => p.name),
            })),
          },
        }),
      ),
  );
  addCommonOptions(
    targets
      .command("show")
      .argument("<name>", "a target's name")
      .description("one target as JSON (to edit), or as tables")
      .option("--table", "print tables for people instead of JSON")
      .addHelpText(
        "after",
        "\nExamples:\n  $ spinec targets show loihi1 --table\n  $ spinec targets show loihi1 > mine.json\n",
      ),
  ).action((name: string, flags: CommonFlags & { table?: boolean }) =>
    runCommand(flags, (session) => {
      const target = findTarget(name, session.sink);
      session.checkpoint();
      if (target === undefined) throw new Error("unreachable: checkpoint throws");
      const file = JSON.parse(targetToJson(target)) as object;
      const json = { schema: "spinec/target/1", target: file };
      if (flags.table !== true) return Promise.resolve({ text: [JSON.stringify(file, null, 2)], json });
      const text = targetTable(target).flatMap((section) => [
        section.title,
        ...textTable(
          section.columns.map((heading) => ({ heading })),
          section.rows,
        ).map((line) => `  ${line}`),
        "",
      ]);
      return Promise.resolve({ text, json });
    }),
  );
}
