import type { DiagnosticSink } from "#util/diagnostic";
import type { EventData, EventStream } from "../dataset.ts";
import { dataCountsDiffer, dataEmpty, dataEventOutOfRange, dataNotReadable } from "./data-diagnostics.ts";
import { createEventBuffer } from "./event-buffer.ts";
import { checkLabels, packLabels } from "./files.ts";

/** What we need of an HDF5 reader. A text in place of numbers says why there are none: "… cannot be read: <text>". */
export interface Hdf5Reader {
  /** The numbers of a dataset. */
  numbers(path: string): Promise<ArrayLike<number> | string>;
  /** A dataset whose elements are lists of numbers. */
  lists(path: string): Promise<readonly ArrayLike<number>[] | string>;
}

const CHANNELS = 700;
const CLASSES = 20;
const US_PER_S = 1e6;

/**
 * Spiking Heidelberg Digits: `spikes/times` (seconds) and `spikes/units` (0 to 699) are lists, one per sample; `labels`
 * are 0 to 19: null, eins … neun, zero, one … nine.
 *
 * Times are stored in half precision, so that events late in a recording are 0.5 to 1 ms apart.
 *
 * @param fileName for messages
 * @returns undefined if anything is wrong; every fault is in the sink
 *
 * Source: Cramer et al., IEEE TNNLS 33, 2022; zenkelab.org/resources/spiking-heidelberg-datasets-shd.
 */
export async function datasetFromShd(
  reader: Hdf5Reader,
  fileName: string,
  sink: DiagnosticSink,
): Promise<EventData | undefined> {
  const times = await reader.lists("/spikes/times");
  const units = await reader.lists("/spikes/units");
  const labels = await reader.numbers("/labels");
  for (const [path, found] of Object.entries({
    "/spikes/times": times,
    "/spikes/units": units,
    "/labels": labels,
  }))
    if (typeof found === "string")
      sink.report(dataNotReadable({ file: `${fileName}:${path}`, reason: found }));
  if (typeof times === "string" || typeof units === "string" || typeof labels === "string") return undefined;

  let isWhole = checkLabels(labels, CLASSES, fileName, sink);
  const differ = (what: string, count: number, otherWhat: string, otherCount: number): void => {
    if (count === otherCount) return;
    sink.report(
      dataCountsDiffer({ file: fileName, what, count, otherFile: fileName, otherWhat, otherCount }),
    );
    isWhole = false;
  };
  differ("lists of times", times.length, "lists of units", units.length);
  differ("lists of times", times.length, "labels", labels.length);
  if (times.length === 0) {
    sink.report(dataEmpty({ file: fileName, what: "sample" }));
    return undefined;
  }
  if (!isWhole) return undefined;

  const samples: EventStream[] = [];
  for (let n = 0; n < times.length; n++) {
    differ(`times in sample ${n}`, times[n].length, "units", units[n].length);
    if (!isWhole) return undefined;
    const stream = streamOf(times[n], units[n], `sample ${n} of ${fileName}`, sink);
    if (!stream) return undefined;
    samples.push(stream);
  }
  return {
    kind: "events",
    name: "shd",
    shape: [CHANNELS],
    samples,
    labels: packLabels(labels, CLASSES),
    classes: CLASSES,
  };
}

function streamOf(
  times: ArrayLike<number>,
  units: ArrayLike<number>,
  file: string,
  sink: DiagnosticSink,
): EventStream | undefined {
  const events = createEventBuffer(times.length);
  for (let event = 0; event < times.length; event++) {
    const [time, unit] = [times[event], units[event]];
    if (!Number.isInteger(unit) || unit < 0 || unit >= CHANNELS) {
      sink.report(dataEventOutOfRange({ file, event, what: "a unit", value: unit, limit: CHANNELS }));
      return undefined;
    }
    if (!Number.isFinite(time) || time < 0) {
      sink.report(dataNotReadable({ file, reason: `event ${event} has the time ${time} s` }));
      return undefined;
    }
    events.push(time * US_PER_S, unit);
  }
  return events.stream();
}
