import { BOUNDS, WORK } from "#simulator/bottleneck-retime";
import { formatCount, formatEnergyPj, formatShare, formatTimeNs, plural } from "#util/units";
import type { DetailSections } from "./detail-sections.ts";
import type {
  AttributionSection,
  BottleneckSection,
  CoreCost,
  LinkCost,
  StateEventSection,
} from "./sections-detail.ts";
import { textTable, type Column } from "./text-table.ts";
import { STATE_EVENT_TEXT } from "./words.ts";

const right = (heading: string): Column => ({ heading, align: "right" });
const left = (heading: string): Column => ({ heading });
const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** What to know before the numbers: each part with an empty line before it. */
export function warningTexts({ stoppedAfter, stateEvents }: DetailSections): string[] {
  return [
    ...(stoppedAfter === undefined
      ? []
      : ["", `Stopped after ${plural(stoppedAfter, "inference")}: all numbers are about these only`]),
    ...(stateEvents === undefined ? [] : ["", ...stateEventText(stateEvents)]),
  ];
}

/** The parts of the chip one by one: each with an empty line before it. */
export function detailTexts(
  { attribution, bottleneck }: DetailSections,
  timing: string | undefined,
): string[] {
  return [
    ...(attribution === undefined ? [] : ["", ...attributionText(attribution)]),
    ...(bottleneck === undefined ? [] : ["", ...bottleneckText(bottleneck, timing)]),
  ];
}

function stateEventText(events: readonly StateEventSection[]): string[] {
  return [
    "Warning: registers of the chip could not hold every value, so results differ from the model's",
    ...indent(
      textTable(
        [left("what happened"), right("times"), left("first")],
        events.map(({ kind, count, first: { sample, step, population, neuron } }) => [
          STATE_EVENT_TEXT[kind],
          formatCount(count),
          `${population} neuron ${neuron}, step ${step} of sample ${sample}`,
        ]),
      ),
    ),
  ];
}

/** Cores and links that the text names; all are in the JSON. */
const NAMED = 5;

export function mostExpensive(cores: readonly CoreCost[]): CoreCost[] {
  return cores.toSorted((a, b) => b.dynamicPj - a.dynamicPj).slice(0, NAMED);
}

export function busiestLinks(links: readonly LinkCost[]): LinkCost[] {
  return links.toSorted((a, b) => b.messages - a.messages).slice(0, NAMED);
}

export function attributionText({ populations, cores, links }: AttributionSection): string[] {
  const totalPj = cores.reduce((sum, { dynamicPj }) => sum + dynamicPj, 0);
  const share = (pj: number): string => (totalPj === 0 ? "–" : formatShare(pj / totalPj));
  const lines = [
    "Dynamic energy by population, per inference (a message costs its sender; taking it in, its receiver)",
    ...indent(
      textTable(
        [
          left("population"),
          right("neurons"),
          right("spikes"),
          right("updates"),
          right("messages"),
          right("syn. operations"),
          right("energy"),
          right("share"),
        ],
        populations.map((each) => [
          each.name,
          formatCount(each.neurons),
          formatCount(each.spikes),
          formatCount(each.updates),
          formatCount(each.messages),
          formatCount(each.synapticOperations),
          formatEnergyPj(each.dynamicPj),
          share(each.dynamicPj),
        ]),
      ),
    ),
  ];
  if (cores.length > 1)
    lines.push(
      "",
      ...indent(
        textTable(
          [left("core"), left("place"), right("syn. operations"), right("energy"), right("share")],
          mostExpensive(cores).map((each) => [
            String(each.core),
            placeText(each),
            formatCount(each.synapticOperations),
            formatEnergyPj(each.dynamicPj),
            share(each.dynamicPj),
          ]),
        ),
      ),
      ...(cores.length > NAMED ? [`  and ${plural(cores.length - NAMED, "more core")}`] : []),
    );
  if (links.length > 0) {
    const hops = links.reduce((sum, { messages }) => sum + messages, 0);
    const hopsPj = links.reduce((sum, { dynamicPj }) => sum + (dynamicPj ?? 0), 0);
    const isPriced = links.every(({ dynamicPj }) => dynamicPj !== null);
    lines.push(
      "",
      `  ${plural(links.length, "link")} carried ${formatCount(hops)} hops${isPriced ? `, ${formatEnergyPj(hopsPj)}` : ""}; the busiest:`,
      ...indent(
        textTable(
          [left("link from"), left("towards"), right("messages"), right("energy")],
          busiestLinks(links).map((link) => [
            placeText(link),
            `${link.direction}${link.leavesChip ? ", next chip" : ""}`,
            formatCount(link.messages),
            link.dynamicPj === null ? "unpriced" : formatEnergyPj(link.dynamicPj),
          ]),
        ),
      ),
    );
  }
  return lines;
}

export function placeText({ chip, x, y }: { chip: number; x: number; y: number }): string {
  return `chip ${chip}, tile (${x}, ${y})`;
}

export function bottleneckText(
  { law, idleShare, meanStepNs, bounds, cores, populations }: BottleneckSection,
  timing: string | undefined,
): string[] {
  const other =
    timing === undefined || timing === law
      ? ""
      : `; "${timing}" follows messages, so this is by the counting model`;
  return [
    `Bottleneck: what each step waited for (timing model "${law}"${other}; mean step ${formatTimeNs(meanStepNs)})`,
    ...indent(
      textTable(
        [
          left("bound"),
          right("binds steps"),
          right("mean step if lifted"),
          right("saves"),
          right("busiest core / mean"),
        ],
        bounds.map(({ bound, stepShare, liftedStepNs, imbalance, workIn }) => [
          bound,
          formatShare(stepShare),
          formatTimeNs(liftedStepNs),
          meanStepNs === 0 ? "–" : formatShare(1 - liftedStepNs / meanStepNs),
          imbalance === null ? "–" : `${imbalance.toFixed(2)} x${workIn === "ns" ? "" : ", by count"}`,
        ]),
      ),
    ),
    ...(idleShare > 0 ? [`  ${formatShare(idleShare)} of the steps took no time`] : []),
    "",
    ...indent(
      textTable(
        [
          left("layer"),
          right("cores"),
          right("decides steps"),
          left("bound by"),
          left("most of its busiest core's work"),
        ],
        populations.map((each) => [
          each.name,
          formatCount(each.cores),
          formatShare(each.stepShare),
          sharesText(BOUNDS, each.boundShare),
          sharesText(WORK, each.workShare),
        ]),
      ),
    ),
    ...(cores.length === 0
      ? []
      : [
          "",
          ...indent(
            textTable(
              [left("core"), left("layer"), right("decides steps"), left("bound by")],
              cores.map((each) => [
                String(each.core),
                each.population,
                formatShare(each.stepShare),
                sharesText(BOUNDS, each.boundShare),
              ]),
            ),
          ),
        ]),
  ];
}

function sharesText<Name extends string>(
  names: readonly Name[],
  shares: Readonly<Record<Name, number>>,
): string {
  const some = names.filter((name) => shares[name] > 0).toSorted((a, b) => shares[b] - shares[a]);
  return some.length === 0 ? "–" : some.map((name) => `${name} ${formatShare(shares[name])}`).join(", ");
}
