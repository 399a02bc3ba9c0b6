export { explainMisfit } from "./misfit.ts";
export { explainNoRoom } from "./no-room.ts";
export { type Finding, type FittingTrial, type Settings, type Trial, withSettings } from "./change.ts";
export { findChanges } from "./search.ts";
export { chipsWanted } from "./search-mapping.ts";
