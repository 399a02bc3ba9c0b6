import type { Diagnostic } from "#util/diagnostic";

// Every message of routing, one function each, in alphabetical order of their codes; see `compiler/diagnostics.ts`.

const BUG = "this is a bug of the router; report it together with the placement.";

export function brokenWay(facts: { flow: number; link: number; what: string }): Diagnostic {
  const { flow, link, what } = facts;
  return fault("broken-way", `link ${link} of a packet of flow ${flow} ${what}.`, flow, { link });
}

export function deadEnd(facts: { flow: number; router: number }): Diagnostic {
  const { flow, router } = facts;
  return fault(
    "dead-end",
    `a packet of flow ${flow} comes to router ${router}, where no core gets it and no way goes on.`,
    flow,
    { router },
  );
}

export function keysTooLong(facts: { needed: number; available: number }): Diagnostic {
  const { needed, available } = facts;
  return {
    code: "routing/keys-too-long",
    severity: "error",
    message: `telling all axons apart takes keys of ${needed} bits, but packets carry ${available}.`,
    hint: "partition into fewer cores, or into cores whose axons have fewer different sets of destinations.",
    data: facts,
  };
}

export function loop(facts: { flow: number; router: number }): Diagnostic {
  const { flow, router } = facts;
  return fault("loop", `a packet of flow ${flow} comes to router ${router} twice.`, flow, { router });
}

export function sinkMissed(facts: { flow: number; core: number }): Diagnostic {
  const { flow, core } = facts;
  return fault("sink-missed", `core ${core} should get the packets of flow ${flow}, but does not.`, flow, {
    core,
  });
}

export function sinkTwice(facts: { flow: number; core: number }): Diagnostic {
  const { flow, core } = facts;
  return fault("sink-twice", `core ${core} gets the packets of flow ${flow} more than once.`, flow, { core });
}

export function sinkUnasked(facts: { flow: number; core: number }): Diagnostic {
  const { flow, core } = facts;
  return fault(
    "sink-unasked",
    `core ${core} gets packets of flow ${flow}, but none of its neurons listens to them.`,
    flow,
    { core },
  );
}

export function tableFull(facts: { router: number; needed: number; available: number }): Diagnostic {
  const { router, needed, available } = facts;
  return {
    code: "routing/table-full",
    severity: "error",
    message: `router ${router} needs ${needed} table entries, but has ${available}.`,
    subject: `routers[${router}]`,
    hint: "place with another seed or more effort, or partition so that more axons of a core share their destinations.",
    data: facts,
  };
}

function fault(what: string, message: string, flow: number, data: Record<string, unknown>): Diagnostic {
  return {
    code: `routing/${what}`,
    severity: "error",
    message,
    subject: `flows[${flow}]`,
    hint: BUG,
    data: { flow, ...data },
  };
}
