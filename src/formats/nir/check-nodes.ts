import { nearestName, type DiagnosticSink } from "#util/diagnostic";
import {
  badField,
  extraField,
  fieldAssumed,
  missingField,
  nonFinite,
  resetAboveThreshold,
  tauNotPositive,
  thresholdNotPositive,
  unknownNodeType,
} from "./diagnostics-values.ts";
import { isArray, numbersOf, shapeText, sizeOf } from "./fields.ts";
import { perAxis } from "./geometry.ts";
import type { NirArray } from "./graph.ts";
import type { FlatGraph, FlatNode } from "./inline.ts";
import { NODE_TYPES, nodeType } from "./nodes.ts";
import { plural } from "#util/units";

/** Fields whose numbers say how something is arranged, and not what it weighs. */
const STRUCTURAL = new Set([
  "shape",
  "input_type",
  "input_shape",
  "stride",
  "padding",
  "dilation",
  "groups",
  "kernel_size",
  "start_dim",
  "end_dim",
]);

/**
 * Looks at every node by itself: type, fields, ranks, values.
 *
 * @returns indices of the nodes that cannot be used; each has at least one error in the sink
 */
export function checkNodes(graph: FlatGraph, sink: DiagnosticSink): ReadonlySet<number> {
  const broken = new Set<number>();
  graph.nodes.forEach((node, index) => {
    let failed = false;
    const fail = (diagnostic: Parameters<DiagnosticSink["report"]>[0]): void => {
      sink.report(diagnostic);
      failed ||= diagnostic.severity === "error";
    };
    checkNode(node, fail);
    if (failed) broken.add(index);
  });
  return broken;
}

type Report = DiagnosticSink["report"];

function checkNode(node: FlatNode, report: Report): void {
  const definition = nodeType(node.type);
  if (definition === undefined) {
    const known = NODE_TYPES.map(({ type }) => type);
    const nearest = nearestName(node.type, known);
    report(unknownNodeType({ node, known, ...(nearest === undefined ? {} : { nearest }) }));
    return;
  }
  if (node.added) return;
  const present = Object.keys(node.fields);
  const missing = definition.fields.filter(({ name }) => node.fields[name] === undefined);
  for (const { name, presence, fallback } of missing) {
    if (presence === "required") report(missingField({ node, field: name, present }));
    // A missing input_shape is reported where the shape that arrives is known.
    if (presence === "assumed" && name !== "input_shape")
      report(fieldAssumed({ node, field: name, value: fallback ?? "a default" }));
  }
  for (const field of present) {
    if (definition.fields.some(({ name }) => name === field)) continue;
    const meant = nearestName(
      field,
      missing.map(({ name }) => name),
    );
    report(extraField({ node, field, ...(meant === undefined ? {} : { meant }) }));
  }
  for (const { name } of definition.fields) checkField(node, name, report);
  checkWeights(node, report);
  checkBias(node, report);
  checkWindow(node, report);
  checkNeuron(node, report);
}

function checkField(node: FlatNode, name: string, report: Report): void {
  const field = node.fields[name];
  if (field === undefined) return;
  const isPadding = name === "padding" && (field === "same" || field === "valid");
  if (!isArray(field)) {
    if (isPadding && node.type.startsWith("Conv")) return;
    const needs = name === "padding" ? 'whole numbers, "same" or "valid"' : "numbers";
    report(badField({ node, field: name, needs, found: `the text ${JSON.stringify(field)}` }));
    return;
  }
  if (sizeOf(field.shape) === 0 && name !== "shape") {
    report(
      badField({
        node,
        field: name,
        needs: "at least one number",
        found: `an empty array ${shapeText(field.shape)}`,
      }),
    );
  } else if (!STRUCTURAL.has(name)) {
    checkFinite(node, name, field, report);
  }
}

function checkFinite(node: FlatNode, name: string, { data }: NirArray, report: Report): void {
  if (data instanceof Int32Array) return;
  let elements = 0;
  let first = -1;
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    if (elements === 0) first = i;
    elements++;
  }
  if (elements > 0)
    report(nonFinite({ node, field: name, elements, of: data.length, first, value: String(data[first]) }));
}

