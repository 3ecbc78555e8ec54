import { isLinkError } from "@holdfast/rpc";
import { abortable, abortedCall } from "../abortable.ts";
import { asFileCall } from "../errors/file-call.ts";
import { refusalOf } from "../errors/refusal.ts";
import { FILE_HANDLES_MAX } from "../limits.ts";
import type { RemotePath } from "../paths.ts";
import type { FileCalls } from "./file-calls.ts";
import { RemoteFileHandle } from "./file-handle.ts";
import type { FileLine, FileSession } from "./file-host.ts";
import type { OpenMode } from "./file-operations.ts";
import { OPEN } from "./file-options.ts";
import { Places, type PlaceWait } from "./places.ts";
import { timeLeftOf } from "./time-left.ts";
import type { FileCallOptions } from "./types.ts";

/** What a file is opened for. */
type HandleUse = "one by one" | "read as a stream";

/** What opening files needs. */
export interface OpenFilesOptions {
  readonly session: Pick<FileSession, "clock" | "line">;
  readonly calls: FileCalls;
  /** Of the places of a connection, those that streams which read may take. */
  readonly maxStreamed: number;
}

/** The open files of each connection: one more than there may be waits for another to be closed. */
export class OpenFiles {
  readonly #session: OpenFilesOptions["session"];
  readonly #calls: FileCalls;
  readonly #maxStreamed: number;
  readonly #places = new WeakMap<FileLine, Readonly<Record<HandleUse, Places>>>();
  #lastHandle = 0;

  constructor({ session, calls, maxStreamed }: OpenFilesOptions) {
    this.#session = session;
    this.#calls = calls;
    this.#maxStreamed = maxStreamed;
  }

  /** @param use - What it is opened for: streams that read leave places to write. */
  open(
    path: RemotePath,
    options: FileCallOptions & { readonly mode?: OpenMode | undefined },
    use: HandleUse,
  ): Promise<RemoteFileHandle> {
    return asFileCall(this.#calls.named("fs.open", path, options), async () => {
      const { mode = "read" } = options;
      const { params, call } = this.#calls.split(path, options, { of: "fs.open", checks: OPEN });
      const { signal, timeoutMs } = call;
      if (signal?.aborted) throw abortedCall("fs/open", "not-sent", signal);
      // A handle belongs to its connection. On another one its name would mean nothing.
      const { stub, giveBack, remainingMs } = await this.#boundLine(use, { signal, timeoutMs });
      this.#lastHandle += 1;
      // Unique on the connection is enough, and executors take no more than 32 bytes.
      const handleId = `file-${this.#lastHandle}`;
      const handle = new RemoteFileHandle(handleId, stub, { ...this.#calls.named("", path, {}), onClosed: giveBack });
      const discard = (): void => void handle.close().catch(() => {});
      const opened = stub.fs.open(
        { ...params, handleId, ...(mode === "read" ? {} : { mode }) },
        { timeoutMs: remainingMs },
      );
      try {
        await abortable(opened, signal, { method: "fs/open", whenLate: discard });
      } catch (error) {
        const mayBeOpen = isLinkError(error) ? error.code === "timeout" : refusalOf(error) === undefined;
        if (mayBeOpen) discard();
        // Given up, it is closed as soon as it is open; refused, there is nothing to close.
        else opened.catch(giveBack);
        throw error;
      }
      return handle;
    });
  }

  /** A connection to open a file on, a place among its open files, and what is left of the caller's time. */
  async #boundLine(use: HandleUse, { signal, timeoutMs }: Pick<FileCallOptions, "signal" | "timeoutMs">) {
    const left = timeLeftOf(this.#session.clock, timeoutMs);
    for (;;) {
      const line = await this.#session.line("fs/open", { signal, timeoutMs: left() });
      const giveBack = await this.#takePlace(line, use, () => ({ signal, timeoutMs: left() }));
      if (giveBack !== undefined) return { stub: line.stub, giveBack, remainingMs: left() };
    }
  }

  /** Streams that read take a place among those that are for them, too, so that there are some left to write. */
  async #takePlace(line: FileLine, use: HandleUse, wait: () => PlaceWait): Promise<(() => void) | undefined> {
    const places = this.#placesOn(line);
    const giveBack = await places[use].take(wait());
    if (giveBack === undefined || use === "one by one") return giveBack;
    try {
      const giveBackToo = await places["one by one"].take(wait());
      if (giveBackToo !== undefined) {
        return () => {
          giveBackToo();
          giveBack();
        };
      }
    } catch (error) {
      giveBack();
      throw error;
    }
    return undefined;
  }

  #placesOn(line: FileLine): Readonly<Record<HandleUse, Places>> {
    const known = this.#places.get(line);
    if (known !== undefined) return known;
    const { clock } = this.#session;
    const { lost } = line;
    const openFiles = (max: number): Places =>
      new Places({ clock, lost, max, method: "fs/open", waitsFor: `one of ${max} open files to be closed` });
    const made = {
      "one by one": openFiles(FILE_HANDLES_MAX),
      "read as a stream": openFiles(this.#maxStreamed),
    };
    this.#places.set(line, made);
    return made;
  }
}
