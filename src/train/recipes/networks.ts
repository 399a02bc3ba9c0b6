import { resNet19, sdSnnCifar, sewResNet18, sixConv, vggSnn } from "./deep-networks.ts";
import type { ReadyNetwork } from "./network.ts";
import { mlp, sdSnnConv, stbpConv, tinyResidual } from "./small-networks.ts";

/** Every network that a recipe can take by name (`"model": { "builtin": "mlp" }`). To add one: an object, and a line here. */
export const NETWORKS: readonly ReadyNetwork[] = [
  mlp,
  stbpConv,
  sdSnnConv,
  tinyResidual,
  sixConv,
  sdSnnCifar,
  vggSnn,
  resNet19,
  sewResNet18,
] as readonly ReadyNetwork[];