const RANK_NEEDS: Readonly<Record<string, string>> = {
  Linear: "at least 2 axes [..., out, in]",
  Affine: "at least 2 axes [..., out, in]",
  Conv1d: "3 axes [out, in / groups, length]",
  Conv2d: "4 axes [out, in / groups, height, width]",
};

function checkWeights(node: FlatNode, report: Report): void {
  const weight = node.fields.weight;
  const needs = RANK_NEEDS[node.type];
  if (needs === undefined || !isArray(weight)) return;
  const rank = weight.shape.length;
  const fits = node.type === "Conv1d" ? rank === 3 : node.type === "Conv2d" ? rank === 4 : rank >= 2;
  if (!fits) report(badField({ node, field: "weight", needs, found: `${rank}: ${shapeText(weight.shape)}` }));
}

function checkBias(node: FlatNode, report: Report): void {
  const { bias, weight } = node.fields;
  if (!isArray(bias) || !isArray(weight) || nodeType(node.type)?.kind !== "map" || weight.shape.length < 2)
    return;
  const isConvolution = node.type.startsWith("Conv");
  const out = isConvolution ? weight.shape[0] : weight.shape[weight.shape.length - 2];
  const whole = isConvolution ? out : sizeOf(weight.shape.slice(0, -1));
  const size = sizeOf(bias.shape);
  if (size === out || size === whole || size === 1) return;
  report(
    badField({
      node,
      field: "bias",
      needs: `${plural(out, "value")}, one for each output`,
      found: shapeText(bias.shape),
    }),
  );
}

function checkWindow(node: FlatNode, report: Report): void {
  const isConvolution = node.type === "Conv1d" || node.type === "Conv2d";
  if (!isConvolution && !node.type.endsWith("Pool2d")) return;
  const axes = node.type === "Conv1d" ? 1 : 2;
  const words = axes === 1 ? "one whole number" : "one or two whole numbers";
  const check = (field: string, least: number, fieldAxes = axes): void => {
    const value = node.fields[field];
    if (!isArray(value) || sizeOf(value.shape) === 0) return;
    const found = perAxis(value, fieldAxes, 0);
    if (found?.every((n) => n >= least)) return;
    const needs = `${fieldAxes === 1 ? "one whole number" : words} of at least ${least}`;
    report(badField({ node, field, needs, found: `[${Array.from(value.data.slice(0, 8)).join(", ")}]` }));
  };
  check("stride", 1);
  check("padding", 0);
  if (!isConvolution) {
    check("kernel_size", 1);
    return;
  }
  check("dilation", 1);
  check("groups", 1, 1);
  const groups = numbersOf(node.fields.groups)?.[0] ?? 1;
  const weight = node.fields.weight;
  if (!isArray(weight) || weight.shape.length !== axes + 2 || !(groups >= 1)) return;
  if (weight.shape[0] % groups !== 0)
    report(
      badField({
        node,
        field: "groups",
        needs: `a divisor of the ${weight.shape[0]} output channels`,
        found: String(groups),
      }),
    );
}

function checkNeuron(node: FlatNode, report: Report): void {
  const delays = numbersOf(node.type === "Delay" ? node.fields.delay : undefined) ?? [];
  const negative = delays.findIndex((value) => value < 0);
  if (negative !== -1)
    report(
      badField({
        node,
        field: "delay",
        needs: "times of 0 or more",
        found: `${delays[negative]} at index ${negative}`,
      }),
    );

  for (const [field, , role] of nodeType(node.type)?.params ?? []) {
    const values = numbersOf(node.fields[field]);
    if (values === undefined) continue;
    if (role === "time") {
      const first = values.findIndex((value) => value <= 0);
      const neurons = values.filter((value) => value <= 0).length;
      if (neurons > 0)
        report(tauNotPositive({ node, field, neurons, of: values.length, first, value: values[first] }));
    }
    if (field === "v_threshold") {
      const neurons = values.filter((value) => value <= 0).length;
      if (neurons > 0) report(thresholdNotPositive({ node, field, neurons, of: values.length }));
      const resets = numbersOf(node.fields.v_reset);
      if (resets === undefined || (resets.length !== values.length && resets.length !== 1)) continue;
      const above = values.filter((value, i) => resets[resets.length === 1 ? 0 : i] > value).length;
      if (above > 0) report(resetAboveThreshold({ node, neurons: above, of: values.length }));
    }
  }
}
