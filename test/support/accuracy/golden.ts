import { priceRun } from "#simulator/energy";
import { detailed } from "#simulator/timing/detailed";
import { noc } from "#simulator/timing/noc";
import { simple } from "#simulator/timing/simple";
import type { StepTime, TimingModel } from "#simulator/timing/timing";
import { loihi1 } from "#targets/loihi1/index";
import { nahukuFit } from "#targets/loihi1/nahuku-fit";
import { countsOfCase, runOf, stepOfCase } from "#test/counts";
import { SANAFE_CASES, type SanafeCase } from "#test/sanafe-cases";
import { stepOf } from "#test/step-activity";
import { digits, type GoldenRow } from "./rows.ts";

const STEPS = 10;

/** Cases A to J: what our three timing models and our prices say, beside what the peer printed. */
export function goldenRows(): readonly GoldenRow[] {
  return SANAFE_CASES.map((definition) => {
    const { name, description, simpleNs, detailedNs, cycleNs, energyNj } = definition;
    const { dynamicPj } = priceRun(runOf(countsOfCase(definition), STEPS, simpleNs), nahukuFit, loihi1);
    return {
      name,
      description,
      simpleErrorShare: errorOf(timeNs(simple, definition), simpleNs),
      detailedErrorShare: errorOf(timeNs(detailed, definition), detailedNs),
      nocErrorShare: errorOf(timeNs(noc, definition), cycleNs),
      ...(energyNj.total !== undefined && {
        energyErrorShare: errorOf(dynamicPj / 1000, energyNj.total),
      }),
    };
  });
}

function timeNs(model: TimingModel, definition: SanafeCase): number {
  const { context, activity } = stepOf(stepOfCase(definition), loihi1, nahukuFit);
  const out: StepTime = { timeNs: NaN, core: -1, phase: 0 };
  model.prepare(context).time(activity, out);
  return out.timeNs;
}

/** Differences below a billionth are rounding. */
function errorOf(ours: number, theirs: number): number {
  const share = ours / theirs - 1;
  return Math.abs(share) < 1e-9 ? 0 : digits(share);
}
