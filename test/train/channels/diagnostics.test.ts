import assert from "node:assert/strict";
import { test } from "vitest";
import {
  channelNotSilent,
  channelShareTooSmall,
  noChannelGroups,
} from "#train/channels/channels-diagnostics";
import { formatDiagnostic } from "#util/diagnostic";

test("the messages of channel pruning read like this", () => {
  assert.deepEqual(
    [
      channelNotSilent({ layer: "conv1", channel: 3 }),
      channelShareTooSmall({ parameters: 0.01, smallest: 0.02345, minChannels: 1 }),
      noChannelGroups({ network: "tiny", layers: 2 }),
    ].map(formatDiagnostic),
    [
      [
        'error[train/channel-not-silent]: channel 3 of "conv1" hears nothing and should say nothing to be removed, but it gives a constant value (a bias, or the beta of its batch normalization).',
        '  at model.layers["conv1"][3]',
        '  try: set its bias, gamma and beta to 0 and give its neurons a positive threshold, or shrink with constants: "keep".',
      ].join("\n"),
      [
        "error[train/channel-share-too-small]: channel pruning needs to leave 0.01 of the weights, but with 1 of the channels of every layer left, and the frozen layers whole, there are still 0.024.",
        "  at method.options.parameters",
        '  try: set "parameters" to 0.024 or more, or let more layers be pruned.',
      ].join("\n"),
      [
        'error[train/no-channel-groups]: channel pruning needs a hidden channel that it may remove, but all channels of the 2 layers of "tiny" are tied to its input, its output or a layer that may not be pruned.',
        "  at method.options",
        '  try: let more layers be pruned, add a hidden layer, or choose a method that prunes single weights ("gmp", "stds", "lats").',
      ].join("\n"),
    ],
  );
});
