import type { Diagnostic } from "#util/diagnostic";

// What can be wrong with the options of SD-SNN, in alphabetical order.

export function sdSnnTooFewEpochs(facts: { window: number; epochs: number }): Diagnostic {
  const { window, epochs } = facts;
  return {
    code: "train/sd-snn-too-few-epochs",
    severity: "error",
    message: `SD-SNN needs more than ${2 * window + 1} epochs, since it first prunes after twice its window of ${window}, but there are ${epochs}.`,
    subject: `method.options.window`,
    hint: `set "window" to ${Math.max(1, Math.floor((epochs - 2) / 4))} or so, or train for more epochs.`,
    data: facts,
  };
}
