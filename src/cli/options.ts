import { Option, type Command } from "commander";
import { RESET_MODES, TIMING_MODELS, type ImportOptions, type MapOptions, type ResetMode } from "#spinec";
import { ToolchainError } from "#util/diagnostic";
import { parseSeconds } from "#util/units";
import { badOption } from "./diagnostics.ts";

/** Options of every command that reads a model: what files leave open. */
export interface ModelFlags {
  readonly dt?: string;
  readonly timeUnit?: "s" | "ms" | "steps";
  readonly integrator?: "euler" | "exponential";
  readonly compare?: "gt" | "ge";
  readonly current?: "new" | "old";
  readonly reset?: string;
  readonly vMin?: string;
  readonly ifStep?: "one" | "dt";
  readonly feedbackT0?: "zeros-through" | "absent";
  readonly resetInterval?: string;
  readonly convert?: "ann";
  readonly calibrate?: string;
}

export function addModelOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--dt <time>",
        "length of one step, such as 1e-4, 0.1ms or 100us (default: what the writer uses)",
      ),
    )
    .addOption(
      new Option("--time-unit <unit>", "unit of the time constants in the file").choices([
        "s",
        "ms",
        "steps",
      ]),
    )
    .addOption(new Option("--integrator <rule>", "how a step is computed").choices(["euler", "exponential"]))
    .addOption(
      new Option(
        "--compare <rule>",
        "spike when v is greater than (gt) or at least (ge) the threshold",
      ).choices(["gt", "ge"]),
    )
    .addOption(new Option("--reset <mode>", `one of ${RESET_MODES.join(", ")}; or node=mode,node=mode`))
    .addOption(
      new Option(
        "--current <which>",
        "whether the membrane sees the new or the old synaptic current",
      ).choices(["new", "old"]),
    )
    .addOption(
      new Option(
        "--v-min <thresholds>",
        "lower clamp of IF membranes, in units of the threshold (sinabs: -1)",
      ),
    )
    .addOption(
      new Option("--if-step <gain>", "gain of IF and I neurons per step: 1, or dt").choices(["one", "dt"]),
    )
    .addOption(
      new Option("--feedback-t0 <rule>", "what a feedback edge carries in step 0").choices([
        "zeros-through",
        "absent",
      ]),
    )
    .addOption(
      new Option(
        "--reset-interval <steps>",
        "netx: neurons forget everything every so many steps, each layer a step after the one before (default: never)",
      ),
    )
    .addOption(
      new Option("--convert <kind>", "onnx: rectifiers become neurons whose rates stand for values").choices([
        "ann",
      ]),
    )
    .option(
      "--calibrate <file>",
      "with --convert: inputs that tell how large values get (default: bounds from the weights)",
    );
}

/** Import options of the flags. Throws `ToolchainError` with every value that cannot be read. */
export function importOptionsOf(flags: ModelFlags): ImportOptions {
  const faults: ToolchainError["diagnostics"][number][] = [];
  const fault = (option: string, value: string, expected: string): undefined => {
    faults.push(badOption({ option, value, expected }));
  };
  const dtSeconds =
    flags.dt === undefined
      ? undefined
      : (parseSeconds(flags.dt) ?? fault("--dt", flags.dt, "a positive time such as 1e-4, 0.1ms or 100us"));
  const vMinThresholds =
    flags.vMin === undefined
      ? undefined
      : (finite(flags.vMin) ?? fault("--v-min", flags.vMin, "a number, such as -1"));
  const reset =
    flags.reset === undefined
      ? undefined
      : (parseReset(flags.reset) ??
        fault(
          "--reset",
          flags.reset,
          `one of ${RESET_MODES.join(", ")}, or node=mode pairs with commas between`,
        ));
  if (faults.length > 0) throw new ToolchainError(faults);
  return {
    ...(dtSeconds !== undefined && { dtSeconds }),
    ...(vMinThresholds !== undefined && { vMinThresholds }),
    ...(reset !== undefined && { reset }),
    ...(flags.timeUnit !== undefined && { timeUnit: flags.timeUnit }),
    ...(flags.integrator !== undefined && { integrator: flags.integrator }),
    ...(flags.compare !== undefined && {
      compare: flags.compare === "ge" ? (">=" as const) : (">" as const),
    }),
    ...(flags.current !== undefined && { current: flags.current }),
    ...(flags.ifStep !== undefined && { ifStep: flags.ifStep }),
    ...(flags.feedbackT0 !== undefined && { feedbackT0: flags.feedbackT0 }),
    ...(flags.convert !== undefined && { convert: flags.convert }),
    ...(flags.resetInterval !== undefined && {
      resetIntervalSteps: wholeNumber("--reset-interval", flags.resetInterval, 1),
    }),
  };
}

function finite(text: string): number | undefined {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) ? value : undefined;
}

function parseReset(text: string): ImportOptions["reset"] {
  if (!text.includes("=")) return asResetMode(text);
  const byNode: Record<string, ResetMode> = {};
  for (const pair of text.split(",")) {
    const at = pair.lastIndexOf("=");
    const mode = asResetMode(pair.slice(at + 1));
    if (at < 1 || mode === undefined) return undefined;
    byNode[pair.slice(0, at)] = mode;
  }
  return byNode;
}

const asResetMode = (text: string): ResetMode | undefined => RESET_MODES.find((mode) => mode === text);

/** A whole number of at least `min`. Throws `ToolchainError` with `cli/bad-option`. */
export function wholeNumber(option: string, text: string, min: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= min) return value;
  throw new ToolchainError([
    badOption({ option, value: text, expected: `a whole number of at least ${min}` }),
  ]);
}

