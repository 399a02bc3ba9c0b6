import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs";
import { describe, test } from "vitest";
import fc from "fast-check";
import {
  hashOf,
  isDeploymentFile,
  readDeploymentFile,
  writeDeploymentFile,
} from "#formats/deployment-file/index";
import { decodeMessage } from "#formats/deployment-file/decode";
import { encodeMessage } from "#formats/deployment-file/encode";
import { ENUMS, MESSAGES } from "#formats/deployment-file/schema";
import type { Deployment } from "#ir/deployment";
import { neuronModel } from "#neurons/index";
import { deploymentOf } from "#test/deployments";
import { ROOT } from "#test/shared";
import { DiagnosticSink } from "#util/diagnostic";
import { sha256 } from "#util/sha256";

const META = { generator: "spinec 0.0.0", notes: { model: "net.nir", "a b": "ä" } };

/** Has every field of every message in it, with values that are not the defaults. */
function example(size = 3): Deployment {
  const deployment = deploymentOf({
    rules: "nengo",
    inputs: [{ name: "in", size: 2, startStep: 1 }],
    populations: [
      { name: "a", size, startStep: 1, core: (i) => 4 * i, params: { u0: -5, biasMantissa: 3 } },
      { name: "out ü", size: 2, startStep: 2, core: () => 4 },
    ],
    projections: [
      {
        pre: "in",
        post: "a",
        weightExponent: -2,
        encoding: "run-length",
        synapses: [
          { pre: 0, post: 0, weight: -256, delaySteps: 62 },
          { pre: 1, post: 2, weight: 255 },
        ],
      },
      { pre: "a", post: "out ü", encoding: "dense", synapses: [{ pre: 1, post: 1, weight: 7 }] },
    ],
    outputs: [
      { name: "out ü", readout: "membrane", membraneQuantum: Float64Array.of(0.5, -3e300) },
      { name: "a" },
    ],
  });
  return { ...deployment, timestepNs: 1e6, chips: 2 };
}

/** The first group runs `sanafe-lif`, whose first parameters are real; the last is whole. */
function withReals(bias = 0.3): Deployment {
  const { params } = neuronModel("sanafe-lif");
  const group = {
    population: 1,
    model: "sanafe-lif",
    begin: 0,
    end: 1,
    params: params.map(({ name, isReal, default: fallback }) =>
      isReal ? Float64Array.of(name === "bias" ? bias : 0) : Int32Array.of(fallback!),
    ),
  };
  const deployment = example();
  return {
    ...deployment,
    cores: deployment.cores.map((core, c) => (c > 0 ? core : { ...core, groups: [group] })),
  };
}

function read(bytes: Uint8Array): {
  codes: string[];
  messages: string[];
  result: ReturnType<typeof readDeploymentFile>;
} {
  const sink = new DiagnosticSink();
  const result = readDeploymentFile(bytes, sink);
  return {
    result,
    codes: sink.diagnostics.map(({ code }) => code),
    messages: sink.diagnostics.map(({ message }) => message),
  };
}

