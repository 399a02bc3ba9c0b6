import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "vitest";
import fc from "fast-check";
import { fletcher32, lookup3 } from "#formats/hdf5/checksum";
import { unpackLzf } from "#formats/hdf5/lzf";
import { deflate, inflate } from "#formats/inflate";
import { encodeNumbers, widenFloat16, type WritableType } from "#formats/numbers";
import { readNpy, writeNpy, type ArrayToWrite } from "#formats/npz/npy";
import { readNpz, writeNpz } from "#formats/npz/npz";
import { crc32 } from "#formats/npz/zip";
import { ROOT } from "#test/shared";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const example: ArrayToWrite = { data: [1, 2, 3, 4, 5, 6], shape: [2, 3], dtype: "float32" };

/** A `.npy` file with a header of the test's own. */
function handMade(header: string, body: Uint8Array, version = 1): Uint8Array {
  const head = text(`${header}\n`);
  const length =
    version === 1 ? [head.length & 0xff, head.length >> 8] : [head.length & 0xff, head.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...text("NUMPY"), version, 0, ...length, ...head, ...body]);
}

const WRITABLE: readonly WritableType[] = [
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
];

describe("readNpy", () => {
  test("reads what writeNpy writes, in every type", () => {
    for (const dtype of WRITABLE) {
      const array = readNpy(writeNpy({ ...example, dtype }));
      assert.ok("data" in array);
      assert.deepEqual(Array.from(array.data), example.data);
      assert.deepEqual([array.shape, array.dtype], [[2, 3], dtype]);
    }
  });

  test("reads scalars and empty arrays", () => {
    for (const shape of [[], [0], [3, 0]]) {
      const data = shape.length === 0 ? [7] : [];
      const array = readNpy(writeNpy({ data, shape, dtype: "int16" }));
      assert.ok("data" in array);
      assert.deepEqual([Array.from(array.data), array.shape], [data, shape]);
    }
  });

  test("reads big-endian numbers in Fortran order, headers of version 2, booleans and half precision", () => {
    const numbers = Uint8Array.from([1, 4, 2, 5, 3, 6].flatMap((n) => [0, n]));
    const header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }";
    for (const version of [1, 2, 3]) {
      const array = readNpy(handMade(header, numbers, version));
      assert.ok("data" in array);
      assert.deepEqual(Array.from(array.data), [1, 2, 3, 4, 5, 6]);
    }
    const flags = readNpy(
      handMade("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", Uint8Array.of(1, 0)),
    );
    assert.deepEqual(flags, { data: Int32Array.of(1, 0), shape: [2], dtype: "bool" });
    const halves = readNpy(
      handMade("{'descr': '<f2', 'fortran_order': False, 'shape': (1,)}", Uint8Array.of(0, 0x3e)),
    );
    assert.deepEqual(halves, { data: Float32Array.of(1.5), shape: [1], dtype: "float16" });
  });

  test("transposes Fortran order of any rank", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }), (shape) => {
        const size = shape.reduce((a, b) => a * b, 1);
        // Element [i, j, ...] holds its own C-order index; in Fortran order the first index runs fastest.
        const stored = new Int32Array(size);
        for (let c = 0; c < size; c++) {
          let rest = c;
          let at = 0;
          for (let d = shape.length - 1; d >= 0; d--) {
            const index = rest % shape[d];
            rest = Math.floor(rest / shape[d]);
            at += index * shape.slice(0, d).reduce((a, b) => a * b, 1);
          }
          stored[at] = c;
        }
        const tuple = shape.map((length) => `${length},`).join("");
        const header = `{'descr': '<i4', 'fortran_order': True, 'shape': (${tuple})}`;
        const array = readNpy(handMade(header, new Uint8Array(stored.buffer)));
        assert.ok("data" in array);
        assert.deepEqual(
          Array.from(array.data),
          Array.from({ length: size }, (_, i) => i),
        );
      }),
    );
  });

  test("says what it cannot read", () => {
    const fault = (bytes: Uint8Array): string => {
      const array = readNpy(bytes);
      return "fault" in array ? array.fault : "none";
    };
    const header = (descr: string, shape = "(2,)"): Uint8Array =>
      handMade(`{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}}`, new Uint8Array(16));
    assert.match(fault(header("'|O'")), /elements of type \|O/);
    assert.match(fault(header("'<c8'")), /elements of type <c8/);
    assert.match(fault(header("[('a', '<f4')]")), /records/);
    assert.match(fault(header("'<f8'", "(1000000000,)")), /needs 8000000000 bytes, but 16 follow/);
    assert.match(fault(handMade("{}", new Uint8Array(0))), /lacks a type/);
    assert.match(fault(writeNpy(example).subarray(0, 9)), /cut off/);
    assert.match(fault(writeNpy(example).subarray(0, 40)), /cut off/);
    assert.match(fault(text("hello")), /does not start/);
    const beyond = new Uint8Array(BigInt64Array.of(2n ** 53n + 1n).buffer);
    assert.match(
      fault(handMade("{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}", beyond)),
      /beyond 2\^53/,
    );
  });
});

