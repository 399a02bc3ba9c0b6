export {
  simulateReference,
  type ReferenceOptions,
  type ReferenceResult,
  type StepView,
} from "./reference-float.ts";
export {
  inModelSteps,
  pipelineDepth,
  simulateIntegerReference,
  type IntegerReferenceOptions,
  type IntegerReferenceResult,
} from "./reference-integer.ts";
export { isIntegerNetwork, simulateModelReference, type ModelReferenceOptions } from "./reference-model.ts";
export type { RecordSelection } from "./reference-record.ts";
export { accuracy, predictions, sumsOverSteps } from "./accuracy.ts";
