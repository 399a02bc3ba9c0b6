import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, test } from "vitest";
import { aedat2File, aedat31File, cifarFile, dvs128Address, idxFile, nmnistFile } from "#test/data-files";
import { hdf5WithLists } from "#test/hdf5-lists";
import { sharedPath } from "#test/shared";
import { writeNpz } from "#formats/npz/npz";
import { CATALOG } from "#train/datasets/catalog";
import { formatDiagnostic, ToolchainError, type Diagnostic } from "#util/diagnostic";
import { loadTrainingData, type DataSource } from "../../../src/data-sources.ts";

type Tree = Record<string, Uint8Array | undefined>;

const source = (files: Tree): DataSource & { readonly opened: string[] } => {
  const opened: string[] = [];
  return {
    opened,
    open: (path) => {
      if (files[path]) opened.push(path);
      return Promise.resolve(files[path]);
    },
    list: (folder) =>
      Promise.resolve(
        Object.keys(files)
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1)),
      ),
  };
};

const faultsOf = async (work: Promise<unknown>): Promise<readonly Diagnostic[]> => {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ToolchainError, String(error));
    return error.diagnostics;
  }
  return assert.fail("it should have thrown");
};

const images = idxFile(
  [4, 2, 2],
  Array.from({ length: 16 }, (_, i) => i),
);
const labels = idxFile([4], [1, 1, 0, 1]);
const gzip = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes));
const event = nmnistFile([{ x: 1, y: 2, on: true, timeUs: 3 }]);

