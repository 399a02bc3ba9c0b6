// What a neuron computes in one step, as a small program over arrays: every element by itself.

export type Expression =
  | { readonly op: "constant"; readonly values: Float64Array }
  /** Numbers from a population. */
  | { readonly op: "flow"; readonly population: number }
  /** A state as it was before the step. */
  | { readonly op: "state"; readonly state: string }
  | { readonly op: "call"; readonly operator: string; readonly args: readonly Expression[] };

/** Values of the leaves; arrays have one element for each neuron, or one for all. */
export interface Leaves {
  readonly flow: (population: number) => Float64Array;
  readonly state: (name: string) => Float64Array;
}

const FUNCTIONS: Readonly<Record<string, (...args: number[]) => number>> = Object.assign(
  Object.create(null) as Record<string, (...args: number[]) => number>,
  {
    Add: (a: number, b: number) => a + b,
    Sub: (a: number, b: number) => a - b,
    Mul: (a: number, b: number) => a * b,
    Div: (a: number, b: number) => a / b,
    Neg: (a: number) => -a,
    Abs: Math.abs,
    Greater: (a: number, b: number) => Number(a > b),
    GreaterOrEqual: (a: number, b: number) => Number(a >= b),
    Less: (a: number, b: number) => Number(a < b),
    LessOrEqual: (a: number, b: number) => Number(a <= b),
    Equal: (a: number, b: number) => Number(a === b),
    And: (a: number, b: number) => Number(a !== 0 && b !== 0),
    Or: (a: number, b: number) => Number(a !== 0 || b !== 0),
    Xor: (a: number, b: number) => Number((a !== 0) !== (b !== 0)),
    Not: (a: number) => Number(a === 0),
    Where: (c: number, a: number, b: number) => (c !== 0 ? a : b),
    Min: (...args: number[]) => Math.min(...args),
    Max: (...args: number[]) => Math.max(...args),
    Clip: (x: number, low: number, high: number) => Math.min(Math.max(x, low), high),
    Relu: (x: number) => Math.max(x, 0),
    Sign: Math.sign,
    Floor: Math.floor,
    ToBool: (x: number) => Number(x !== 0),
    Identity: (x: number) => x,
  },
);

export const isElementwise = (operator: string): boolean => operator in FUNCTIONS;

/** Operators that make a neuron fire. */
export const isComparison = (operator: string): boolean => COMPARISONS.includes(operator);
const COMPARISONS = ["Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Sign"];

/** Values of an expression for `size` neurons; shared parts are computed once. */
export function evaluate(root: Expression, leaves: Leaves, size: number): Float64Array {
  const done = new Map<Expression, Float64Array>();
  for (const expression of inOrder(root)) {
    done.set(expression, valuesOf(expression, done, leaves, size));
  }
  const values = done.get(root)!;
  return values.length === size ? values : new Float64Array(size).fill(values[0]);
}

function valuesOf(
  expression: Expression,
  done: ReadonlyMap<Expression, Float64Array>,
  leaves: Leaves,
  size: number,
): Float64Array {
  switch (expression.op) {
    case "constant":
      return expression.values;
    case "flow":
      return leaves.flow(expression.population);
    case "state":
      return leaves.state(expression.state);
    case "call": {
      const args = expression.args.map((arg) => done.get(arg)!);
      const compute = FUNCTIONS[expression.operator];
      const values = new Float64Array(args.every(({ length }) => length === 1) ? 1 : size);
      for (let i = 0; i < values.length; i++)
        values[i] = compute(...args.map((arg) => arg[arg.length === 1 ? 0 : i]));
      return values;
    }
  }
}

/** The parts of an expression, arguments before what uses them, each once. */
export function inOrder(root: Expression): Expression[] {
  const order: Expression[] = [];
  const seen = new Set<Expression>();
  const stack: { expression: Expression; next: number }[] = [{ expression: root, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const args = top.expression.op === "call" ? top.expression.args : [];
    if (top.next < args.length) {
      const arg = args[top.next++];
      if (!seen.has(arg)) stack.push({ expression: arg, next: 0 });
      continue;
    }
    stack.pop();
    if (seen.has(top.expression)) continue;
    seen.add(top.expression);
    order.push(top.expression);
  }
  return order;
}

/** Populations and states that an expression reads. */
export function leavesOf(roots: readonly Expression[]): { flows: number[]; states: string[] } {
  const flows = new Set<number>();
  const states = new Set<string>();
  for (const root of roots)
    for (const part of inOrder(root)) {
      if (part.op === "flow") flows.add(part.population);
      else if (part.op === "state") states.add(part.state);
    }
  return { flows: [...flows].sort((a, b) => a - b), states: [...states].sort() };
}
