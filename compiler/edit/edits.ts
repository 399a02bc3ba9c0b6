/**
 * Changes of a network that somebody asks for because it does not fit as it is. Plain data: they go into the notes of
 * deployment files, so that `verify` can do them again.
 */
export interface NetworkEdits {
  /** Magnitude pruning; on the model, before anything else. */
  readonly prune?: readonly PruneEdit[];
  /** Removal of the weakest channels of a population; on the folded network. */
  readonly channels?: readonly ChannelsEdit[];
  /** Populations that become several; on the folded network, exact. */
  readonly split?: readonly SplitEdit[];
  /** How neurons that fire are reset, whatever the model says; on the model. */
  readonly reset?: "value" | "subtract";
}

/** Keeps the largest weights of a layer. */
export interface PruneEdit {
  /** Node of a trained layer, or name of a projection; absent: every trained layer, each by itself. */
  readonly layer?: string;
  /** Weights that stay, as a share of all that the layer has room for. */
  readonly densityShare: number;
}

/** Keeps the channels of a population (features, where it has no height and width) whose weights are largest. */
export interface ChannelsEdit {
  readonly population: string;
  readonly channels: number;
}

/** Cuts a population into this many of about equally many channels. */
export interface SplitEdit {
  readonly population: string;
  readonly parts: number;
}
