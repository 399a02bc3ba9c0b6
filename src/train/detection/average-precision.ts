// How good a detector is: average precision at one overlap.
import type { Box } from "../spike-camera/moving-shapes.ts";
import { type Detection, intersectionOverUnion } from "./boxes.ts";

export interface PrecisionReport {
  /** Mean over the classes that occur, 0 to 1; 0 if there is no box at all. */
  readonly meanAveragePrecision: number;
  /** `[classes]`; NaN for a class without a box. */
  readonly averagePrecision: readonly number[];
}

/**
 * Average precision of every class, all samples together: detections by falling score; each is right if it overlaps, by
 * `overlap` or more, a box of its class and sample that no better-scored one has taken (it is held against the box that it
 * overlaps most). Area under precision over recall, precision made falling first (interpolation at all points).
 *
 * @param detections one list per sample
 * @param boxes one list per sample: the truth
 *
 * Source: PASCAL VOC 2010 onwards (Everingham et al., IJCV 111, 2015).
 */
export function averagePrecision(
  detections: readonly (readonly Detection[])[],
  boxes: readonly (readonly Box[])[],
  classes: number,
  overlap = 0.5,
): PrecisionReport {
  const perClass = Array.from({ length: classes }, (_, c) => {
    const truth = boxes.map((own) => own.filter((box) => box.class === c));
    const found = detections.flatMap((own, sample) =>
      own.filter((detection) => detection.class === c).map((detection) => ({ sample, detection })),
    );
    return precisionOfClass(found, truth, overlap);
  });
  const occurring = perClass.filter((precision) => !Number.isNaN(precision));
  const sum = occurring.reduce((total, precision) => total + precision, 0);
  return {
    meanAveragePrecision: occurring.length === 0 ? 0 : sum / occurring.length,
    averagePrecision: perClass,
  };
}

function precisionOfClass(
  found: readonly { readonly sample: number; readonly detection: Detection }[],
  truth: readonly (readonly Box[])[],
  overlap: number,
): number {
  const count = truth.reduce((sum, boxes) => sum + boxes.length, 0);
  if (count === 0) return NaN;
  const taken = truth.map(() => new Set<Box>());
  const curve: { readonly recall: number; precision: number }[] = [];
  let right = 0;
  found
    .toSorted((a, b) => b.detection.score - a.detection.score)
    .forEach(({ sample, detection }, i) => {
      let best: Box | undefined;
      let most = -1;
      for (const box of truth[sample]) {
        const shared = intersectionOverUnion(detection, box);
        if (shared > most) [best, most] = [box, shared];
      }
      if (best !== undefined && most >= overlap && !taken[sample].has(best)) {
        taken[sample].add(best);
        right++;
      }
      curve.push({ recall: right / count, precision: right / (i + 1) });
    });
  for (let i = curve.length - 2; i >= 0; i--)
    curve[i].precision = Math.max(curve[i].precision, curve[i + 1].precision);
  return curve.reduce(
    (area, { recall, precision }, i) => area + (recall - (curve[i - 1]?.recall ?? 0)) * precision,
    0,
  );
}
