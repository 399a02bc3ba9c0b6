import { ATTRIBUTE_TYPE, type AttributeProto, type FunctionProto, type NodeProto } from "../proto.ts";
import { tooLarge } from "./diagnostics.ts";
import { Refusal } from "./refusal.ts";

/** Most nodes after all functions have been written out. */
const LARGEST_GRAPH = 200_000;
/** Functions that call functions. */
const DEEPEST_CALL = 16;

/** Model-local functions written out: every call becomes the nodes of the body, with names of its own. */
export function inlineFunctions(
  nodes: readonly NodeProto[],
  functions: readonly FunctionProto[],
): readonly NodeProto[] {
  if (functions.length === 0) return nodes;
  const known = new Map(functions.map((each) => [`${each.domain ?? ""}:${each.name ?? ""}`, each]));
  let count = 0;
  const expand = (list: readonly NodeProto[], depth: number): NodeProto[] =>
    list.flatMap((node, position) => {
      const body = known.get(`${node.domain ?? ""}:${node.opType ?? ""}`);
      count++;
      if (count > LARGEST_GRAPH || depth > DEEPEST_CALL)
        throw new Refusal(
          tooLarge({
            what: "the graph with its functions written out",
            elements: count,
            limit: LARGEST_GRAPH,
          }),
        );
      return body === undefined ? [node] : expand(called(node, body, position), depth + 1);
    });
  return expand(nodes, 0);
}

function called(node: NodeProto, body: FunctionProto, position: number): NodeProto[] {
  const prefix = node.name || node.output?.[0] || `${node.opType}#${position}`;
  const names = new Map<string, string>();
  (body.input ?? []).forEach((name, i) => names.set(name, node.input?.[i] ?? ""));
  (body.output ?? []).forEach((name, i) => {
    if (node.output?.[i]) names.set(name, node.output[i]);
  });
  const inside = (name: string): string => (name === "" ? "" : (names.get(name) ?? `${prefix}/${name}`));
  const given = new Map((node.attribute ?? []).map((attribute) => [attribute.name ?? "", attribute]));
  // Outputs that the body names twice, or that pass an input through, are named by Identity nodes of the body.
  return (body.node ?? []).map((inner) => ({
    ...inner,
    name: `${prefix}/${inner.name || inner.output?.[0] || inner.opType}`,
    input: (inner.input ?? []).map(inside),
    output: (inner.output ?? []).map(inside),
    attribute: (inner.attribute ?? []).flatMap((attribute) => bound(attribute, given)),
  }));
}

/** An attribute that refers to one of the call takes its value; it is left out where the call has none. */
function bound(attribute: AttributeProto, given: ReadonlyMap<string, AttributeProto>): AttributeProto[] {
  const { name, refAttrName } = attribute;
  if (!refAttrName) return [attribute];
  const value = given.get(refAttrName);
  return value === undefined ? [] : [{ ...value, name: name ?? "", type: value.type ?? ATTRIBUTE_TYPE.int }];
}
