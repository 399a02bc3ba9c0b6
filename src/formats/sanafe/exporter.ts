import { findProfile } from "#targets/index";
import type { DiagnosticSink } from "#util/diagnostic";
import { deploymentAndTarget } from "../deployment-target.ts";
import type { ExportedFile, Exporter, ExportOptions, ExportSubject } from "../export.ts";
import { architectureText, hostOf } from "./architecture.ts";
import { checkCarried, checkPrices } from "./check.ts";
import { inputsAreUnits } from "./diagnostics.ts";
import { networkText } from "./network.ts";

/** Writes a map for SANA-FE: the mapped network, and beside it the architecture with a profile's prices. */
export const sanafeExporter: Exporter = {
  name: "sanafe",
  summary: "SANA-FE: mapped network (YAML) and, beside it, the architecture with prices (.arch.yaml)",
  extensions: [".yaml"],
  level: "deployment",
  options: [{ name: "profile", summary: "whose prices, default the target's own default", value: "name" }],

  write(
    subject: ExportSubject,
    options: ExportOptions,
    sink: DiagnosticSink,
  ): Promise<readonly ExportedFile[] | undefined> {
    const mapped = deploymentAndTarget(subject, sink);
    const profile =
      options["profile"] === undefined && subject.profile !== undefined
        ? subject.profile
        : mapped && findProfile(mapped.target, options["profile"], sink);
    if (mapped === undefined || profile === undefined) return Promise.resolve(undefined);

    const { deployment, target } = mapped;
    if (!checkCarried(deployment, sink)) return Promise.resolve(undefined);
    checkPrices(profile, sink);
    const host = hostOf(deployment, target);
    if (host !== undefined) sink.report(inputsAreUnits(host));
    const hasDelays = deployment.cores.some(({ delaySteps }) => delaySteps.some((steps) => steps > 1));
    const encoder = new TextEncoder();
    return Promise.resolve([
      { suffix: ".yaml", bytes: encoder.encode(networkText(deployment, target, host)) },
      {
        suffix: ".arch.yaml",
        bytes: encoder.encode(architectureText(target, profile, { host, hasDelays })),
      },
    ]);
  },
};
