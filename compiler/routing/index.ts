import type { FlowRouter } from "./routing.ts";
import { xyTree } from "./xy-tree.ts";
import { xyUnicast } from "./xy-unicast.ts";

/** Every router of flows. To add one: a file beside this one, and a line here. */
export const FLOW_ROUTERS: readonly FlowRouter[] = [xyUnicast, xyTree];
