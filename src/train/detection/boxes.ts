// Rectangles in a picture and how well they agree.
import type { Box } from "../spike-camera/moving-shapes.ts";

export interface Detection extends Box {
  /** 0 to 1. */
  readonly score: number;
}

/** Area of the intersection over area of the union, 0 to 1; the class is not looked at. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/**
 * Non-maximum suppression, class by class: from the highest score down, whatever overlaps a kept one of its class by more
 * than `overlap` goes.
 *
 * @returns what is left, by falling score (equal scores in their order)
 */
export function suppressOverlaps(detections: readonly Detection[], overlap: number): readonly Detection[] {
  const kept: Detection[] = [];
  for (const detection of detections.toSorted((a, b) => b.score - a.score))
    if (kept.every((k) => k.class !== detection.class || intersectionOverUnion(k, detection) <= overlap))
      kept.push(detection);
  return kept;
}
