// The figures as aligned text.
import type { Figures } from "./simulator-figures.ts";

/** What the simulator is meant to reach; a figure that does not is followed by "!". */
const AIM = {
  nsPerEvent: 2,
  /** Where the C loop itself takes no longer than this. */
  ifCNsPerEvent: 1,
  timesC: 2.5,
  usPerMessage: 0.3,
  nsPerNeuronStep: 1,
  bytesPerSynapse: 16,
  usPerSynapse: 0.1,
} as const;

/** One line for each network; "ours" is `simulate` with compiled kernels and the timing model `simple`. */
export function networkTable(list: readonly Figures[]): string {
  const rows = list.map((f) => {
    const perEvent = (ms: number): number => (1e6 * ms) / f.events;
    const c = f.cMs && Math.min(...Object.values(f.cMs));
    const ours = perEvent(f.compiledMs);
    const usPerMessage = (1000 * (f.detailedMs - f.compiledMs)) / f.messages;
    const bytes = (f.deploymentBytes + f.machineBytes) / f.synapses;
    const usPerSynapse = (1000 * f.loadMs) / f.synapses;
    const isSlow = ours > AIM.nsPerEvent && c !== undefined && perEvent(c) <= AIM.ifCNsPerEvent;
    return [
      f.name,
      (f.events / 1e6).toFixed(2),
      (f.messages / 1e3).toFixed(1),
      f.cMs ? perEvent(f.cMs.i8_u16).toFixed(2) : "-",
      f.cMs ? perEvent(f.cMs.pack32).toFixed(2) : "-",
      marked(ours.toFixed(2), isSlow),
      perEvent(f.plainMs).toFixed(2),
      c ? marked((f.compiledMs / c).toFixed(2), f.compiledMs / c > AIM.timesC) : "-",
      marked(usPerMessage.toFixed(3), usPerMessage > AIM.usPerMessage),
      marked(bytes.toFixed(1), bytes > AIM.bytesPerSynapse),
      marked(usPerSynapse.toFixed(3), usPerSynapse > AIM.usPerSynapse),
      f.spread.toFixed(2),
      f.load.toFixed(1),
    ];
  });
  return table(
    [
      ["network", "events", "messages", "C i8+u16", "C pack32", "ours", "plain JS", "ours / C", "detailed"],
      ["", "M", "k", "ns/event", "ns/event", "ns/event", "ns/event", "", "+us/message"],
    ].map((head, i) => [
      ...head,
      ...[
        ["load", "load", "max/min", "load"],
        ["B/synapse", "us/synapse", "", "avg"],
      ][i],
    ]),
    rows,
  );
}

/** The same for neurons without synapses. */
export function neuronTable(list: readonly Figures[]): string {
  const rows = list.map((f) => {
    const perStep = (ms: number): number => (1e6 * ms) / (f.neurons * f.steps);
    const ours = perStep(f.compiledMs);
    return [
      f.name,
      f.cMs ? perStep(Math.min(...Object.values(f.cMs))).toFixed(2) : "-",
      marked(ours.toFixed(2), ours > AIM.nsPerNeuronStep),
      perStep(f.plainMs).toFixed(2),
      f.spread.toFixed(2),
      f.load.toFixed(1),
    ];
  });
  return table(
    [
      ["neurons alone", "C", "ours", "plain JS", "max/min", "load"],
      ["", "ns/step", "ns/step", "ns/step", "", "avg"],
    ],
    rows,
  );
}

function marked(figure: string, isMissed: boolean): string {
  return isMissed ? `${figure}!` : figure;
}

function table(heads: readonly (readonly string[])[], rows: readonly (readonly string[])[]): string {
  const all = [...heads, ...rows];
  const widths = heads[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join("  ")
      .trimEnd();
  return `${all.map(line).join("\n")}\n`;
}
