import { DEFAULT_DYNAMICS, type Dynamics, type Population } from "#ir/network";
import { broadcastParams, neuronModel } from "#neurons/index";
import { inputShare, lossShare } from "#neurons/leak";
import type { FunctionProto } from "../proto.ts";
import { FunctionBody } from "./functions.ts";

/** A population as a call of a function: its inputs are x, the states, and the parameters, in this order. */
export interface NeuronCall {
  readonly function: FunctionProto;
  /** Of the states that the function keeps. */
  readonly states: readonly string[];
  readonly params: readonly { readonly name: string; readonly values: Float64Array }[];
  /** Parameters that `OwnPopulation` names; others follow from them. */
  readonly isOwn: (param: string) => boolean;
}

/** Models that have a function, by registry key. Inputs, relays and ReLUs need none. */
const FUNCTION_NAMES: Readonly<Record<string, string>> = {
  i: "I",
  if: "IF",
  li: "LI",
  lif: "LIF",
  "cuba-li": "CubaLI",
  "cuba-lif": "CubaLIF",
  threshold: "Threshold",
};

/** True if the model can be stepped in a float graph. */
export function hasFloatForm(model: string): boolean {
  return model === "input" || model === "relay" || model === "relu" || model in FUNCTION_NAMES;
}

/** The call for a population of a model that `hasFloatForm`, except those without a function. */
export function floatNeuron(population: Population, type: "float" | "double", opset: number): NeuronCall {
  const { model, size, dynamics = DEFAULT_DYNAMICS } = population;
  const { params: specs, output } = neuronModel(model);
  const values = broadcastParams(neuronModel(model), population.params, size);
  const given = new Map(specs.map(({ name }, i) => [name, values[i]]));
  const fires = output === "spikes" && model !== "threshold";
  const params = paramsOf(given, dynamics, fires);
  const states = [
    ...(model.startsWith("cuba") ? ["current"] : []),
    ...(model === "threshold" ? [] : ["v"]),
    ...(fires && dynamics.reset.startsWith("delayed") ? ["fired"] : []),
  ];
  const body = new FunctionBody(
    ["x", ...states, ...params.map(({ name }) => name)],
    ["y", ...states.map((state) => `${state}_next`)],
    type,
  );
  writeBody(body, model, dynamics, fires, type);
  const name = FUNCTION_NAMES[model] + suffixOf(model, dynamics, fires);
  return {
    function: body.function(name, docOf(model, dynamics), opset),
    states,
    params,
    isOwn: (param) => given.has(param),
  };
}

/**
 * As the model declares them, and what follows from them: exponential leaks as shares, which ONNX cannot compute
 * exactly (the function then leaves the time constants to readers), and the clamp as a level.
 */
function paramsOf(
  given: ReadonlyMap<string, Float64Array>,
  { integrator, vMinThresholds }: Dynamics,
  fires: boolean,
): { name: string; values: Float64Array }[] {
  const params = [...given].map(([name, values]) => ({ name, values }));
  const addShares = (tau: string, gain: string, suffix: string): void => {
    const tauSteps = given.get(tau);
    const gains = given.get(gain);
    if (integrator !== "exponential" || tauSteps === undefined || gains === undefined) return;
    const loss = tauSteps.map((steps) => lossShare(steps, integrator));
    const share = gains.map((value, i) => inputShare(value, tauSteps[i], integrator));
    params.push({ name: `loss${suffix}`, values: loss }, { name: `gain${suffix}`, values: share });
  };
  addShares("tauSteps", "r", "");
  addShares("tauSynSteps", "wIn", "Syn");
  addShares("tauMemSteps", "r", "Mem");
  const thresholds = given.get("vThreshold");
  if (fires && vMinThresholds !== undefined && thresholds !== undefined)
    params.push({ name: "vMin", values: thresholds.map((threshold) => vMinThresholds * threshold) });
  return params;
}

/** What differs from the default dynamics, for the name of the function. */
function suffixOf(model: string, dynamics: Dynamics, fires: boolean): string {
  const leaks = model.includes("li");
  return [
    fires && dynamics.reset !== "value" ? dynamics.reset.replaceAll("-", "_") : "",
    (fires || model === "threshold") && dynamics.compare === ">=" ? "ge" : "",
    leaks && dynamics.integrator === "exponential" ? "exponential" : "",
    model.startsWith("cuba") && dynamics.current === "old" ? "old_current" : "",
    fires && dynamics.vMinThresholds !== undefined ? "clamped" : "",
  ]
    .filter((part) => part !== "")
    .map((part) => `_${part}`)
    .join("");
}

function docOf(model: string, { reset, compare, integrator, current }: Dynamics): string {
  const { summary } = neuronModel(model);
  return `${summary}. Time constants in steps; integrator ${integrator}; fires if v ${compare} vThreshold; reset ${reset}; synaptic current: ${current}.`;
}