describe("a deployment file", () => {
  test("gives back the deployment and what was said about it", () => {
    const { result, codes } = read(writeDeploymentFile(example(), META));
    assert.deepEqual(codes, []);
    assert.deepEqual(result, { deployment: example(), meta: META, sha256: hashOf(example()) });
  });

  test("gives back real parameters to the last bit, in a file of version 2", () => {
    const deployment = withReals();
    const bytes = writeDeploymentFile(deployment, META);
    const { result, codes } = read(bytes);
    assert.deepEqual(codes, []);
    assert.deepEqual(result, { deployment, meta: META, sha256: hashOf(deployment) });
    assert.ok(result.deployment.cores[0].groups[0].params[1] instanceof Float64Array);
    const version = (file: Uint8Array): unknown =>
      decodeMessage("DeploymentFile", file, "file")["formatVersion"];
    assert.equal(version(bytes), 2);
    assert.equal(version(writeDeploymentFile(example(), META)), 1);
    assert.notEqual(hashOf(deployment), hashOf(withReals(0.1 + 0.2)));
  });

  test("gives back optional fields as absent", () => {
    const { timestepNs, ...without } = example();
    assert.ok(timestepNs);
    const { result } = read(writeDeploymentFile(without, { generator: "x" }));
    assert.deepEqual(result?.deployment, without);
    assert.ok(!("timestepNs" in result!.deployment));
  });

  test("has the same bytes for the same deployment, in whatever order its notes are", () => {
    const again = { ...META, notes: { "a b": "ä", model: "net.nir" } };
    assert.deepEqual(writeDeploymentFile(example(), META), writeDeploymentFile(example(), again));
  });

  test("is read from the middle of a larger buffer, and keeps none of it", () => {
    const bytes = writeDeploymentFile(example(), META);
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    const { result } = read(larger.subarray(3, 3 + bytes.length));
    larger.fill(0xff);
    assert.deepEqual(result?.deployment, example());
  });

  test("has the hash of the deployment alone", () => {
    assert.equal(
      hashOf(example()),
      read(writeDeploymentFile(example(), { generator: "other" })).result?.sha256,
    );
    assert.notEqual(hashOf(example()), hashOf({ ...example(), network: "by hand 2" }));
    assert.equal(hashOf(example()), "0c24b17a7ae2fd96173f5910f2e9d24c77c9c5250e12c26f7af1f4576846e955");
  });

  test("is refused in words when it is something else", () => {
    assert.equal(isDeploymentFile(writeDeploymentFile(example(), META)), true);
    for (const bytes of [new Uint8Array(), Uint8Array.of(0x0a, 0x11), new TextEncoder().encode("{}")]) {
      assert.equal(isDeploymentFile(bytes), false);
      assert.deepEqual(read(bytes).messages, [
        `a file of ${bytes.length} byte${bytes.length === 1 ? "" : "s"} that is no deployment: one begins with the words "spinec deployment".`,
      ]);
    }
  });

  test("is refused when it has another version, naming who wrote it", () => {
    const bytes = encodeMessage("DeploymentFile", {
      magic: "spinec deployment",
      formatVersion: 3,
      meta: encodeMessage("Meta", { generator: "spinec 9.9.9", notes: [] }),
    });
    assert.deepEqual(read(bytes).messages, [
      "the deployment file has format version 3, written by spinec 9.9.9, but this program reads versions 1 and 2.",
    ]);
  });

  test("is refused when cut off anywhere, or when any bit of it has changed", () => {
    const bytes = writeDeploymentFile(example(), META);
    for (let length = 0; length < bytes.length; length++) {
      const { result, codes } = read(bytes.subarray(0, length));
      assert.equal(result, undefined, `${length} bytes`);
      assert.ok(codes.length > 0 && codes.every((code) => code.startsWith("deployment/")), codes.join());
    }
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] ^= 1 << (at % 8);
      const { result, codes } = read(changed);
      assert.equal(result, undefined, `byte ${at}`);
      assert.ok(codes.length > 0, `byte ${at}`);
    }
  });
});

/** A file whose hashes are right, whatever its content. */
function sealed(deployment: Uint8Array): Uint8Array {
  const meta = encodeMessage("Meta", { generator: "x", notes: [] });
  return encodeMessage("DeploymentFile", {
    magic: "spinec deployment",
    formatVersion: 1,
    metaSha256: sha256(meta),
    deploymentSha256: sha256(deployment),
    meta,
    deployment,
  });
}

describe("a deployment file with right hashes", () => {
  test("never makes the reader throw, whatever its content", () => {
    const good = encodeMessage("Deployment", example());
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.option(fc.nat(good.length), { nil: undefined }),
        (changes, cut) => {
          const bytes = good.slice(0, cut);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          const { result, codes } = read(sealed(bytes));
          assert.equal(result === undefined, codes.length > 0, codes.join());
        },
      ),
      { numRuns: 3000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const { result, codes } = read(sealed(bytes));
        assert.equal(result === undefined, codes.length > 0);
      }),
    );
  });

  const altered = (change: (deployment: Deployment) => object): string[] =>
    read(sealed(encodeMessage("Deployment", { ...example(), ...change(example()) }))).messages;
  const firstCore = (change: object) => (deployment: Deployment) => ({
    cores: deployment.cores.map((core, c) => (c === 0 ? { ...core, ...change } : core)),
  });

  test("is refused when a number of neurons is not backed by data", () => {
    assert.deepEqual(altered(firstCore({ neurons: 4_000_000_000 })), [
      "the deployment file cannot be read at file.deployment.cores[0].routeStart: 2 entries, but 4000000000 neurons need 4000000001.",
    ]);
  });

  test("is refused when neuron parameters are missing, out of range, or of an unknown model", () => {
    const groups = (change: object) => (deployment: Deployment) =>
      firstCore({ groups: [{ ...deployment.cores[0].groups[0], ...change }] })(deployment);
    assert.deepEqual(altered(groups({ model: "lift" })), [
      'the deployment file cannot be read at deployment.cores[0].groups[0].model: there is no neuron model "lift".',
    ]);
    assert.deepEqual(altered(groups({ params: [Int32Array.of(1)] })), [
      'the deployment file cannot be read at deployment.cores[0].groups[0].params: 1 parameters, but "loihi-cuba" has 9.',
    ]);
    assert.deepEqual(altered(groups({ realParams: [Float64Array.of(1)] })), [
      'the deployment file cannot be read at deployment.cores[0].groups[0].realParams: 1 real parameters, but "loihi-cuba" has 0.',
    ]);
    const reals = (value: number): object => ({
      model: "truenorth-lif",
      params: [1, 0, 2, 0].map((code) => Int32Array.of(code)),
      realParams: Array.from({ length: 7 }, (_, k) => Float64Array.of(k === 2 ? value : 0)),
    });
    assert.deepEqual(altered(groups(reals(0.5))), []);
    assert.deepEqual(altered(groups(reals(NaN))), [
      "the deployment file cannot be read at deployment.cores[0].groups[0].params[2]: leak is NaN, outside -1.7976931348623157e+308 to 1.7976931348623157e+308.",
    ]);
    const params = example().cores[0].groups[0].params.map((values, k) =>
      k === 2 ? Int32Array.of(-1) : values,
    );
    assert.deepEqual(altered(groups({ params })), [
      "the deployment file cannot be read at deployment.cores[0].groups[0].params[2]: thresholdMantissa is -1, outside 0 to 131071.",
    ]);
  });

  test("is refused when its arrays do not fit together", () => {
    const sink = new DiagnosticSink();
    readDeploymentFile(
      sealed(
        encodeMessage("Deployment", {
          ...example(),
          ...firstCore({ weight: Int16Array.of(1, 2, 3) })(example()),
        }),
      ),
      sink,
    );
    assert.deepEqual(
      sink.diagnostics.map(({ code }) => code.split("/")[0]),
      ["ir"],
    );
  });
});

