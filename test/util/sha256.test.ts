import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "vitest";
import fc from "fast-check";
import { sha256, toHex } from "#util/sha256";

describe("sha256", () => {
  test("gives the digest of the standard's example", () => {
    assert.equal(
      toHex(sha256(new TextEncoder().encode("abc"))),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("agrees with Node at every length around the block borders", () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255);
      assert.equal(toHex(sha256(bytes)), createHash("sha256").update(bytes).digest("hex"), `${length} bytes`);
    }
  });

  test("agrees with Node on any bytes, also those inside a larger buffer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.nat(50), (bytes, skip) => {
        const part = bytes.subarray(skip);
        assert.equal(toHex(sha256(part)), createHash("sha256").update(part).digest("hex"));
      }),
    );
  });
});
