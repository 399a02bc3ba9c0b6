import { Option, type Command } from "commander";
import { createHash } from "node:crypto";
import { extname } from "node:path";
import {
  EXPORTERS,
  exportDeployment,
  exportModel,
  findExporter,
  isDeploymentFile,
  type ExportedFile,
  type Exporter,
  type ExportOptions,
} from "#spinec";
import { ToolchainError, invariant } from "#util/diagnostic";
import { formatCount } from "#util/units";
import { unknownOption } from "../diagnostics.ts";
import { readBytes, writeAllAtomically } from "../io.ts";
import {
  addCommonOptions,
  addMapOptions,
  addModelOptions,
  mapOptionsOf,
  type MapFlags,
  type ModelFlags,
} from "../options.ts";
import { chooseTarget, readDeployment, readModel } from "../models.ts";
import { runCommand, type CommonFlags, type Session } from "../session.ts";

interface ExportFlags extends CommonFlags, ModelFlags, MapFlags {
  readonly to: string;
  readonly output: string;
}

export function addExport(program: Command): void {
  const command = program
    .command("export")
    .argument("<file>", "a model (.nir), or a deployment (.spinec) where the exporter writes deployments")
    .description("write a model or a deployment in another format, or for another reader")
    .requiredOption("--to <exporter>", `one of ${EXPORTERS.map(({ name }) => name).join(", ")}`)
    .requiredOption(
      "-o, --output <file>",
      "the file to write; further files of the same export lie beside it",
    )
    .addHelpText("after", exporterHelp());
  addCommonOptions(addMapOptions(addModelOptions(command), { targetDefault: "" }));
  // Options of exporters are checked by the chosen one, which can say what it has.
  const own = addExporterOptions(command).allowUnknownOption().allowExcessArguments();
  own.action((file: string, flags: ExportFlags, { args }: Command) =>
    runCommand(flags, async (session) => {
      const exporter = findExporter(flags.to, session.sink);
      session.checkpoint();
      invariant(exporter !== undefined, "an exporter that cannot be found is reported");
      checkLeftOver(args, exporter);
      const options = exporterOptionsOf(own, exporter);
      const files = await exported(file, flags, exporter, options, session);
      const written = files.map(({ suffix, bytes }, index) => ({
        path: pathOf(flags.output, suffix, index, exporter),
        content: bytes,
      }));
      writeAllAtomically(written);
      const list = written.map(({ path, content }) => ({
        path,
        bytes: content.length,
        sha256: createHash("sha256").update(content).digest("hex"),
      }));
      return {
        text: list.map(({ path, bytes }) => `Written: ${path} (${formatCount(bytes)} bytes)`),
        json: { schema: "spinec/export/1", exporter: exporter.name, options, files: list },
      };
    }),
  );
}

async function exported(
  file: string,
  flags: ExportFlags,
  exporter: Exporter,
  options: ExportOptions,
  session: Session,
): Promise<readonly ExportedFile[]> {
  if (isDeploymentFile(readBytes(file))) {
    const { deployment } = await readDeployment(file, session);
    return exportDeployment(deployment, exporter, options, session.sink);
  }
  const network = await readModel(file, flags, session);
  const mapping = () => ({
    target: chooseTarget({ ...flags, target: flags.target || "loihi1" }, session).target,
    options: mapOptionsOf(flags),
  });
  return exportModel(network, exporter, options, mapping, session.sink, session.onProgress);
}

/** The first file is what was asked for; the others lie beside it, under its name. */
function pathOf(output: string, suffix: string, index: number, { extensions }: Exporter): string {
  const known = [suffix, ...extensions].find((extension) => output.toLowerCase().endsWith(extension));
  if (index === 0) return known === undefined && extname(output) === "" ? output + suffix : output;
  return output.slice(0, output.length - (known ?? extname(output)).length) + suffix;
}

/** One option for each name that some exporter has; the command's own come first. */
function addExporterOptions(command: Command): Command {
  const taken = new Set(command.options.map(({ long }) => long));
  for (const { name, value, choices } of EXPORTERS.flatMap(({ options }) => options)) {
    const long = `--${name}`;
    if (taken.has(long)) continue;
    taken.add(long);
    const takesValue = value !== undefined || choices !== undefined;
    command.addOption(new Option(takesValue ? `${long} <${value ?? "choice"}>` : long).hideHelp());
  }
  return command;
}

/** What was given of the options that exporters have, whether the chosen one has them or not. */
function exporterOptionsOf(command: Command, exporter: Exporter): ExportOptions {
  const names = new Set(EXPORTERS.flatMap(({ options }) => options.map(({ name }) => name)));
  const own = new Set(exporter.options.map(({ name }) => name));
  const options: Record<string, string> = {};
  for (const option of command.options) {
    const name = option.long?.slice(2) ?? "";
    const value: unknown = command.getOptionValue(option.attributeName());
    const isShared = !option.hidden && !own.has(name);
    if (!names.has(name) || isShared || value === undefined) continue;
    options[name] = typeof value === "string" ? value : "on";
  }
  return options;
}

/** Throws for options that neither the command nor any exporter has, and for a second file. */
function checkLeftOver(args: readonly string[], exporter: Exporter): void {
  const odd = args.filter((arg, index) => arg.startsWith("-") || (index > 0 && !args[0].startsWith("-")));
  if (odd.length === 0) return;
  const known = exporter.options.map(({ name }) => `--${name}`);
  const options = odd.filter((arg) => arg.startsWith("-"));
  throw new ToolchainError(
    (options.length > 0 ? options : odd).map((option) =>
      unknownOption({ option, exporter: exporter.name, known }),
    ),
  );
}

function exporterHelp(): string {
  const lines = EXPORTERS.flatMap(({ name, level, summary, options }) => [
    `  ${name}: ${summary} (${level === "network" ? "the model" : `the ${level}, with --target`})`,
    ...options.map((option) => {
      const { choices, value } = option;
      const takes =
        choices === undefined ? (value === undefined ? "" : ` <${value}>`) : ` ${choices.join("|")}`;
      return `    --${option.name}${takes}  ${option.summary}`;
    }),
  ]);
  return `
Exporters and their options:
${lines.join("\n")}

Examples:
  $ spinec export model.nir --to nir --dialect norse -o for-norse.nir
  $ spinec export old.nir --to nir --gzip -o clean.nir
  $ spinec export model.nir --to nir --quantized --target loihi1 -o integers.nir
`;
}
