import { ProcessInputError } from "../../errors.ts";
import { InputQueue } from "./input-queue.ts";
import type { InputReader } from "./input-source.ts";
import type { StdinEnd } from "./stdin-end.ts";

/** Whose stdin is fed. */
export interface FedProcess {
  readonly id: string;
  /** Settles when it takes no more. */
  readonly exited: Promise<unknown>;
}

/**
 * Send a source to a process, piece by piece, and then its end. The source is read ahead by 1 MiB at most.
 *
 * Resolves when the executor has all of it, or when the process takes no more: then the source is cancelled, and what is left
 * is dropped, as in any pipeline.
 *
 * @throws ProcessInputError `sourceFailed`: with the source's error as the cause.
 */
export async function feedInput(process: FedProcess, stdin: StdinEnd, source: InputReader): Promise<void> {
  const queue = new InputQueue();
  const unwanted = (): void => {
    if (queue.isDiscarded) return;
    queue.discard();
    source.cancel();
  };
  // A write to it may never be answered.
  const exited = process.exited.then(unwanted, unwanted);
  const failure = await Promise.race([send(queue, stdin, unwanted), fill(queue, source), exited]);
  if (failure === undefined || queue.isDiscarded) return;
  queue.discard();
  throw new ProcessInputError("sourceFailed", process.id, { cause: failure.error });
}

/** Settles only when the source fails: its end is told by the queue. */
async function fill(queue: InputQueue, source: InputReader): Promise<{ readonly error: unknown }> {
  try {
    for (let piece = await source.next(); piece !== undefined && !queue.isDiscarded; piece = await source.next()) {
      await queue.push(piece);
    }
  } catch (error) {
    return { error };
  }
  queue.end();
  return new Promise<never>(() => {});
}

/**
 * Writes follow each other without waiting for their answers, as far as there is room for them on the way.
 *
 * @param refused - Called when nobody takes it any more. A process that has ended takes nothing, and its end is told elsewhere.
 */
async function send(queue: InputQueue, stdin: StdinEnd, refused: () => void): Promise<void> {
  try {
    for (
      let block = await queue.take(stdin.blockBytes);
      block !== undefined;
      block = await queue.take(stdin.blockBytes)
    ) {
      stdin.write(block).catch(refused);
      await stdin.sent();
    }
    if (!queue.isDiscarded) await stdin.close();
  } catch {
    refused();
  }
}
