// The thread that maps a model: loaded by `stoppableMapping`, never imported.
import { mapModel, type MappedModel } from "#spinec";
import { answerInThread } from "./answer-in-thread.ts";
import type { MapModelTask, StageProgress } from "./map-model.ts";

answerInThread<MapModelTask, StageProgress, MappedModel>(
  ({ model, target, options }, { sink, shouldStop, onProgress }) =>
    mapModel(model, target, { ...options, shouldStop }, sink, (...progress) => {
      onProgress(progress);
    }),
);