export function addCommonOptions(command: Command): Command {
  return command
    .option("--json", "print the result as JSON (on stdout; messages stay on stderr)")
    .option("--strict", "warnings become errors")
    .option("-q, --quiet", "print errors only, no warnings and notes");
}

/** Options of every command that maps a model onto a chip. */
export interface MapFlags {
  readonly target: string;
  readonly profile?: string;
  readonly packer?: string;
  readonly chips?: string;
  readonly share?: "never" | "when-needed" | "always";
  readonly rules?: "lava" | "nengo";
  readonly weightBits?: string;
  readonly decayLevels?: string;
}

export function addMapOptions(command: Command, { targetDefault = "loihi1" } = {}): Command {
  const target = new Option(
    "--target <target>",
    "a target's name (see `spinec targets`), with parameters where it has some, or a target file (.json)",
  );
  return command
    .addOption(targetDefault === "" ? target : target.default(targetDefault))
    .option(
      "--profile <profile>",
      "what actions cost: one of the target's profiles, or a profile file (.json) (default: the target's)",
    )
    .option(
      "--packer <name>",
      "whose synapse-memory packing the word counts follow (default: the target's first)",
    )
    .option("--chips <count>", "chips that may be used", "1")
    .addOption(
      new Option("--share <when>", "whether populations may share a core (default: when-needed)").choices([
        "never",
        "when-needed",
        "always",
      ]),
    )
    .addOption(
      new Option(
        "--rules <whose>",
        "integer arithmetic where implementations differ (default: lava)",
      ).choices(["lava", "nengo"]),
    )
    .option("--weight-bits <bits>", "bits of a stored weight (default: all the target has)")
    .option(
      "--decay-levels <count>",
      "at most so many different decays in a population (default: as many as the model has)",
    );
}

/** Throws `ToolchainError` with every number that cannot be read. */
export function mapOptionsOf(flags: MapFlags): MapOptions {
  return {
    ...(flags.packer !== undefined && { packer: flags.packer }),
    ...(flags.chips !== undefined && { chips: wholeNumber("--chips", flags.chips, 1) }),
    ...(flags.share !== undefined && { share: flags.share }),
    ...(flags.rules !== undefined && { rules: flags.rules }),
    ...(flags.weightBits !== undefined && { weightBits: wholeNumber("--weight-bits", flags.weightBits, 1) }),
    ...(flags.decayLevels !== undefined && {
      decayLevels: wholeNumber("--decay-levels", flags.decayLevels, 1),
    }),
  };
}

/**
 * An option that must be given. Unlike commander's own, it is missed after options that are unknown, so that a
 * misspelt one is named as such.
 */
export function addRequiredOption(command: Command, flags: string, description: string): Command {
  const option = new Option(flags, `${description} (required)`);
  return command.addOption(option).hook("preAction", (_, action) => {
    if (action.getOptionValue(option.attributeName()) === undefined)
      action.error(`error: required option '${flags}' not specified`);
  });
}

/** Options of every command that feeds data in. */
export interface InputFlags {
  readonly input?: string;
  readonly labels?: string;
  readonly steps?: string;
  readonly samples?: string;
  readonly spikes?: string;
  readonly timing?: string;
  readonly rates?: string;
  readonly threads?: string;
}

export function addInputOptions(command: Command): Command {
  return addRequiredOption(command, "--input <file>", "spikes or values: .npz, .npy, .json, .json.gz, .h5")
    .option("--labels <file>", "class of each sample: a JSON list (default: what the input file holds)")
    .option("--steps <count>", "steps of one inference (default: what the input holds)")
    .option("--samples <count>", "use only the first samples")
    .option("--spikes <file>", "write the recorded spikes (.json, .json.gz, or .h5: NIRData)")
    .option(
      "--timing <model>",
      `timing model, see below (default: that of the profile's law, ${TIMING_MODELS[0].name} for max-core)`,
    )
    .option(
      "--rates <name=value,...>",
      "rates of the timing model's law, in place of the profile's; units are in their names (a refusal lists them)",
    )
    .option(
      "--threads <count>",
      "threads that simulate samples; never changes the result (default: 1 for short runs, else one for each core)",
    )
    .addHelpText(
      "after",
      `\nTiming models:\n${TIMING_MODELS.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join("\n")}`,
    )
    .addHelpText(
      "after",
      "\nCtrl-C ends the simulation after the samples under way and reports those; a second one ends it at once.",
    );
}

/** What the timing and the threads of a run on a chip are. Throws `ToolchainError` with `cli/bad-option`. */
export function chipOptionsOf(flags: InputFlags): {
  readonly timing?: string;
  readonly rates?: Readonly<Record<string, number>>;
  readonly threads?: number;
} {
  return {
    ...(flags.timing !== undefined && { timing: flags.timing }),
    ...(flags.rates !== undefined && { rates: ratesOf(flags.rates) }),
    ...(flags.threads !== undefined && { threads: wholeNumber("--threads", flags.threads, 1) }),
  };
}

/** `name=value,...`. Throws `ToolchainError` with `cli/bad-option`. */
export function ratesOf(text: string): Record<string, number> {
  const rates = text.split(",").map((pair): [string, number] => {
    const at = pair.indexOf("=");
    const value = finite(pair.slice(at + 1));
    if (at < 1 || value === undefined)
      throw new ToolchainError([
        badOption({
          option: "--rates",
          value: text,
          expected: "name=value pairs with commas between, such as neuronUpdate=4.2,linkBit=0.1",
        }),
      ]);
    return [pair.slice(0, at).trim(), value];
  });
  return Object.fromEntries(rates);
}
