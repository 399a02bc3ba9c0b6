import type { Network } from "#ir/network";
import { columnSource, type Columns } from "../encode/columns.ts";

/** The synapses of a quantized network by target, without stored zeros; each projection is read once. */
export interface Wiring {
  /** By population: projections into it. */
  readonly into: readonly (readonly number[])[];
  /** All columns of a projection. */
  columns(projection: number): Columns;
}

export function wiringOf({ populations, projections }: Network): Wiring {
  const into = populations.map((): number[] => []);
  projections.forEach(({ post }, p) => into[post].push(p));
  const known = new Map<number, Columns>();
  return {
    into,
    columns(projection) {
      let columns = known.get(projection);
      if (columns === undefined) {
        const { connectivity } = projections[projection];
        columns = columnSource(connectivity, false).read(0, connectivity.cols);
        known.set(projection, columns);
      }
      return columns;
    },
  };
}
