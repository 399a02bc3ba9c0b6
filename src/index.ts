// The public API: everything a program, the command line or a page needs. Re-exports only.
export { GENERATOR, VERSION } from "./version.ts";
export { mapModel, prepareModel, compileReport, verifyModel } from "./deploy.ts";
export type { MapOptions, MappedModel } from "./deploy.ts";
export { activityOf, readActivity, type Activity } from "./activity.ts";
export { runModel, runModelInThreads } from "./run-model.ts";
export type { MapModel, ModelRun, RunOptions, ThreadedRunOptions } from "./run-model.ts";
export { simulateDeployment, simulateDeploymentInThreads, simulateModel } from "./simulation.ts";
export type { SimulationOptions, SimulationOutcome, ThreadedSimulationOptions } from "./simulation.ts";
export type { WatchOptions } from "./simulate-chunk.ts";
export type { SimulationWorker, StartWorker } from "./simulate-threads.ts";
export { startNodeWorker } from "./simulate-threads-node.ts";
export { shareArrays } from "./share-arrays.ts";
export {
  RECIPES,
  finishedFiles,
  inspectCheckpoint,
  isGeneratedData,
  loadDataOf,
  logFiles,
  parseRecipe,
  planRecipe,
  recipeJsonSchema,
  recipeOf,
  recipeSummaries,
  runRecipe,
} from "./training.ts";
export type {
  FinishedRun,
  Recipe,
  RecipeData,
  RecipeHooks,
  RecipeOutcome,
  RecipeSummary,
  RunFile,
  StepProgress,
  TrainingPlan,
} from "./training.ts";
export { recipeNotFound } from "#train/recipe-diagnostics";
export { CATALOG, type CatalogEntry, type DataSource } from "./data-sources.ts";
export { digitsFromClasses } from "#train/datasets/mnist";
export { mapConnectivity } from "./map-connectivity.ts";
export type {
  ConnectivityMap,
  ConnectivityMapOptions,
  MapObjective,
  MapProgress,
} from "./map-connectivity.ts";
export { makeMapSeeds } from "./map-seeds.ts";
export type { SeedShare } from "./map-seeds.ts";
export type { NamedCut as MapSeed } from "#compiler/hypergraph/choose-seed";
export type { MapTiming } from "./map-step-time.ts";
export { CORE_PROFILES, coreProfileNamed, parseCoreProfile } from "./core-profile.ts";
export type { CoreProfile } from "./core-profile.ts";
export { compareDeploymentFiles, parseMapReport } from "./compare-maps.ts";
export { differentGraphs } from "./map-diagnostics.ts";
export { fitModel } from "./fit.ts";
export type { FitOptions, FitTarget } from "./fit.ts";
export { exportDeployment, exportModel } from "./export.ts";
export type { ExportMapping } from "./export.ts";
export { checkOnnx } from "./onnx-check.ts";
export type { OnnxCheck, OnnxRuntime } from "./onnx-check.ts";
export { checkInput } from "./onnx-check-input.ts";
export { onnxCheckFindings, onnxCheckText, withOnnxCheck } from "./onnx-check-record.ts";
export type { CheckedInput } from "./onnx-check-record.ts";
export { checkFile, findingText, fixFile, inspectText } from "./inspect.ts";
export type { FileCheck } from "./inspect.ts";
export { networkInspectionText } from "./inspect-network.ts";
export type { NetworkInspection } from "./inspect-network.ts";
export { READER_CHOICES, readingText, readingsOf, readingsTable } from "./readings.ts";
export type { ChangedReading, Reading, ReadingSample } from "./readings.ts";
export type { ReaderName } from "#formats/nir/doctor/reader";
export { rateScales } from "./calibrate.ts";
export { INPUT_FORMATS, encodeMembranes, encodeSpikes, readInputData } from "./inputs.ts";
export type { InputData } from "./inputs.ts";

export { DiagnosticSink, ToolchainError, formatDiagnostic } from "#util/diagnostic";
export type { Diagnostic } from "#util/diagnostic";

export { RESET_MODES } from "#ir/network";
export type { AxonGraph } from "#ir/axon-graph";
export type { Network, Population, Projection, ResetMode } from "#ir/network";
export type { Deployment } from "#ir/deployment";
export type { SpikeData, SpikeEvents } from "#ir/spikes";
export { deploymentText, networkText } from "#ir/text";

export { CONNECTIVITY_FORMATS, readConnectivity } from "#formats/connectivity/index";
export { readPartition, writePartition, type Partition } from "#formats/connectivity/partition";
export { readPlacement, writePlacement, type CorePlaces } from "#formats/connectivity/placement";
export { EXPORTERS, FORMATS, findExporter, readNetwork } from "#formats/index";
export type { ExportedFile, Exporter, ExportOptions, ExportOptionSpec } from "#formats/export";
export type { ImportOptions } from "#formats/format";
export {
  hashOf,
  isDeploymentFile,
  readDeploymentFile,
  writeDeploymentFile,
  type DeploymentFile,
  type DeploymentMeta,
} from "#formats/deployment-file/index";

export { TIMING_MODELS } from "#simulator/timing/index";
export type { MembraneRequest, TraceSummary, TraceWindow } from "#simulator/trace/index";

export {
  FAMILIES,
  TARGETS,
  checkTarget,
  contentHash,
  findProfile,
  findTarget,
  parseProfile,
  parseTarget,
  parseTargetOrProfile,
  profileToJson,
  targetDifferences,
  targetNames,
  targetTable,
  targetToJson,
} from "#targets/index";
export type { Profile, Target } from "#targets/target";

export { verify } from "#compiler/verify";

export { compareMaps, comparisonText, type Comparison } from "#report/comparison";
export type { FitReport, FitRow } from "#report/fit-report";
export { fitReportHtml } from "#report/fit-html";
export { changeText, fitReportText } from "#report/fit-text";
export { deploymentPicture, mapPicture } from "#report/core-map-pictures";
export { coreMapSvg, type CoreMapPicture } from "#report/core-map-svg";
export type { MapReport } from "#report/map-report";
export { mapReportText } from "#report/map-text";
export { runReportHtml } from "#report/run-html";
export { runReportText } from "#report/run-text";
export { compileReportText } from "#report/compile-report";
export { simulationReportText } from "#report/simulation-text";
export { textTable } from "#report/text-table";
export { trainingReportText, type TrainingReport } from "#report/training-report";
export type { RunReport } from "#report/run-report";
export type { SimulationReport } from "#report/simulation-text";
export { JSON_SCHEMAS, jsonSchemas } from "#report/schema";
export type { CompileReport } from "#report/compile-report";
