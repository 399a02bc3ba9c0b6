// What a file looks like from its first bytes, before HDF5 is asked.

/** What bytes that are no HDF5 look like, in words, and what to do about it. */
export function describeForeign(bytes: Uint8Array): { looksLike: string; advice: string } {
  const head = ascii(bytes, 4096);
  const startsWith = (...codes: number[]): boolean => codes.every((code, i) => bytes[i] === code);

  if (startsWith(0x50, 0x4b, 0x03, 0x04)) return describeZip(head);
  if (startsWith(0x1f, 0x8b)) return { looksLike: "a gzip file", advice: "unpack it first, with gunzip." };
  if (startsWith(0x80) && bytes[1] >= 2 && bytes[1] <= 5) {
    return {
      looksLike: "a Python pickle (an old PyTorch file)",
      advice: "export the model with NIRTorch or the framework's NIR exporter; a pickle is never opened.",
    };
  }
  if (startsWith(0x93) && head.startsWith("NUMPY", 1)) {
    return { looksLike: "a NumPy array (.npy)", advice: "give it as spike data (--input), not as a model." };
  }
  if (bytes.every((byte) => byte === 0)) {
    return { looksLike: "zeros only", advice: "copy or download the file again." };
  }
  if (/^\s*[[{]/.test(head) && isText(bytes)) return { looksLike: "JSON", advice: MODEL_FILE };
  if (/^\s*<(!doctype|html|\?xml)/i.test(head)) {
    return { looksLike: "a web page", advice: "download the file itself, not the page that shows it." };
  }
  if (head.startsWith("version https://git-lfs")) {
    return { looksLike: "a Git LFS pointer", advice: "fetch the real file with git lfs pull." };
  }
  if (isText(bytes)) return { looksLike: "text", advice: MODEL_FILE };
  if (startsWith(0x08) && bytes[1] >= 1 && bytes[1] <= 20 && [0x12, 0x1a, 0x22, 0x3a].includes(bytes[2])) {
    return { looksLike: "an ONNX model", advice: "name it .onnx, so that the ONNX importer reads it." };
  }
  return { looksLike: `binary data of another kind (first bytes ${hex(bytes)})`, advice: MODEL_FILE };
}

const MODEL_FILE = "choose a file written by nir.write or by a framework's NIR exporter.";

function describeZip(head: string): { looksLike: string; advice: string } {
  if (head.includes("data.pkl") || head.includes("/version")) {
    return {
      looksLike: "a zip archive written by PyTorch (torch.save)",
      advice: "export the model with NIRTorch or the framework's NIR exporter instead of torch.save.",
    };
  }
  if (head.includes(".npy")) {
    return {
      looksLike: "a NumPy archive (.npz)",
      advice: "give it as spike data (--input), not as a model.",
    };
  }
  return { looksLike: "a zip archive", advice: "unpack it first, with unzip." };
}

const ascii = (bytes: Uint8Array, length: number): string =>
  String.fromCharCode(...bytes.subarray(0, length));

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** UTF-8 without control characters other than white space, as far as the first 4096 bytes tell. */
function isText(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes.subarray(0, 4096));
  return !/[\u0000-\u0008\u000e-\u001f]/.test(text) && !text.slice(0, -1).includes("\ufffd");
}
