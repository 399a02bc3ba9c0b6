// What other programs really did with real files, against what is predicted.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import { READERS, examineFor, findReader } from "#formats/nir/doctor/index";
import { reportStrictFaults } from "#formats/nir/doctor/strict";
import { readNirFile } from "#formats/nir/read-file";
import type { NirFile } from "#formats/nir/graph";
import { sharedPath } from "#test/shared";
import { DiagnosticSink, type Diagnostic } from "#util/diagnostic";

const corpus = sharedPath("corpus");
const folders = ["models", "peer_nir", "writer_variants"];
const cases: string[] = folders.flatMap((folder) =>
  corpus === undefined || !existsSync(join(corpus, folder))
    ? []
    : readdirSync(join(corpus, folder)).map((id) => `${folder}/${id}`),
);
const at = (...parts: string[]): string => join(corpus ?? "", ...parts);
const json = <T>(path: string): T => JSON.parse(readFileSync(path, "utf8")) as T;

async function open(id: string): Promise<NirFile> {
  const sink = new DiagnosticSink();
  return (await readNirFile(readFileSync(at(id, "model.nir")), sink)) ?? assert.fail(id);
}

/** Column of the peers' table, and the reader that predicts it. */
const COLUMNS: Readonly<Record<string, string>> = {
  "nir.read": "nir",
  "nirtorch.nir_to_torch(defaults)": "nirtorch",
  "norse.from_nir": "norse",
  "snntorch.import_from_nir": "snntorch",
  "sinabs.from_nir": "sinabs",
  "spikingjelly.import_from_nir": "spikingjelly",
  "rockpool.from_nir": "rockpool",
};

const acceptance = at("peer_acceptance.json");
const hasAcceptance = corpus !== undefined && existsSync(acceptance);

describe("corpus: what peers accept", () => {
  const matrix = hasAcceptance
    ? json<{ matrix: Record<string, Record<string, string>> }>(acceptance).matrix
    : {};

  test.skipIf(!hasAcceptance)("corpus has a column for every reader that is said to be compared with runs", () => {
    const columns = Object.values(matrix).flatMap((row) => Object.keys(row));
    for (const reader of READERS.filter(({ basis }) => basis === "runs"))
      assert.ok(
        columns.some((column) => COLUMNS[column] === reader.name),
        reader.name,
      );
  });

  for (const [name, row] of Object.entries(matrix)) {
    const id = cases.find((path) => path.endsWith(`/${name}`));
    for (const [column, outcome] of Object.entries(row)) {
      const reader = findReader(COLUMNS[column] ?? "");
      if (reader === undefined) continue;
      test.skipIf(id === undefined)(`corpus ${name}: ${column} is predicted (${outcome.slice(0, 60)})`, async () => {
        const { verdict, findings } = examineFor(reader, await open(id ?? ""));
        if (outcome === "ok") {
          assert.notEqual(verdict, "refuses", findings.map(({ message }) => message).join("\n"));
          return;
        }
        assert.equal(verdict, "refuses");
        const said = findings.filter(({ severity }) => severity === "error").map(({ data }) => String(data?.["says"]));
        assert.ok(
          said.some((text) => text !== "" && outcome.includes(text)),
          `${outcome}\n is none of\n${said.join("\n")}`,
        );
      });
    }
  }
});

describe("corpus: what the reference reader accepts", () => {
  for (const id of cases) {
    const readable = existsSync(at(id, "case.json")) && existsSync(at(id, "model.nir"));
    test.skipIf(!readable || id.endsWith("not_hdf5_torch_zip"))(
      `corpus ${id}: nir.read, with and without type check`,
      async () => {
        const { nir_read: real = "accepts" } = json<{ nir_read?: string }>(at(id, "case.json"));
        const { root } = await open(id);
        const faults = (typeCheck: boolean): Diagnostic[] => {
          const sink = new DiagnosticSink();
          reportStrictFaults(root, "nir.read", typeCheck, (d) => sink.report(d));
          return [...sink.diagnostics];
        };
        const accepts = { checked: faults(true).length === 0, unchecked: faults(false).length === 0 };
        assert.deepEqual(
          accepts,
          { checked: real === "accepts", unchecked: real !== "refuses" },
          JSON.stringify(faults(true).map(({ message }) => message)),
        );
      },
    );
  }
});
