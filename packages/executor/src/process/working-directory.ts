import { isUtf8 } from "node:buffer";
import { closeSync, constants, openSync } from "node:fs";

/**
 * A folder for a child to start in, in a spelling that Node can pass on.
 *
 * Node takes only strings. A name that is not UTF-8 is reached through an open descriptor's link in /proc, which the
 * child resolves before the descriptor closes.
 */
export class WorkingDirectory implements Disposable {
  readonly path: string;
  readonly #descriptor: number | undefined;

  /** @throws the operating system's error when a folder that needs a descriptor can not be opened. */
  constructor(bytes: Buffer) {
    if (isUtf8(bytes)) {
      this.path = bytes.toString("utf8");
      this.#descriptor = undefined;
      return;
    }
    this.#descriptor = openSync(bytes, constants.O_RDONLY | constants.O_DIRECTORY);
    this.path = `/proc/${process.pid}/fd/${this.#descriptor}`;
  }

  [Symbol.dispose](): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}
