/**
 * Lets the event loop come round, so that signals and messages that wait are delivered. Node delivers between synchronous
 * stretches only: whoever looks at a flag, or takes a listener away, in the stretch in which the signal came misses it.
 */
export async function deliverPending(): Promise<void> {
  // Two turns: the first may begin behind the poll.
  await nextTurn();
  await nextTurn();
}

async function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
