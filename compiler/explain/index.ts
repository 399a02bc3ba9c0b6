export { bindingOf, type Binding } from "./binding.ts";
export { explainMisfit } from "./misfit.ts";
export { explainNoRoom } from "./no-room.ts";
export {
  type Finding,
  type FittingTrial,
  type FoundChange,
  type Settings,
  type Trial,
  withSettings,
} from "./change.ts";
export { findChanges, type Attempt, type SearchProblem } from "./search.ts";
export { chipsWanted } from "./search-mapping.ts";
