import {
  type HoldfastWatchEvent,
  WATCH_MAX_FOLDERS,
  WATCH_MAX_WAITING_EVENTS,
  WATCH_NOTICE_MAX_EVENTS,
  WATCH_WINDOW_MS,
  WATCHES_MAX,
} from "@holdfast/exec-server-protocol";
import { type PathUri, pathUriFromNativeBytes } from "@holdfast/path-uri";
import type { Clock, Timer } from "@holdfast/rpc";
import { FileSystemFault } from "../filesystem/index.ts";
import { type BytePath, type Change, ChangeWindow } from "../watch/change-window.ts";
import { FolderWatch } from "../watch/folder-watch.ts";
import type { NoticeSink } from "./notifier.ts";

/** Characters of paths in one notice: far below what a peer takes. */
const NOTICE_MAX_CHARACTERS = 524_288;

interface Watched {
  readonly path: Buffer;
  readonly recursive: boolean;
  readonly window: ChangeWindow;
  readonly started: Promise<FolderWatch>;
  watch: FolderWatch | undefined;
  /** The connection that holds the session now has asked for it. */
  isAskedFor: boolean;
}

/** A watch that another program goes on with. */
export interface HandedWatch {
  readonly id: string;
  readonly path: BytePath;
  readonly recursive: boolean;
}

export interface WatchesOptions {
  readonly delay: Pick<Clock, "after">;
  /** Where notices go now; undefined: nowhere. */
  readonly line: () => NoticeSink | undefined;
}

/**
 * The watches of a session. They go on while it has no connection, and what happens is told to the next one that asks for it.
 *
 * What can be told is looked for every so often: an event of the kernel wakes nobody, however many there are.
 */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #watched = new Map<string, Watched>();
  #timer: Timer | undefined;
  #state: "open" | "ended" = "open";

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  /**
   * Begin a watch. One of that id that is there already is asked for by the present connection from now on.
   *
   * @throws FileSystemFault as `FolderWatch.start`; `invalid-input` for one more than a session may have, or another with its id.
   */
  async watch(id: string, { path, recursive }: { readonly path: Buffer; readonly recursive: boolean }): Promise<void> {
    const known = this.#watched.get(id);
    if (known !== undefined) {
      if (!known.path.equals(path) || known.recursive !== recursive) throw refusal(`\`${id}\` watches something else`);
      known.isAskedFor = true;
      await known.started;
      // What was missed is told before the answer: what happens after it is told by itself.
      this.#tell(id, known);
      return;
    }
    if (this.#state === "ended") throw refusal("the session has ended");
    if (this.#watched.size >= WATCHES_MAX) {
      throw refusal(
        `a session may have at most ${WATCHES_MAX} watches; end one, or watch a folder that they are all in`,
      );
    }
    const window = new ChangeWindow(WATCH_MAX_WAITING_EVENTS);
    const started = FolderWatch.start({ path, recursive, maxFolders: WATCH_MAX_FOLDERS }, window);
    const watched: Watched = { path, recursive, window, started, watch: undefined, isAskedFor: true };
    this.#watched.set(id, watched);
    try {
      watched.watch = await started;
      // Nobody wants it any more.
      if (this.#watched.get(id) !== watched) watched.watch.close();
      else this.#wait();
    } catch (thrown) {
      this.#forget(id, watched);
      throw thrown;
    }
  }

  /** One that there is not is fine. */
  unwatch(id: string): void {
    const watched = this.#watched.get(id);
    if (watched !== undefined) this.#forget(id, watched);
  }

  /** For the next program. */
  handOver(): readonly HandedWatch[] {
    return [...this.#watched].map(([id, { path, recursive }]) => ({ id, path: path.toString("latin1"), recursive }));
  }

  /** Begin the watches of another program again. Who asks for one is told that something may have been missed. */
  adopt(watches: readonly HandedWatch[]): void {
    for (const { id, path, recursive } of watches) {
      // What can't be begun again is told to the one who asks.
      this.watch(id, { path: Buffer.from(path, "latin1"), recursive }).catch(() => {});
      const watched = this.#watched.get(id);
      if (watched === undefined) continue;
      watched.isAskedFor = false;
      watched.window.overflow();
    }
  }

  /** The connection is gone: the next one has to ask. */
  detach(): void {
    for (const watched of this.#watched.values()) watched.isAskedFor = false;
  }

  /** Idempotent. */
  end(): void {
    this.#state = "ended";
    for (const [id, watched] of [...this.#watched]) this.#forget(id, watched);
  }

  #forget(id: string, watched: Watched): void {
    if (this.#watched.get(id) === watched) this.#watched.delete(id);
    watched.watch?.close();
    if (this.#watched.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(): void {
    this.#timer ??= this.#options.delay.after(WATCH_WINDOW_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    for (const [id, watched] of [...this.#watched]) {
      await watched.watch?.look();
      this.#tell(id, watched);
    }
    if (this.#watched.size > 0) this.#wait();
  }

  #tell(id: string, watched: Watched): void {
    const { window, watch, isAskedFor } = watched;
    const line = this.#options.line();
    if (line === undefined || !isAskedFor || this.#watched.get(id) !== watched) return;
    while (!window.isEmpty && line.writable) {
      const events = window.take(WATCH_NOTICE_MAX_EVENTS, NOTICE_MAX_CHARACTERS).map(onWire);
      line.notify("holdfast/watchEvents", { watchId: id, events });
    }
    if (!window.isEmpty || watch?.end === undefined) return;
    line.notify("holdfast/watchEvents", { watchId: id, events: [], end: watch.end });
    this.#forget(id, watched);
  }
}

function onWire(change: Change): HoldfastWatchEvent {
  if (change.type === "overflow") return { type: "overflow" };
  const path = uriOf(change.path);
  return change.type === "renamed" ? { type: "renamed", path, from: uriOf(change.from) } : { type: change.type, path };
}

function uriOf(path: BytePath): PathUri {
  return pathUriFromNativeBytes(Buffer.from(path, "latin1"));
}

function refusal(message: string): FileSystemFault {
  return new FileSystemFault("invalid-input", message);
}
