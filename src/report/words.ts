import type { Resource } from "#ir/block-graph";
import type { Action, StateEventKind } from "#simulator/result";

/** What tables call the resources of a core. */
export const RESOURCE_TEXT: Readonly<Record<Resource, string>> = {
  neurons: "neurons",
  synapseWords: "synapse words",
  axonsIn: "input axons",
  axonsOut: "output axons",
  synapseFormats: "synapse formats",
  neuronConfigs: "neuron configurations",
  thresholdConfigs: "threshold configurations",
  neuronWords: "neuron words",
  biasWords: "bias words",
  populations: "layers",
  synapses: "synapses",
  inputLines: "input lines",
  outputLines: "read-out neurons",
  fanIn: "largest fan-in",
  fanOut: "largest fan-out",
  destinationsOfNeuron: "destinations of a neuron",
  destinationCores: "destination cores",
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
  hopEast: "hops east",
  hopWest: "hops west",
  hopNorth: "hops north",
  hopSouth: "hops south",
  inputAccess: "input neurons visited",
  inputUpdate: "input neurons updated",
  inputSpike: "spikes of input neurons",
};

/** What tables call registers that could not hold a value. */
export const STATE_EVENT_TEXT: Readonly<Record<StateEventKind, string>> = {
  "input-wrap": "the summed input wrapped around",
  "current-wrap": "the current left its register",
  "drive-wrap": "current and bias wrapped around",
  "membrane-high": "the membrane was held at its largest value",
  "membrane-low": "the membrane was held at its lower clamp",
};