describe("deployment.proto", () => {
  const text = readFileSync(join(ROOT, "src/formats/deployment-file/deployment.proto"), "utf8");
  const { root } = protobuf.parse(text, { alternateCommentMode: true });
  const inSpinec = root.lookup("spinec") as protobuf.Namespace;

  test("says what the reader's table says", () => {
    const messages: Record<string, unknown> = {};
    const enums: Record<string, unknown> = {};
    for (const item of inSpinec.nestedArray) {
      if (item instanceof protobuf.Enum)
        enums[item.name] = Object.keys(item.values).map((word) => word.toLowerCase().replace("_", "-"));
      if (!(item instanceof protobuf.Type)) continue;
      messages[item.name] = item.fieldsArray.map((field) => {
        const array = /\[(\w+)\]/.exec(field.comment ?? "")?.[1];
        const { resolvedType } = field.resolve();
        const kind = resolvedType instanceof protobuf.Enum ? "enum" : "message";
        const type =
          item.name === "DeploymentFile" && resolvedType !== null
            ? "bytes"
            : resolvedType !== null
              ? `${kind} ${field.type}`
              : `${field.type}${array === undefined ? "" : ` ${array}`}`;
        const rule = field.repeated ? "repeated" : field.options?.["proto3_optional"] ? "optional" : "one";
        return `${field.id} ${field.name}: ${rule} ${type}`;
      });
    }
    assert.deepEqual(
      messages,
      Object.fromEntries(
        Object.entries(MESSAGES).map(([name, fields]) => [
          name,
          fields.map(({ id, name: field, type, rule = "one" }) => {
            const word =
              typeof type === "string"
                ? type
                : "array" in type
                  ? `bytes ${type.array}`
                  : "enum" in type
                    ? `enum ${type.enum}`
                    : `message ${type.message}`;
            return `${id} ${field}: ${rule} ${word}`;
          }),
        ]),
      ),
    );
    assert.deepEqual(enums, ENUMS);
  });

  test("is understood by protobuf's own reader", () => {
    const file = inSpinec
      .lookupType("DeploymentFile")
      .decode(writeDeploymentFile(example(), META)) as unknown as {
      magic: string;
      meta: { generator: string; notes: { key: string; value: string }[] };
      deployment: {
        timestepNs: number;
        rules: number;
        cores: { weight: Uint8Array; formats: { weightExponent: number }[] }[];
      };
    };
    assert.equal(file.magic, "spinec deployment");
    assert.equal(file.meta.generator, META.generator);
    assert.deepEqual(
      file.meta.notes.map(({ key }) => key),
      ["a b", "model"],
    );
    assert.equal(file.deployment.timestepNs, 1e6);
    assert.equal(file.deployment.rules, 1);
    assert.deepEqual([...file.deployment.cores[0].weight], [0, 0xff]);
    assert.deepEqual(
      file.deployment.cores[0].formats.map(({ weightExponent }) => weightExponent),
      [-2, 0],
    );
  });
});
