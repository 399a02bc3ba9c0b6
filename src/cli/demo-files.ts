import { readFileSync } from "node:fs";
import { readInputData, readNetwork, type InputData, type Network } from "#spinec";
import { invariant } from "#util/diagnostic";
import type { Session } from "./session.ts";

/** The bundled model and digits; from `dist/src/cli` and `src/cli` alike. */
function assetUrl(name: string): URL {
  const depth = import.meta.url.includes("/dist/") ? "../../../" : "../../";
  return new URL(`${depth}assets/demo/${name}`, import.meta.url);
}

export async function readDemo(session: Session): Promise<{ network: Network } & InputData> {
  const network = await readNetwork(readFileSync(assetUrl("digits.nir")), { name: "digits" }, session.sink);
  session.checkpoint();
  invariant(network !== undefined, "the bundled model can be read");
  const ports = network.inputs.map(({ name, population }) => ({
    name,
    shape: network.populations[population].shape,
  }));
  const data = await readInputData(
    readFileSync(assetUrl("digits-200.json.gz")),
    { fileName: "digits-200.json.gz", ports },
    session.sink,
  );
  session.checkpoint();
  invariant(data !== undefined, "the bundled digits can be read");
  return { network, ...data };
}