describe("loadDataset", () => {
  test("reads MNIST, packed or not, under its own name", async () => {
    const files = {
      "mnist/train-images-idx3-ubyte": images,
      "mnist/train-labels-idx1-ubyte.gz": gzip(labels),
    };
    const data = await loadTrainingData("mnist", "train", source(files));
    assert.deepEqual([data.name, data.shape, [...data.labels]], ["mnist", [1, 2, 2], [1, 1, 0, 1]]);
  });

  test("finds MNIST-10k in its own folder or in that of MNIST", async () => {
    for (const folder of ["mnist", "mnist-10k"]) {
      const files = {
        [`${folder}/train10k-images-idx3-ubyte.gz`]: gzip(images),
        [`${folder}/train10k-labels-idx1-ubyte.gz`]: gzip(labels),
      };
      assert.equal((await loadTrainingData("mnist-10k", "train", source(files))).labels.length, 4);
    }
  });

  test("prefers the data folder to the Debian package, and takes that as well", async () => {
    const system = "/usr/share/datasets/fashion-mnist";
    const packaged = {
      [`${system}/t10k-images-idx3-ubyte.gz`]: gzip(images),
      [`${system}/t10k-labels-idx1-ubyte.gz`]: gzip(labels),
    };
    assert.equal((await loadTrainingData("fashion-mnist", "test", source(packaged))).labels.length, 4);
    const both = source({ ...packaged, "fashion-mnist/t10k-labels-idx1-ubyte": labels });
    await loadTrainingData("fashion-mnist", "test", both);
    assert.ok(both.opened.includes("fashion-mnist/t10k-labels-idx1-ubyte"));
    assert.ok(!both.opened.includes(`${system}/t10k-labels-idx1-ubyte.gz`));
  });

  test("takes samples evenly of all classes when there is a limit", async () => {
    const files = { "mnist/t10k-images-idx3-ubyte": images, "mnist/t10k-labels-idx1-ubyte": labels };
    const data = await loadTrainingData("mnist", "test", source(files), { limit: 2 });
    assert.deepEqual([...data.labels], [0, 1]);
    assert.ok(data.kind === "images");
    assert.deepEqual([...data.pixels], [8, 9, 10, 11, 0, 1, 2, 3]);
  });

  test("reads N-MNIST from one folder per digit, class by class in turn, and opens no more than it needs", async () => {
    const files: Tree = {};
    for (let digit = 0; digit < 10; digit++)
      for (const n of [9, 10, 11]) files[`n-mnist/Test/${digit}/${n}.bin`] = event;
    const all = await loadTrainingData("n-mnist", "test", source(files));
    assert.deepEqual([...all.labels.slice(0, 11)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
    assert.equal(all.labels.length, 30);
    const some = source(files);
    await loadTrainingData("n-mnist", "test", some, { limit: 12 });
    assert.equal(some.opened.length, 12);
    assert.deepEqual(
      some.opened.slice(0, 11).filter((path) => !path.endsWith("/9.bin")),
      ["n-mnist/Test/0/10.bin"],
    );
  });

  test("splits CIFAR10-DVS nine to one by number", async () => {
    const files: Tree = {};
    const recording = (n: number): Uint8Array =>
      aedat2File([{ address: dvs128Address({ x: n, y: 0, on: true }), timeUs: 1 }]);
    for (const name of "airplane automobile bird cat deer dog frog horse ship truck".split(" "))
      for (let n = 0; n < 20; n++) files[`dvs-cifar10/${name}/cifar10_${name}_${n}.aedat`] = recording(n);
    const train = await loadTrainingData("dvs-cifar10", "train", source(files));
    const test = await loadTrainingData("dvs-cifar10", "test", source(files));
    assert.deepEqual([train.labels.length, test.labels.length], [180, 20]);
    // The first number, x, becomes row 127 - x: numbers 18 and 19 test.
    assert.ok(test.kind === "events");
    const rows = test.samples.map(({ index }) => Math.floor((index[0] % 16384) / 128));
    assert.deepEqual(new Set(rows), new Set([127 - 18, 127 - 19]));
    assert.deepEqual([...test.labels.slice(0, 10)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("reads the trials of DVS Gesture that belong to the part", async () => {
    const recording = aedat31File([{ events: [{ x: 1, y: 1, on: true, timeUs: 15 }] }]);
    const list = new TextEncoder().encode("class,startTime_usec,endTime_usec\n3,10,20\n");
    const files = {
      "dvs-gesture/trials_to_test.txt": new TextEncoder().encode("user24_led.aedat\r\n\nuser25_lab.aedat\n"),
      "dvs-gesture/user24_led.aedat": recording,
      "dvs-gesture/user24_led_labels.csv": list,
      "dvs-gesture/user25_lab.aedat": recording,
      "dvs-gesture/user25_lab_labels.csv": list,
    };
    const data = await loadTrainingData("dvs-gesture", "test", source(files));
    assert.deepEqual([...data.labels], [2, 2]);
    const [fault] = await faultsOf(
      loadTrainingData(
        "dvs-gesture",
        "test",
        source({ ...files, "dvs-gesture/user25_lab_labels.csv": undefined }),
      ),
    );
    assert.equal(fault.code, "train/data-absent");
    assert.deepEqual(fault.data!["missing"], ["dvs-gesture/user25_lab_labels.csv"]);
  });

  test("reads SHD through our own HDF5", async () => {
    const bytes = hdf5WithLists({
      "spikes/times": { lists: [[0.5], [0.25, 1]], dtype: "float16" },
      "spikes/units": { lists: [[3], [4, 5]], dtype: "uint16" },
      labels: { numbers: [19, 2] },
    });
    const data = await loadTrainingData("shd", "train", source({ "shd/shd_train.h5.gz": gzip(bytes) }));
    assert.deepEqual([data.shape, [...data.labels]], [[700], [19, 2]]);
    const [fault] = await faultsOf(loadTrainingData("shd", "train", source({ "shd/shd_train.h5": images })));
    assert.equal(fault.code, "train/data-not-readable");
  });

  test("holds CIFAR to the length of the official files", async () => {
    const short = cifarFile([{ labels: [3], first: 0 }]);
    const [fault] = await faultsOf(
      loadTrainingData("cifar-10", "test", source({ "cifar-10/test_batch.bin": short })),
    );
    assert.deepEqual([fault.code, fault.data!["neededBytes"]], ["train/data-cut-short", 30_730_000]);
    const official = new Uint8Array(30_740_000);
    const data = await loadTrainingData("cifar-100", "test", source({ "cifar-100/test.bin": official }));
    assert.equal(data.labels.length, 10_000);
  });

  test("reads a data set of one's own", async () => {
    const archive = await writeNpz({
      images: { data: [1, 2, 3, 4], shape: [2, 2], dtype: "uint8" },
      labels: { data: [1, 0], shape: [2], dtype: "uint8" },
    });
    const data = await loadTrainingData("mine", "test", source({ "mine/test.npz": archive }));
    assert.deepEqual([data.name, data.shape, [...data.labels]], ["mine", [2], [1, 0]]);
  });

  test("says where absent data come from and where they go", async () => {
    const faults = await faultsOf(loadTrainingData("fashion-mnist", "train", source({})));
    assert.equal(
      faults.map(formatDiagnostic).join("\n"),
      [
        'error[train/data-absent]: the train part of "fashion-mnist" (Fashion-MNIST, pieces of clothing) needs fashion-mnist/train-images-idx3-ubyte, fashion-mnist/train-labels-idx1-ubyte in the data folder, but they are not there.',
        "  at fashion-mnist",
        "  try: fetch the data from Zalando Research (https://github.com/zalandoresearch/fashion-mnist) and put them into <data folder>/fashion-mnist/, or install the Debian package dataset-fashion-mnist.",
      ].join("\n"),
    );
  });

  test("says so for every data set, and names a near name for one that it does not know", async () => {
    for (const { name, address } of CATALOG)
      for (const split of ["train", "test"] as const) {
        const [fault] = await faultsOf(loadTrainingData(name, split, source({})));
        assert.equal(fault.code, "train/data-absent");
        assert.ok(
          fault.hint!.includes(address) && fault.hint!.includes(`<data folder>/${name}/`),
          fault.hint,
        );
      }
    const [fault] = await faultsOf(loadTrainingData("n-minst", "train", source({})));
    assert.deepEqual([fault.code, fault.hint], ["train/data-set-unknown", 'did you mean "n-mnist"?']);
  });

  test("reports packing that is damaged, with the file's name", async () => {
    const files = {
      "mnist/t10k-images-idx3-ubyte.gz": gzip(images).slice(0, 20),
      "mnist/t10k-labels-idx1-ubyte": labels,
    };
    const faults = await faultsOf(loadTrainingData("mnist", "test", source(files)));
    assert.deepEqual(
      faults.map(({ code, subject }) => [code, subject]),
      [["train/data-not-readable", "mnist/t10k-images-idx3-ubyte.gz"]],
    );
  });

  test("has a catalogue of complete entries with names of their own", () => {
    assert.equal(new Set(CATALOG.map(({ name }) => name)).size, CATALOG.length);
    for (const { name, folders, files, shape, classes, address } of CATALOG) {
      assert.equal(folders[0], name);
      assert.ok(files.train.length > 0 && files.test.length > 0);
      assert.ok(shape.every((length) => length > 0) && classes > 1 && address.startsWith("http"));
    }
  });
});

const onDisk = (folder: string): DataSource => ({
  open: (path) => {
    const place = isAbsolute(path) ? path : join(folder, path);
    return Promise.resolve(existsSync(place) ? new Uint8Array(readFileSync(place)) : undefined);
  },
});

const data = sharedPath("data");

test.skipIf(data === undefined)("reads MNIST-10k from disk", async () => {
  for (const split of ["train", "test"] as const) {
    const digits = await loadTrainingData("mnist-10k", split, onDisk(data!));
    assert.deepEqual([digits.shape, digits.labels.length, digits.classes], [[1, 28, 28], 10_000, 10]);
  }
});

test.skipIf(!existsSync("/usr/share/datasets/fashion-mnist"))(
  "reads Fashion-MNIST of the Debian package",
  async () => {
    const clothes = await loadTrainingData("fashion-mnist", "test", onDisk("/nowhere"));
    assert.deepEqual([...clothes.labels.slice(0, 6)], [9, 2, 1, 1, 6, 1]);
    assert.equal(clothes.labels.length, 10_000);
  },
);
