import type { Resource } from "#ir/block-graph";
import type { Action } from "#simulator/result";

/** What tables call the resources of a core. */
export const RESOURCE_TEXT: Readonly<Record<Resource, string>> = {
  neurons: "neurons",
  synapseWords: "synapse words",
  axonsIn: "input axons",
  axonsOut: "output axons",
  synapseFormats: "synapse formats",
  neuronConfigs: "neuron configurations",
  thresholdConfigs: "threshold configurations",
};

/** What tables call the actions that the simulator counts. */
export const ACTION_TEXT: Readonly<Record<Action, string>> = {
  synapseDense: "synaptic operations, dense lists",
  synapseSparse: "synaptic operations, sparse lists",
  synapseRunLength: "synaptic operations, run-length lists",
  synapseConv: "synaptic operations, convolution",
  synapseWordRead: "synapse words read",
  neuronAccess: "neurons visited",
  neuronUpdate: "neurons updated",
  spikeOut: "spikes",
  messageOut: "messages sent",
  messageIn: "messages received",
  hopTile: "messages inside a tile",
  hopEastWest: "hops east or west",
  hopNorthSouth: "hops north or south",
  hopChip: "chip crossings",
  inputMessage: "messages from the host",
};
