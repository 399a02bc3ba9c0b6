import type { Resource } from "#ir/block-graph";
import { loihi1 } from "#targets/loihi1/index";
import type { Quantity, Target } from "#targets/target";

/** A Loihi with other walls, so that small networks meet them. */
export function tightTarget(
  walls: Partial<Record<Resource | "wordsPerAxon", number>>,
  mesh: Partial<Pick<Target["mesh"], "columns" | "rows" | "coresPerTile" | "tileOrder">> = {},
): Target {
  const { wordsPerAxon, ...rest } = walls;
  const count = (value: number): Quantity => ({
    value,
    unit: "count",
    evidence: "assumed",
    src: [],
    note: "for a test",
  });
  return {
    ...loihi1,
    name: "tight",
    mesh: { ...loihi1.mesh, ...mesh },
    walls: {
      ...loihi1.walls,
      ...Object.fromEntries(Object.entries(rest).map(([resource, value]) => [resource, count(value)])),
    },
    maxWordsPerAxon: wordsPerAxon === undefined ? loihi1.maxWordsPerAxon : count(wordsPerAxon),
  };
}
