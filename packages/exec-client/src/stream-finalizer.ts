/** Releases what a stream still holds, here and on the executor, when the stream is garbage-collected. */
export const streamFinalizer = new FinalizationRegistry<() => void>((giveUp) => giveUp());
