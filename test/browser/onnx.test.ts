// The exported graph in onnxruntime-web, in a real browser: the WebAssembly build of another team's runtime.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type * as web from "onnxruntime-web";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Network } from "#ir/network";
import { dense, edge, input, lif, network, oneToOne, randomSpikes, relay } from "#test/networks";
import { onnxFilesOf, watchedEverywhere } from "#test/onnx";
import { ROOT, sharedPath } from "#test/shared";
import { createRng } from "#util/rng";
import { checkOnnx, type OnnxRuntime, type OnnxSession, type OnnxTensor } from "../../src/onnx-check.ts";
import { corpusInputs, readModel } from "../simulator/corpus-case.ts";

const CHROMIUM = process.env.SPINEC_CHROMIUM ?? "/usr/bin/chromium";
const ORT = join(ROOT, "node_modules", "onnxruntime-web", "dist");
const missing = existsSync(CHROMIUM) && existsSync(ORT) ? "" : " (no chromium here)";
const model = join(sharedPath("corpus") ?? "", "models", "snntorch_mlp_p98");

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const PAGE = `<!doctype html><script type="module">
import * as ort from "/ort/ort.wasm.min.mjs";
ort.env.wasm.wasmPaths = "/ort/";
ort.env.wasm.numThreads = 1;
window.ort = ort;
</script>`;

const TYPES: Readonly<Record<string, string>> = { mjs: "text/javascript", wasm: "application/wasm" };

/** The page, the runtime's own files, and the model that is being looked at. */
function serve(currentModel: () => Uint8Array): Promise<Server> {
  const server = createServer(({ url = "/" }, response) => {
    if (url === "/model") response.end(currentModel());
    else if (url.startsWith("/ort/") && existsSync(join(ORT, basename(url)))) {
      response.setHeader("content-type", TYPES[url.split(".").at(-1) ?? ""] ?? "application/octet-stream");
      response.end(readFileSync(join(ORT, basename(url))));
    } else if (url === "/") response.setHeader("content-type", "text/html").end(PAGE);
    else response.writeHead(404).end();
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      resolve(server);
    });
  });
}

interface PlainTensor {
  readonly type: string;
  readonly data: number[];
  readonly dims: readonly number[];
}

/** A tensor on this side: plain numbers that travel to the page and back. */
class SentTensor implements OnnxTensor {
  readonly type: string;
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];

  constructor(type: string, data: ArrayLike<unknown>, dims: readonly number[]) {
    this.type = type;
    this.data = data as ArrayLike<number>;
    this.dims = dims;
  }
}

/** onnxruntime-web inside the page, as the check knows runtimes. */
function runtimeIn(page: Page, show: (model: Uint8Array) => void): OnnxRuntime {
  return {
    Tensor: SentTensor,
    InferenceSession: {
      async create(bytes): Promise<OnnxSession> {
        show(bytes);
        await page.waitForFunction(() => "ort" in window);
        await page.evaluate(async () => {
          const { ort } = window as unknown as { ort: typeof web };
          const bytes = new Uint8Array(await (await fetch("/model")).arrayBuffer());
          Object.assign(window, { session: await ort.InferenceSession.create(bytes) });
        });
        return {
          run: async (feeds) => {
            const plain = Object.entries(feeds as Record<string, SentTensor>).map(
              ([name, { type, data, dims }]): [string, PlainTensor] => [
                name,
                { type, data: Array.from(data), dims },
              ],
            );
            const results = await page.evaluate(runInPage, plain);
            return Object.fromEntries(
              results.map(([name, { type, data, dims }]) => [name, new SentTensor(type, data, dims)]),
            );
          },
          release: async () => {
            await page.evaluate(() =>
              (window as unknown as { session: { release(): Promise<void> } }).session.release(),
            );
          },
        };
      },
    },
  };
}

async function runInPage(feeds: [string, PlainTensor][]): Promise<[string, PlainTensor][]> {
  const { ort, session } = window as unknown as {
    ort: typeof web;
    session: web.InferenceSession;
  };
  const tensors = feeds.map(([name, { type, data, dims }]) => {
    const values = type === "float32" ? Float32Array.from(data) : Int32Array.from(data);
    return [name, new ort.Tensor(type as "float32", values as Float32Array, dims)] as const;
  });
  const results = await session.run(Object.fromEntries(tensors));
  return Object.entries(results).map(([name, { type, data, dims }]) => [
    name,
    { type, data: Array.from(data as Float32Array), dims },
  ]);
}

describe("the exported graph in a browser", () => {
  let shown = new Uint8Array(0);
  let server: Server;
  let browser: BrowserContext;
  let page: Page;
  const profile = missing === "" ? mkdtempSync(join(tmpdir(), "spinec-chromium-")) : "";

  beforeAll(async () => {
    if (missing !== "") return;
    server = await serve(() => shown);
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: CHROMIUM,
      headless: true,
      args: FLAGS,
    });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }, 60_000);

  afterAll(async () => {
    if (missing !== "") return;
    await browser.close();
    server.close();
    rmSync(profile, { recursive: true, force: true });
  });

  async function check(net: Network, options: Record<string, string>, samples = 2): Promise<number> {
    const watched = watchedEverywhere(net);
    const { bytes } = await onnxFilesOf(watched, options);
    const runtime = runtimeIn(page, (model) => (shown = Uint8Array.from(model)));
    const inputs =
      existsSync(model) && net.name !== "small"
        ? corpusInputs(model, net)
        : { in: randomSpikes(createRng(4), [3], { steps: 30, samples }) };
    const result = await checkOnnx(bytes, watched, inputs, runtime, { samples });
    assert.ok(
      result.outputs.every(({ sum }) => sum !== 0),
      "everything fires",
    );
    return result.differingValues;
  }

  const small = network(
    [input("in", 3), relay("fc", 2, [0.25, 0.5]), lif("n", 2), relay("back", 2)],
    [
      edge(
        "in",
        "fc",
        dense([
          [1, 2],
          [0, 4],
          [2, 1],
        ]),
      ),
      edge("fc", "n", oneToOne(2)),
      edge("n", "back", oneToOne(2, -0.5)),
      edge("back", "n", oneToOne(2), { delaySteps: 2 }),
    ],
    { name: "small" },
  );

  for (const graph of ["sequence", "step"])
    test.skipIf(missing !== "")(
      `gives our spikes in onnxruntime-web: recurrent, ${graph}${missing}`,
      async () => {
        assert.equal(await check(small, { graph }), 0);
      },
      60_000,
    );

  const pruned = missing !== "" ? missing : existsSync(model) ? "" : " (no corpus here)";
  test.skipIf(pruned !== "")(
    `corpus models/snntorch_mlp_p98 gives our spikes in onnxruntime-web${pruned}`,
    async () => {
      const net = await readModel(join(model, "model.nir"), {});
      assert.equal(await check(net, {}), 0);
    },
    60_000,
  );
});
