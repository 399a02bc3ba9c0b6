import type { Router } from "./router.ts";
import { xy } from "./xy.ts";

/** Every router; the first is the default. To add one: a file beside this one, and a line here. */
export const ROUTERS: readonly Router[] = [xy];
