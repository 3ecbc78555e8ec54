import { fstatSync } from "node:fs";
import type { Context } from "../command-line/context.ts";
import type { EscapeKeys } from "./escape-keys.ts";
import { KeyQueue } from "./key-queue.ts";
import { dropUnreadKeys, isInForeground } from "./unread-keys.ts";

const STDIN = 0;

/**
 * The input of this process. Reading begins when it is made, so that it is soon known whether there is any.
 *
 * A terminal is read until the very end, and disposing drops what is left in it: what was typed for the command must not
 * be run by the shell here. So it is disposed last, when there is nothing left to wait for.
 */
export class LocalInput implements Disposable {
  readonly #stream: Context["stdin"];
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #first: Promise<IteratorResult<Buffer>>;
  readonly #keys: KeyQueue | undefined;
  readonly #leave = (): void => this[Symbol.dispose]();
  #mode: "lines" | "keys" | "left" = "lines";
  #escapes: EscapeKeys | undefined;

  /** @param context - The bell of its stderr rings for keys that are lost. */
  constructor({ stdin, stderr }: Pick<Context, "stdin" | "stderr">) {
    this.#stream = stdin;
    const rings = (): unknown => stderr.isTTY && stderr.write("\u0007");
    this.#keys = stdin.isTTY === true ? keysOf(stdin, (keys) => this.#escapes?.take(keys) ?? keys, rings) : undefined;
    this.#chunks = this.#keys ?? (stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>);
    this.#first = this.#chunks.next();
    // Told to whoever takes the chunks.
    this.#first.catch(() => {});
    // Also when the program ends in a way that skips the disposal.
    if (this.isTerminal) process.once("exit", this.#leave);
  }

  get isTerminal(): boolean {
    return this.#keys !== undefined;
  }

  /**
   * Terminals only: hand over every key as it is pressed, also those that would raise a signal here.
   *
   * @param escapes - Takes out those that mean this program, whether anybody takes the others or not.
   */
  takeEveryKey(escapes?: EscapeKeys): void {
    if (!this.isTerminal || this.#mode !== "lines") return;
    this.#mode = "keys";
    this.#escapes = escapes;
    this.#stream.setRawMode?.(true);
  }

  /**
   * Leave the terminal to a program that asks for a password on it, until this is disposed of: keys that were read here would be missing there.
   * What is typed meanwhile and nobody takes is read afterwards.
   */
  leaveToOthers(): Disposable {
    if (this.isTerminal) this.#stream.pause();
    return { [Symbol.dispose]: () => void (this.isTerminal && this.#mode !== "left" && this.#stream.resume()) };
  }

  /**
   * True when the input is known to be at its end without a single byte. A file or device can tell for sure; a pipe or
   * terminal that is still silent counts as not empty.
   */
  async isEmpty(): Promise<boolean> {
    const isAtEnd = this.#first.then(
      ({ done }) => done === true,
      () => false,
    );
    if (!this.isTerminal && !mayStaySilent()) return isAtEnd;
    const notYet = new Promise<false>((resolve) => setImmediate(() => resolve(false)));
    return Promise.race([isAtEnd, notYet]);
  }

  /** All of it, once. @throws the system's error when it cannot be read. */
  async *chunks(): AsyncGenerator<Buffer, void, void> {
    for (let chunk = await this.#first; chunk.done !== true; chunk = await this.#chunks.next()) yield chunk.value;
  }

  /** Want no more. A program that writes into this process's stdin learns it. */
  close(): void {
    if (this.#keys === undefined) this.#stream.destroy();
    else this.#keys.discard();
  }

  /** Idempotent. */
  [Symbol.dispose](): void {
    if (this.#keys === undefined || this.#mode === "left") return;
    this.#mode = "left";
    process.removeListener("exit", this.#leave);
    this.#keys.discard();
    if (!isInForeground()) return;
    // A line that was not finished can be read only where there are no lines.
    this.#stream.setRawMode?.(true);
    dropUnreadKeys();
    this.#stream.setRawMode?.(false);
    // What was typed between the two became a line by the change.
    dropUnreadKeys();
  }
}

/** Take every key as it comes. */
function keysOf(stream: Context["stdin"], forCommand: (keys: Buffer) => Buffer, onDropped: () => void): KeyQueue {
  const keys = new KeyQueue();
  stream.on("data", (chunk: Buffer) => {
    const wanted = forCommand(chunk);
    if (wanted.byteLength > 0 && !keys.push(wanted)) onDropped();
  });
  stream.once("end", () => keys.end());
  stream.once("error", (error) => keys.fail(error));
  return keys;
}

/** Whether a read may wait for somebody else. */
function mayStaySilent(): boolean {
  const stats = fstatSync(STDIN);
  return stats.isFIFO() || stats.isSocket();
}
