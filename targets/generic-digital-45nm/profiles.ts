import type { FamilyValues } from "../family.ts";
import { NO_PRICES, NO_STATIC_POWER, derived, documented, pricesOf, synapsePrices } from "../given.ts";
import { sramAccessPj } from "../formulas/sram.ts";
import type { Profile, Quantity } from "../target.ts";

const SOURCE = ["horowitz2014"];
const EXTRA = { scope: "per-term", op: { processNm: 45 } } as const;
const NO_TIMES = "times: operations are counted, not scheduled";
const NO_MESSAGES = "messages and routing";

const given = (value: number, note?: string, bound?: "min"): Quantity =>
  documented(value, "pJ", SOURCE, {
    ...EXTRA,
    ...(note !== undefined && { note }),
    ...(bound !== undefined && { bound }),
  });

/** Integer multiply-accumulate of 32 bits: leak and threshold of a neuron. */
const NEURON = derived(3.2, "pJ", SOURCE, "INT32 multiply 3.1 pJ and add 0.1 pJ: the leak of a state", EXTRA);

/** The first is the default: integers, with every access to one SRAM. */
export function profilesOf({ bits, memoryKB }: FamilyValues, target: string): Profile[] {
  const add = bits <= 8 ? given(0.03, "INT8 add") : given(0.1, "INT32 add");
  const accessPj = Number(sramAccessPj(memoryKB * 1024).toFixed(3));
  const how =
    "published: 10 pJ at 8 KB, 20 at 32 KB, 100 at 1 MB; between and beyond them straight over both logarithms";
  const access = derived(accessPj, "pJ", SOURCE, `64 bits of an SRAM of ${memoryKB} KB (${how})`, EXTRA);
  const state = derived(
    2 * accessPj,
    "pJ",
    SOURCE,
    `state read and written: twice an access (${how})`,
    EXTRA,
  );
  const dram = documentedRange(1300, 2);
  const common = {
    target,
    time: NO_PRICES,
    barrier: [],
    law: "max-core",
    staticPower: NO_STATIC_POWER,
  } as const;
  return [
    {
      ...common,
      name: "sram",
      title: `integer operations, and an SRAM of ${memoryKB} KB for weights and states`,
      kind: "derived",
      energy: pricesOf({
        ...synapsePrices(add),
        synapseWordRead: access,
        neuronAccess: state,
        neuronUpdate: NEURON,
      }),
      unpriced: [NO_TIMES, NO_MESSAGES, "leakage"],
    },
    {
      ...common,
      name: "dram",
      title: "integer operations, and weights in DRAM; states in SRAM",
      kind: "derived",
      energy: pricesOf({
        ...synapsePrices(add),
        synapseWordRead: dram,
        neuronAccess: state,
        neuronUpdate: NEURON,
      }),
      unpriced: [NO_TIMES, NO_MESSAGES, "leakage"],
    },
    {
      ...common,
      name: "ac-mac",
      title:
        "0.9 pJ for an accumulate, 4.6 pJ for a multiply-accumulate, memory left out: the rule of many papers",
      kind: "documented",
      energy: pricesOf({
        ...synapsePrices(given(0.9, "FP32 add")),
        neuronUpdate: given(4.6, "FP32 multiply and add"),
      }),
      unpriced: [NO_TIMES, NO_MESSAGES, "memory, which costs 10 to 1,000 times as much as the operations"],
    },
  ];
}

function documentedRange(lowPj: number, highFactor: number): Quantity {
  return documented(lowPj, "pJ", SOURCE, {
    ...EXTRA,
    band: [1, highFactor],
    note: `published as ${lowPj} to ${lowPj * highFactor} pJ for 64 bits`,
  });
}
