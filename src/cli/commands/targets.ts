import type { Command } from "commander";
import {
  FAMILIES,
  TARGETS,
  checkTarget,
  contentHash,
  parseTargetOrProfile,
  profileToJson,
  targetDifferences,
  targetTable,
  targetToJson,
  textTable,
  type Diagnostic,
  type Target,
} from "#spinec";
import { DiagnosticSink, ToolchainError } from "#util/diagnostic";
import { nothingToCheck } from "../diagnostics.ts";
import { readBytes } from "../io.ts";
import { profileNamed, targetNamed, underName } from "../models.ts";
import { addCommonOptions } from "../options.ts";
import { runCommand, type CommandResult, type CommonFlags, type Session } from "../session.ts";

const EXAMPLES = [
  "spinec targets",
  "spinec targets show loihi1 --table",
  "spinec targets show loihi1 > mine.json",
  "spinec targets show loihi1 --profile nahuku-fit > prices.json",
  "spinec targets check mine.json prices.json",
  "spinec targets diff loihi1 mine.json",
  "spinec targets diff generic-crossbar generic-crossbar:rows=1024,bits=2",
];

const examples = (lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join("")}`;
const examplesOf = (command: string): string =>
  examples(EXAMPLES.filter((line) => line.startsWith(`spinec targets ${command}`)));

export function addTargets(program: Command): void {
  const targets = program
    .command("targets")
    .description("the chips that spinec knows, and everything it knows of one")
    .addHelpText("after", examples(EXAMPLES));
  addCommonOptions(targets.command("list", { isDefault: true }).description("names and titles")).action(
    (flags: CommonFlags) => runCommand(flags, () => Promise.resolve(listTargets())),
  );
  addCommonOptions(
    targets
      .command("show")
      .argument("<target>", "a target's name, with parameters where it has some, or a target file (.json)")
      .description("one target as JSON (to edit), or as tables")
      .option("--table", "print tables for people instead of JSON")
      .option("--profile <name>", "one of its profiles instead, in a file of its own")
      .addHelpText("after", examplesOf("show")),
  ).action((name: string, flags: CommonFlags & { table?: boolean; profile?: string }) =>
    runCommand(flags, (session) => Promise.resolve(showTarget(name, flags, session))),
  );
  addCommonOptions(
    targets
      .command("check")
      .argument("[files...]", "target files or profile files (.json), or names")
      .description("find every fault of a target or a profile")
      .option("--all", "all targets that come with spinec")
      .option("--target <target>", "the target that profiles have to belong to")
      .addHelpText("after", examplesOf("check")),
  ).action((files: string[], flags: CommonFlags & { all?: boolean; target?: string }) =>
    runCommand(flags, (session) => Promise.resolve(checkTargets(files, flags, session))),
  );
  addCommonOptions(
    targets
      .command("diff")
      .argument("<first>", "a target's name or file")
      .argument("<second>", "another one")
      .description("what differs between two targets, each with its default profile")
      .addHelpText("after", examplesOf("diff")),
  ).action((first: string, second: string, flags: CommonFlags) =>
    runCommand(flags, (session) => Promise.resolve(diffTargets([first, second], session))),
  );
}

const statusOf = ({ status }: Target): string => status ?? "supported";

function listTargets(): CommandResult {
  const profiles = ({ profiles, defaultProfile }: Target): string =>
    profiles
      .map(({ name }) => (profiles.length > 1 && name === defaultProfile ? `${name} (default)` : name))
      .join(", ");
  const table = textTable(
    ["target", "status", "chip", "profiles", "packers"].map((heading) => ({ heading })),
    TARGETS.map((target) => [
      target.name,
      statusOf(target),
      target.title,
      profiles(target),
      target.packers.map((p) => p.name).join(", "),
    ]),
  );
  const parameters = FAMILIES.flatMap((family) =>
    family.parameters.map(({ key, value, min, max, meaning }, i) => [
      i === 0 ? family.name : "",
      key,
      String(value),
      `${min} to ${max}`,
      meaning,
    ]),
  );
  return {
    text: [
      ...table,
      "",
      "With parameters, as NAME:key=value,key=value:",
      ...textTable(
        ["target", "parameter", "default", "range", "meaning"].map((heading) => ({ heading })),
        parameters,
      ),
      "",
      "spinec targets show NAME --table prints every number with its source;",
      "spinec targets show NAME > mine.json gives a file to edit and to use with --target mine.json.",
    ],
    json: {
      schema: "spinec/targets/1",
      targets: TARGETS.map((target) => ({
        name: target.name,
        title: target.title,
        status: statusOf(target),
        profiles: target.profiles.map((p) => p.name),
        defaultProfile: target.defaultProfile,
        packers: target.packers.map((p) => p.name),
        contentHash: contentHash(target),
        parameters: FAMILIES.find(({ name }) => name === target.name)?.parameters ?? [],
      })),
    },
  };
}

function showTarget(
  name: string,
  flags: { readonly table?: boolean; readonly profile?: string },
  session: Session,
): CommandResult {
  const target = targetNamed(name, session);
  const profile = flags.profile === undefined ? undefined : profileNamed(target, flags.profile, session);
  if (flags.table !== true) {
    if (profile !== undefined) {
      const file = JSON.parse(profileToJson(profile, target)) as object;
      return { text: [JSON.stringify(file, null, 2)], json: { schema: "spinec/profile/1", file } };
    }
    const file = JSON.parse(targetToJson(target)) as object;
    return { text: [JSON.stringify(file, null, 2)], json: { schema: "spinec/target/1", target: file } };
  }
  const shown = profile === undefined ? target : { ...target, profiles: [profile] };
  const text = [
    `${target.name}, content hash ${contentHash(target)}`,
    "",
    ...targetTable(shown).flatMap((section) => [
      section.title,
      ...textTable(
        section.columns.map((heading) => ({ heading })),
        section.rows,
      ).map((line) => `  ${line}`),
      "",
    ]),
  ];
  return { text, json: { schema: "spinec/target/1", target: JSON.parse(targetToJson(target)) as object } };
}

function checkTargets(
  names: readonly string[],
  { all, target: of }: { readonly all?: boolean; readonly target?: string },
  session: Session,
): CommandResult {
  const owner = of === undefined ? undefined : targetNamed(of, session);
  const wanted = [...(all === true ? TARGETS.map(({ name }) => name) : []), ...names];
  if (wanted.length === 0) throw new ToolchainError([nothingToCheck()]);
  const checked = wanted.map((name) => {
    const { kind, hash, findings } = checkOne(name, owner);
    for (const finding of findings) session.sink.report(underName(name, finding));
    return { name, kind, ok: findings.length === 0, findings: findings.length, contentHash: hash };
  });
  return {
    text: textTable(
      ["checked", "kind", "content hash", "findings"].map((heading) => ({ heading })),
      checked.map(({ name, kind, contentHash: hash, findings }) => [
        name,
        kind ?? "unreadable",
        hash ?? "–",
        findings === 0 ? "none" : String(findings),
      ]),
    ),
    json: { schema: "spinec/targets-check/1", checked },
  };
}

interface Checked {
  readonly kind: "target" | "profile" | null;
  readonly hash: string | null;
  readonly findings: readonly Diagnostic[];
}

/** What cannot be read or found is a finding like others: the next one is looked at. */
function checkOne(name: string, owner: Target | undefined): Checked {
  try {
    return checkNamed(name, owner);
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    return { kind: null, hash: null, findings: error.diagnostics };
  }
}

function checkNamed(name: string, owner: Target | undefined): Checked {
  const sink = new DiagnosticSink();
  if (!name.endsWith(".json")) {
    const target = targetNamed(name, { sink, checkpoint: () => sink.throwIfErrors() });
    return { kind: "target", hash: contentHash(target), findings: checkTarget(target) };
  }
  const file = parseTargetOrProfile(new TextDecoder().decode(readBytes(name)), sink, owner);
  if (file === undefined) return { kind: null, hash: null, findings: sink.diagnostics };
  const content = file.kind === "target" ? file.target : file.profile;
  return { kind: file.kind, hash: contentHash(content), findings: sink.diagnostics };
}

function diffTargets(names: readonly [string, string], session: Session): CommandResult {
  const [first, second] = names.map((name) => targetNamed(name, session));
  const differences = targetDifferences(first, second);
  const label = (target: Target, i: number): string => (first.name === second.name ? names[i] : target.name);
  return {
    text:
      differences.length === 0
        ? [`${names[0]} and ${names[1]} do not differ.`]
        : textTable(
            ["section", "what", label(first, 0), label(second, 1)].map((heading) => ({ heading })),
            differences.map(({ section, what, first: a, second: b }, i) => [
              section === differences.at(i - 1)?.section && i > 0 ? "" : section,
              what,
              a === "" ? "–" : a,
              b === "" ? "–" : b,
            ]),
          ),
    json: {
      schema: "spinec/targets-diff/1",
      first: first.name,
      second: second.name,
      differences,
    },
  };
}
