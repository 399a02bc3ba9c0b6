import { reportStrictFaults } from "../strict.ts";
import type { Reader } from "../reader.ts";

/** The reference reader. It checks and computes nothing; its script of the 2023 paper integrates with R of the old current. */
export const nirReader: Reader = {
  name: "nir",
  title: "NIR reference reader",
  call: "nir.read",
  basis: "runs",
  rule: {
    nodes: "all of the specification",
    step: "free",
    lif: "–",
    spike: "–",
    reset: "–",
    recurrence: "any; nested graphs with one Input and one Output",
  },
  check({ file }, report) {
    reportStrictFaults(file.root, "the NIR reference reader", true, report);
  },
};
