/** How long a run waits for what only Milvus can bring to an end. */
export interface Patience {
  /** An import without progress for so long will not come to an end. */
  readonly importStallMs: number;
  /** So long a run that is stopped, or has failed, waits for the imports that Milvus is working on: they cannot be called back. */
  readonly graceMs: number;
  /** No answer is waited for longer, whatever a request of its kind may take. */
  readonly answerMs: number;
}

export const PATIENCE: Patience = {
  importStallMs: 20 * 60_000,
  graceMs: 60_000,
  answerMs: Number.POSITIVE_INFINITY,
};
