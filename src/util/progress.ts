/** Told how far a long stage is; called often, must be cheap. Never affects the result. */
export type OnProgress = (stage: string, done: number, total: number) => void;