function writeBody(
  f: FunctionBody,
  model: string,
  dynamics: Dynamics,
  fires: boolean,
  type: "float" | "double",
): void {
  if (model === "threshold") {
    f.result(f.cast(exceeds(f, "x", "threshold", dynamics), type), "y");
    return;
  }
  const integrated = integrate(f, model, dynamics);
  if (fires) fireAndReset(f, integrated, dynamics, type);
  else {
    f.result(integrated, "y");
    f.result(integrated, "v_next");
  }
}

/** The membrane before any reset; writes the next synaptic current. */
function integrate(f: FunctionBody, model: string, dynamics: Dynamics): string {
  if (model === "i" || model === "if") return f.op("Add", "v", f.op("Mul", "r", "x"));
  if (!model.startsWith("cuba")) return leakTo(f, shares(f, dynamics, "tauSteps", "r", ""), "x");
  const { loss, gain } = shares(f, dynamics, "tauSynSteps", "wIn", "Syn");
  const change = f.op("Sub", f.op("Mul", gain, "x"), f.op("Mul", loss, "current"));
  const next = f.op("Add", "current", change);
  f.result(next, "current_next");
  const seen = dynamics.current === "new" ? next : "current";
  return leakTo(f, shares(f, dynamics, "tauMemSteps", "r", "Mem"), seen);
}

function shares(
  f: FunctionBody,
  { integrator }: Dynamics,
  tau: string,
  gain: string,
  name: string,
): { loss: string; gain: string } {
  if (integrator === "exponential") return { loss: `loss${name}`, gain: `gain${name}` };
  // The signs cancel. Without them onnxruntime rewrites 1 / tau · x as x / tau, which rounds differently.
  return {
    loss: f.op("Reciprocal", tau),
    gain: f.op("Div", f.op("Neg", gain), f.op("Neg", tau)),
  };
}

/** v + (loss (vLeak - v) + gain x) */
function leakTo(f: FunctionBody, { loss, gain }: { loss: string; gain: string }, x: string): string {
  const pull = f.op("Mul", loss, f.op("Sub", "vLeak", "v"));
  return f.op("Add", "v", f.op("Add", pull, f.op("Mul", gain, x)));
}

function exceeds(f: FunctionBody, value: string, threshold: string, { compare }: Dynamics): string {
  return f.op(compare === ">" ? "Greater" : "GreaterOrEqual", value, threshold);
}

/** `ResetMode` in the network's types says what each mode means. */
function fireAndReset(
  f: FunctionBody,
  integrated: string,
  dynamics: Dynamics,
  type: "float" | "double",
): void {
  const over = (v: string): string => exceeds(f, v, "vThreshold", dynamics);
  const lowered = (v: string): string => f.op("Sub", v, "vThreshold");
  let spikes: string;
  let v: string;
  switch (dynamics.reset) {
    case "value": {
      const fired = over(integrated);
      spikes = f.cast(fired, type);
      v = f.op("Where", fired, "vReset", integrated);
      break;
    }
    case "subtract": {
      const fired = over(integrated);
      spikes = f.cast(fired, type);
      v = f.op("Where", fired, lowered(integrated), integrated);
      break;
    }
    case "multi-subtract": {
      const fired = over(integrated);
      const isPositive = f.op("Greater", "vThreshold", f.number(0));
      const times = f.op("Floor", f.op("Div", integrated, "vThreshold"));
      const count = f.op("Where", isPositive, times, f.number(1));
      spikes = f.op("Where", fired, count, f.number(0));
      v = f.op("Where", fired, f.op("Sub", integrated, f.op("Mul", count, "vThreshold")), integrated);
      break;
    }
    case "snntorch-subtract": {
      const wasOver = over("v");
      const before = f.op("Where", wasOver, lowered(integrated), integrated);
      const fired = over(before);
      spikes = f.cast(fired, type);
      const again = f.op("And", fired, f.op("Not", wasOver));
      const undone = f.op("And", wasOver, f.op("Not", fired));
      const raised = f.op("Where", undone, f.op("Add", before, "vThreshold"), before);
      v = f.op("Where", again, lowered(before), raised);
      break;
    }
    case "delayed-value":
    case "delayed-subtract": {
      const didFire = f.op("Greater", "fired", f.number(0));
      const reset = dynamics.reset === "delayed-value" ? "vReset" : lowered(integrated);
      v = f.op("Where", didFire, reset, integrated);
      spikes = f.cast(over(v), type);
      f.result(spikes, "fired_next");
      break;
    }
  }
  if (dynamics.vMinThresholds !== undefined) v = f.op("Max", v, "vMin");
  f.result(spikes, "y");
  f.result(v, "v_next");
}
