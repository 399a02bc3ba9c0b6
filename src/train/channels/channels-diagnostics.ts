import type { Diagnostic } from "#util/diagnostic";

// What can be wrong with removing channels, in alphabetical order.

export function channelNotSilent(facts: { layer: string; channel: number }): Diagnostic {
  const { layer, channel } = facts;
  return {
    code: "train/channel-not-silent",
    severity: "error",
    message: `channel ${channel} of "${layer}" hears nothing and should say nothing to be removed, but it gives a constant value (a bias, or the beta of its batch normalization).`,
    subject: `model.layers["${layer}"][${channel}]`,
    hint: `set its bias, gamma and beta to 0 and give its neurons a positive threshold, or shrink with constants: "keep".`,
    data: facts,
  };
}

export function channelShareTooSmall(facts: {
  parameters: number;
  smallest: number;
  minChannels: number;
}): Diagnostic {
  const { parameters, smallest, minChannels } = facts;
  const least = Math.ceil(1000 * smallest) / 1000;
  return {
    code: "train/channel-share-too-small",
    severity: "error",
    message: `channel pruning needs to leave ${parameters} of the weights, but with ${minChannels} of the channels of every layer left, and the frozen layers whole, there are still ${least}.`,
    subject: `method.options.parameters`,
    hint: `set "parameters" to ${least} or more, or let more layers be pruned.`,
    data: facts,
  };
}

export function noChannelGroups(facts: { network: string; layers: number }): Diagnostic {
  const { network, layers } = facts;
  return {
    code: "train/no-channel-groups",
    severity: "error",
    message: `channel pruning needs a hidden channel that it may remove, but all channels of the ${layers} layers of "${network}" are tied to its input, its output or a layer that may not be pruned.`,
    subject: `method.options`,
    hint: `let more layers be pruned, add a hidden layer, or choose a method that prunes single weights ("gmp", "stds", "lats").`,
    data: facts,
  };
}
