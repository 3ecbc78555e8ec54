/** Streams that nobody can read or write any more: what each still holds, here and on the executor, is given up. */
export const forgotten = new FinalizationRegistry<() => void>((giveUp) => giveUp());
