#!/usr/bin/env node
import { VERSION } from "../version.ts";

// A closed pipe (`spinec … | head`) ends the run quietly.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 3);
});

// Scripts ask for the version often: that needs none of the modules below.
if (["-V", "--version"].includes(process.argv[2])) process.stdout.write(`${VERSION}\n`);
else {
  const [{ CommanderError }, { createProgram }] = await Promise.all([
    import("commander"),
    import("./program.ts"),
  ]);
  try {
    await createProgram().parseAsync(process.argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}
