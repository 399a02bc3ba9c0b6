import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Lets the event loop come round, so that signals and messages that wait are delivered. Node delivers between synchronous
 * stretches only: whoever looks at a flag, or takes a listener away, in the stretch in which the signal came misses it.
 */
export async function deliverPending(): Promise<void> {
  // Two turns: the first may begin behind the poll.
  await nextTurn();
  await nextTurn();
}
