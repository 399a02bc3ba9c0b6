import { Command } from "commander";
import { VERSION } from "#spinec";
import { addCheck } from "./commands/check.ts";
import { addCompare } from "./commands/compare.ts";
import { addCompile } from "./commands/compile.ts";
import { addDemo } from "./commands/demo.ts";
import { addExport } from "./commands/export.ts";
import { addFit } from "./commands/fit.ts";
import { addFormats } from "./commands/formats.ts";
import { addInspect } from "./commands/inspect.ts";
import { addMap } from "./commands/map.ts";
import { addRun } from "./commands/run.ts";
import { addSimulate } from "./commands/simulate.ts";
import { addTargets } from "./commands/targets.ts";
import { addTrain } from "./commands/train.ts";
import { addVerify } from "./commands/verify.ts";

/** The whole command line. Wrong usage throws `CommanderError`; everything else ends inside the commands. */
export function createProgram(): Command {
  const program = new Command("spinec")
    .description("Takes a pruned spiking network and says what it costs on a neuromorphic chip.")
    .version(VERSION, "-V, --version", "print the version")
    .showSuggestionAfterError(true)
    .showHelpAfterError("(spinec COMMAND --help shows options and examples)")
    .exitOverride()
    .addHelpText(
      "after",
      `
First steps:
  $ spinec demo                                        the bundled digit classifier on Loihi 1
  $ spinec inspect model.nir                           what is in a file
  $ spinec run model.nir --target loihi1 --input test.npz
`,
    );
  for (const add of [
    addDemo,
    addInspect,
    addCheck,
    addFit,
    addCompile,
    addSimulate,
    addRun,
    addVerify,
    addExport,
    addTrain,
    addMap,
    addCompare,
    addTargets,
    addFormats,
  ])
    add(program);
  return program;
}
