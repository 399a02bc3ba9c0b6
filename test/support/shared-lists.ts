// loihi1 with the packer that shares lists as its only one.
import type { CoreProgram, Deployment } from "#ir/deployment";
import { nxtfShared } from "#targets/loihi1/packers";
import { loihi1 } from "#targets/loihi1/index";
import type { EntryListPacker, Target } from "#targets/target";

export const ENTRY_LIST_SHARED: EntryListPacker & Required<Pick<EntryListPacker, "sharing">> = {
  ...nxtfShared,
  sharing: nxtfShared.sharing!,
};

export const loihi1Shared: Target = { ...loihi1, packers: [ENTRY_LIST_SHARED] };

/** The deployment with one core changed. */
export function withCore(
  deployment: Deployment,
  index: number,
  change: (core: CoreProgram) => Partial<CoreProgram>,
): Deployment {
  const cores = deployment.cores.map((core, c) => (c === index ? { ...core, ...change(core) } : core));
  return { ...deployment, cores };
}
