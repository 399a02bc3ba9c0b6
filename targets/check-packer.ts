import type { Diagnostic } from "#util/diagnostic";
import { checkSources } from "./check-quantity.ts";
import { packerFields } from "./diagnostics.ts";
import type {
  CrossbarPacker,
  EntryListPacker,
  KernelPow2Packer,
  Packer,
  RowPacker,
  Target,
} from "./target.ts";

type Report = (key: string, problem: string, hint: string) => void;

/** Whether the fields of a packer can be what they say together. */
export function checkPacker(packer: Packer, path: string, target: Target): Diagnostic[] {
  const found = checkSources(`${path}/src`, packer.src, target.sources);
  const wrong: Report = (key, problem, hint) => {
    found.push(packerFields({ path: `${path}/${key}`, packer: packer.name, problem, hint }));
  };
  if (packer.maxFormats < 1) wrong("maxFormats", "uses no format slot", "set it to 1 or more.");
  if (packer.formula === "entry-list") checkEntryList(packer, target, wrong);
  else if (packer.formula === "crossbar") checkCrossbar(packer, wrong);
  else if (packer.formula === "packed-kernel")
    found.push(...checkPacker(packer.lists, `${path}/lists`, target));
  else if (packer.formula === "kernel-pow2") checkEngine(packer, wrong);
  else if ("synapseBits" in packer) checkRows(packer, target, wrong);
  return found;
}

function checkEntryList(packer: EntryListPacker, { wordBits }: Target, wrong: Report): void {
  if (wordBits !== 64)
    wrong("formula", `counts words of 64 bits, but the target's have ${wordBits}`, 'set "wordBits" to 64.');
  if (packer.encodings.length === 0) wrong("encodings", "has no encoding", "list at least one.");
  if (packer.encodings.includes("run-length") !== packer.skipBits.length > 0) {
    wrong(
      "skipBits",
      "needs skip widths if it has run-length lists, and none otherwise",
      "list widths, or take the encoding out.",
    );
  }
  for (const key of ["indexBits", "weightBits", "skipBits"] as const) {
    if (packer[key].some((width, i) => i > 0 && width <= packer[key][i - 1]))
      wrong(key, `lists its ${key} out of order`, "sort them from narrow to wide, without doubles.");
  }
  if (!packer.indexBits.some((width) => width > 0))
    wrong("indexBits", "has no index field", "list a width above 0.");
  if (!packer.weightBits.some((width) => width > 0))
    wrong("weightBits", "has no weight field", "list a width above 0.");
  const largest = 2 ** (packer.headerBits - FORMAT_ID_BITS);
  if (packer.maxEntriesPerHeader < 1 || packer.maxEntriesPerHeader > largest) {
    wrong(
      "maxEntriesPerHeader",
      `wants ${packer.maxEntriesPerHeader} synapses in an entry, but a header of ${packer.headerBits} bits counts up to ${largest}`,
      `choose 1 to ${largest}.`,
    );
  }
}

/** The header holds the format's id and the synapse count. */
const FORMAT_ID_BITS = 4;

function checkCrossbar(
  { rows, cols, crosspointBits, axonTypes, typeWeightBits }: CrossbarPacker,
  wrong: Report,
): void {
  for (const [key, value] of Object.entries({ rows, cols, crosspointBits }))
    if (value < 1) wrong(key, `has ${value} of ${key}`, "set it to 1 or more.");
  if ((axonTypes === undefined) !== (typeWeightBits === undefined))
    wrong("typeWeightBits", "needs axon types and the bits of their weights, or neither", "give both.");
}

function checkEngine(packer: KernelPow2Packer, wrong: Report): void {
  for (const key of ["strides", "pools"] as const) {
    if (!packer[key].includes(1))
      wrong(key, `lacks 1 among its ${key}`, "list 1: to do nothing is always possible.");
  }
  for (const key of ["maxInputSide", "maxOutputSide", "maxChannels", "maxKernelSide"] as const)
    if (packer[key] < 1) wrong(key, `has ${packer[key]} as ${key}`, "set it to 1 or more.");
}

function checkRows(packer: RowPacker, target: Target, wrong: Report): void {
  const { formula, weightBits, delayBits, indexBits, synapseBits, wordBits, codebook } = packer;
  if (wordBits !== target.wordBits)
    wrong(
      "wordBits",
      `counts words of ${wordBits} bits, but the target's have ${target.wordBits}`,
      `set it to ${target.wordBits}.`,
    );
  const fields = formula === "free" ? weightBits : weightBits + delayBits + indexBits;
  if (synapseBits < fields || synapseBits < 1)
    wrong(
      "synapseBits",
      `has synapses of ${synapseBits} bits, but their fields take ${fields}`,
      `set it to ${Math.max(1, fields)} or more.`,
    );
  if ((formula === "codebook") !== (codebook !== undefined))
    wrong(
      "codebook",
      "needs a codebook if that is its formula, and none otherwise",
      "add it, or take it out.",
    );
  if (codebook !== undefined && (codebook.entries < 2 || codebook.entries > 2 ** weightBits))
    wrong(
      "codebook",
      `has ${codebook.entries} weights, but synapses of ${weightBits} weight bits name 2 to ${2 ** weightBits}`,
      `set "entries" to 2 to ${2 ** weightBits}.`,
    );
}
