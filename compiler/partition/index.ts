import { hypergraph } from "./hypergraph.ts";
import { layerOrder } from "./layer-order.ts";
import type { Partitioner } from "./partitioner.ts";
import { tiles } from "./tiles.ts";

/** Every partitioner; the first is the default. To add one: a file beside this one, and a line here. */
export const PARTITIONERS: readonly Partitioner[] = [tiles, layerOrder, hypergraph];
