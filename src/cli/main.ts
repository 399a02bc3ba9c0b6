#!/usr/bin/env node
import { CommanderError } from "commander";
import { createProgram } from "./program.ts";

// A closed pipe (`spinec … | head`) ends the run quietly.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 3);
});

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
