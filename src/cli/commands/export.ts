import { Option, type Command } from "commander";
import { createHash } from "node:crypto";
import { basename, extname } from "node:path";
import {
  EXPORTERS,
  exportDeployment,
  exportModel,
  findExporter,
  isDeploymentFile,
  type ExportedFile,
  type ExportMapping,
  type Exporter,
  type ExportOptions,
  type Network,
} from "#spinec";
import { ToolchainError, invariant } from "#util/diagnostic";
import { formatCount } from "#util/units";
import { checkExport, expectCheckable, type CheckFlags } from "../check-export.ts";
import { oneFileOnly, unknownOption } from "../diagnostics.ts";
import { expectWritable, readBytes, writeAllAtomically } from "../io.ts";
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

interface ExportFlags extends CommonFlags, ModelFlags, MapFlags, CheckFlags {
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
    .option(
      "--verify-input <file>",
      "onnx: what the file is run on before it is written, to compare it with the simulator (default: random input; needs onnxruntime-node)",
    )
    .option("--no-verify", "onnx: write the file without running it")
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
      expectWritable(flags.output);
      expectCheckable(flags, exporter);
      const options = exporterOptionsOf(own, exporter);
      const { files, source } = await exported(file, flags, exporter, options, session);
      const paths = files.map(({ suffix }, index) => pathOf(flags.output, suffix, index, exporter));
      const names = paths.map((path) => basename(path));
      // Before anything is written: a file that computes something else is none.
      const checked =
        source === undefined || exporter.name !== "onnx"
          ? undefined
          : await checkExport(flags, { ...source, exporter, options, files, names }, session);
      const written = (checked?.files ?? files).map(({ bytes }, index) => ({
        path: paths[index],
        content: bytes,
      }));
      writeAllAtomically(written);
      const list = written.map(({ path, content }) => ({
        path,
        bytes: content.length,
        sha256: createHash("sha256").update(content).digest("hex"),
      }));
      const text = list.map(({ path, bytes }) => `Written: ${path} (${formatCount(bytes)} bytes)`);
      const json = { schema: "spinec/export/1", exporter: exporter.name, options, files: list };
      if (checked === undefined) return { text, json };
      return { text: [...checked.text, ...text], json: { ...json, check: checked.check } };
    }),
  );
}

async function exported(
  file: string,
  flags: ExportFlags,
  exporter: Exporter,
  options: ExportOptions,
  session: Session,
): Promise<{
  readonly files: readonly ExportedFile[];
  /** Of a model, for a check of what was made. */
  readonly source?: { readonly network: Network; readonly mapping: () => ExportMapping };
}> {
  const naming = { baseName: basename(stemOf(flags.output, exporter)) };
  if (isDeploymentFile(readBytes(file))) {
    const { deployment } = await readDeployment(file, session);
    const chosen = chooseTarget({ ...flags, target: flags.target || deployment.target }, session);
    return {
      files: await exportDeployment(deployment, exporter, options, { ...naming, ...chosen }, session.sink),
    };
  }
  const network = await readModel(file, flags, session);
  const mapping = (): ExportMapping => ({
    ...chooseTarget({ ...flags, target: flags.target || "loihi1" }, session),
    options: mapOptionsOf(flags),
  });
  const { sink, onProgress } = session;
  const files = await exportModel(network, exporter, options, mapping, naming, sink, onProgress);
  return { files, source: { network, mapping } };
}

/** The name that was asked for without its extension, if it has one. */
function stemOf(output: string, { extensions }: Exporter): string {
  const known = extensions.find((extension) => output.toLowerCase().endsWith(extension));
  return output.slice(0, output.length - (known ?? extname(output)).length);
}

/** The first file is what was asked for; the others lie beside it, under its name. */
function pathOf(output: string, suffix: string, index: number, exporter: Exporter): string {
  const stem = stemOf(output, exporter);
  return index === 0 && stem !== output ? output : stem + suffix;
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
  const options = args.filter((arg) => arg.startsWith("-"));
  const known = exporter.options.map(({ name }) => `--${name}`);
  if (options.length > 0)
    throw new ToolchainError(
      options.map((option) => unknownOption({ option, exporter: exporter.name, known })),
    );
  if (args.length > 1) throw new ToolchainError([oneFileOnly({ files: args })]);
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
  $ spinec export model.nir --to onnx -o model.onnx
  $ spinec export model.nir --to onnx --verify-input test.npz -o model.onnx
  $ spinec export model.nir --to onnx --semantics loihi1-int --graph step -o chip-step.onnx
  $ spinec export model.nir --to nir --quantized --target loihi1 -o integers.nir
`;
}
