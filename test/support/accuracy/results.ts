import { chainRows, gestureRow, keywordRow, lsnnRows, mnistRow, mobileNetRows } from "./cases.ts";
import { goldenRows } from "./golden.ts";
import { netxRows } from "./netx-cases.ts";
import { NOT_JUDGED } from "./not-judged.ts";
import type { AccuracyResults } from "./rows.ts";

/** All of the page. Takes some seconds. @param netxFolder where Lava's netx files are */
export async function accuracyResults(netxFolder: string): Promise<AccuracyResults> {
  return {
    golden: goldenRows(),
    rows: [
      keywordRow(),
      ...chainRows(),
      ...lsnnRows(),
      ...(await netxRows(netxFolder)),
      mnistRow(),
      ...mobileNetRows(),
      gestureRow(),
    ],
    notJudged: NOT_JUDGED,
  };
}