describe("readNpz", () => {
  test("reads what writeNpz writes, packed or not, in order", async () => {
    const arrays = { b: example, a: { data: [3], shape: [1], dtype: "int64" as const } };
    for (const compress of [false, true]) {
      const read = await readNpz(await writeNpz(arrays, { compress }));
      assert.ok(!("fault" in read));
      assert.deepEqual([...read.keys()], ["b", "a"]);
      assert.deepEqual(read.get("b"), {
        data: Float32Array.from(example.data),
        shape: [2, 3],
        dtype: "float32",
      });
    }
  });

  test("says what is wrong with a damaged archive, and never throws", async () => {
    const bytes = await writeNpz({ a: example }, { compress: true });
    assert.match(JSON.stringify(await readNpz(bytes.subarray(0, 60))), /cut off/);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const damaged = Uint8Array.from(bytes);
          damaged[at] ^= change;
          const read = await readNpz(damaged);
          const array = "fault" in read ? read : (read.get("a") ?? { fault: "missing" });
          // What is still read is what was written, unless the damage hit something that does not matter.
          if ("data" in array) assert.deepEqual(Array.from(array.data), example.data);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("writes the same bytes again", async () => {
    assert.deepEqual(await writeNpz({ a: example }), await writeNpz({ a: example }));
  });
});

describe("the small parts", () => {
  test("inflate stops at damage, at an early end and at its limit", async () => {
    const packed = await deflate(new Uint8Array(100_000), "gzip");
    assert.equal((await inflate(packed, "gzip", 100_000))?.length, 100_000);
    assert.equal(await inflate(packed, "gzip", 99_999), undefined);
    assert.equal(await inflate(packed.subarray(0, 50), "gzip", 100_000), undefined);
    assert.equal(await inflate(text("no gzip"), "gzip", 100_000), undefined);
  });

  test("checksums agree with their published examples", () => {
    assert.equal(lookup3(text("Four score and seven years ago")), 0x17770551);
    assert.equal(lookup3(new Uint8Array(0)), 0xdeadbeef);
    assert.equal(crc32(text("123456789")), 0xcbf43926);
    // Words 0x6162 and 0x6364: sums 0xc4c6 and 0x6162 + 0xc4c6 = 0x12628, which is 0x2629 modulo 65535.
    assert.equal(fletcher32(text("abcd")), 0x2629c4c6);
  });

  test("lzf repeats what lies behind, even overlapping, and refuses damage", () => {
    // Literal "ab", then 7 bytes from 2 back, then 9 + 1 bytes from 1 back.
    const packed = Uint8Array.of(1, 0x61, 0x62, 0xa0, 1, 0xe0, 1, 0);
    assert.equal(new TextDecoder().decode(unpackLzf(packed, 19)), `abababababa`.slice(0, 9) + "a".repeat(10));
    assert.throws(() => unpackLzf(packed, 18), /damaged/);
    assert.throws(() => unpackLzf(packed, 20), /damaged/);
    assert.throws(() => unpackLzf(packed.subarray(0, 4), 19), /damaged/);
    assert.throws(() => unpackLzf(Uint8Array.of(0x20, 5), 3), /damaged/);
  });

  test("half precision is widened exactly", () => {
    const bits = Uint16Array.of(
      0x0000,
      0x8000,
      0x3c00,
      0xc000,
      0x7bff,
      0x0400,
      0x0001,
      0x7c00,
      0xfc00,
      0x7e00,
    );
    assert.deepEqual(Array.from(widenFloat16(bits)), [
      0,
      -0,
      1,
      -2,
      65504,
      2 ** -14,
      2 ** -24,
      Infinity,
      -Infinity,
      NaN,
    ]);
  });

  test("numbers are encoded little-endian", () => {
    assert.deepEqual(encodeNumbers([1], "int64"), Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0));
    assert.deepEqual(encodeNumbers([-2], "int16"), Uint8Array.of(0xfe, 0xff));
  });

  test("archives of NumPy itself are read", async () => {
    const bytes = readFileSync(join(ROOT, "test/golden/npz/numpy.npz"));
    const read = await readNpz(bytes);
    assert.ok(!("fault" in read));
    assert.deepEqual([...read.keys()], ["x", "fortran", "labels"]);
    assert.deepEqual(read.get("fortran"), {
      data: Float64Array.of(0, 1, 2, 3, 4, 5),
      shape: [2, 1, 3],
      dtype: "float64",
    });
    assert.deepEqual(read.get("labels"), { data: Float64Array.of(3, 1), shape: [2], dtype: "int64" });
  });
});

test("an archive whose members share their bytes is refused: a few of them would unpack to more than fits", async () => {
  const data = new Uint8Array(200_000);
  const bytes = await writeNpz({ x: { data, shape: [data.length], dtype: "uint8" } }, { compress: true });
  const view = new DataView(bytes.buffer);
  const end = bytes.length - 22;
  const list = bytes.slice(view.getUint32(end + 16, true), end);
  const copies = 50;
  const bomb = new Uint8Array(bytes.length + (copies - 1) * list.length);
  bomb.set(bytes.subarray(0, end));
  for (let c = 1; c < copies; c++) bomb.set(list, end + (c - 1) * list.length);
  bomb.set(bytes.subarray(end), bomb.length - 22);
  new DataView(bomb.buffer).setUint16(bomb.length - 22 + 10, copies, true);
  assert.deepEqual(await readNpz(bomb), { fault: "its members overlap" });
});
