import type { SessionSource } from "@holdfast/app-server-protocol";
import type { Clock } from "@holdfast/rpc";
import type { HostConfig } from "../../config/host-config.ts";
import type { EnvironmentRegistry } from "../../environments/environment-registry.ts";
import type { SelectedCapabilityRoot } from "../../steps/capability-roots.ts";
import { gitState } from "../context/git-state.ts";
import { reachablePlace, withinReach } from "../context/reachable-place.ts";
import { ThreadMarks } from "../marks/thread-marks.ts";
import type { HostMcp } from "../mcp/host-mcp.ts";
import { copyRecords } from "../rollout/copy-records.ts";
import { type LoadedRollout, loadRollout } from "../rollout/load-rollout.ts";
import { RolloutError } from "../rollout/rollout-error.ts";
import { RolloutFiles } from "../rollout/rollout-files.ts";
import { rolloutPath } from "../rollout/rollout-name.ts";
import type { RolloutEnd } from "../rollout/rollout-records.ts";
import { SessionNames } from "../rollout/session-names.ts";
import type { GitState, HistoryMode, ThreadMeta } from "../rollout/thread-meta.ts";
import { lockThread, ThreadInUseError } from "../rollout/writer-lock.ts";
import type { OpenThreadRuntime } from "../turn/thread-runtime.ts";
import { uuidV7 } from "../uuid-v7.ts";
import { firstSettings, type ThreadWish } from "./first-settings.ts";
import { EPHEMERAL_UNLOAD_MS, IDLE_UNLOAD_MS, LOADED_THREADS_MAX } from "./limits.ts";
import { noRollout, refused } from "./refusals.ts";
import { Thread } from "./thread.ts";
import type { ThreadAudience } from "./thread-audience.ts";
import { ThreadLog, type ThreadLogOptions } from "./thread-log.ts";
import type { FullSettings } from "./thread-settings.ts";

export interface ThreadStoreOptions {
  /** Folder of the threads: a native absolute path. */
  readonly home: string;
  /** Working folder of a thread that names none. */
  readonly cwd: string;
  readonly config: HostConfig;
  readonly environments: EnvironmentRegistry;
  readonly mcp: HostMcp;
  readonly openRuntime: OpenThreadRuntime;
  readonly clock: Clock;
  /** Of Holdfast. */
  readonly version: string;
  /** Who hears of a thread. */
  readonly audienceOf: (threadId: string) => ThreadAudience;
  /** Whether somebody listens to a thread: such a one stays loaded. */
  readonly isWatched: (threadId: string) => boolean;
  /** Called when a thread is not loaded any more. */
  readonly onUnload?: ((threadId: string) => void) | undefined;
}

/** What a new thread is made with. */
export interface NewThread extends ThreadWish {
  readonly ephemeral?: boolean | null | undefined;
  readonly source: SessionSource;
  readonly threadSource?: string | null | undefined;
  /** Name of the program for which it is made. */
  readonly originator: string;
  /** Default `paginated`. */
  readonly historyMode?: HistoryMode | undefined;
  readonly capabilityRoots?: readonly SelectedCapabilityRoot[] | null | undefined;
}

/** The threads of a home: those that are loaded, and those that lie on the disk. */
export class ThreadStore implements AsyncDisposable {
  readonly files: RolloutFiles;
  readonly names: SessionNames;
  readonly marks: ThreadMarks;
  readonly #options: ThreadStoreOptions;
  readonly #loaded = new Map<string, Thread>();
  readonly #loading = new Map<string, Promise<Thread>>();
  /** Those that end, until nothing of them is left. */
  readonly #unloading = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, { cancel(): void }>();
  readonly #pathOf = (threadId: string): Promise<string | undefined> => this.files.findAnywhere(threadId);
  #isClosed = false;

  constructor(options: ThreadStoreOptions) {
    this.#options = options;
    this.files = new RolloutFiles(options.home);
    this.names = new SessionNames(options.home);
    this.marks = new ThreadMarks(options.home);
  }

  /** Those that are loaded, oldest first. */
  get loaded(): readonly Thread[] {
    return [...this.#loaded.values()];
  }

  /** Undefined: it is not loaded. */
  get(threadId: string): Thread | undefined {
    return this.#loaded.get(threadId);
  }

  /** Make a thread. @throws RpcFault - As `firstSettings`. */
  async start(wish: NewThread): Promise<Thread> {
    const settings = await firstSettings(wish, {}, this.#options);
    const git = await this.#gitOf(settings);
    const now = Date.now();
    const id = uuidV7(now);
    const meta: ThreadMeta = {
      ...this.#newMeta(id, now, wish),
      cwd: settings.cwd,
      modelProvider: settings.modelProvider,
      baseInstructions: settings.baseInstructions,
      dynamicTools: settings.dynamicTools,
      capabilityRoots: wish.capabilityRoots ?? [],
      forkedFromId: undefined,
      git,
    };
    const log = wish.ephemeral === true ? undefined : this.#newLog(meta);
    return this.#add(id, { meta, settings, log });
  }

  /**
   * Load a thread, or find it loaded. Of what is wished, nothing holds for one that is loaded already.
   *
   * @throws RpcFault - There is no such thread, or it can not be used.
   */
  resume(threadId: string, wish: ThreadWish): Promise<Thread> {
    const loaded = this.#loaded.get(threadId);
    if (loaded !== undefined && !(loaded.isStale && loaded.activeTurn === undefined)) return Promise.resolve(loaded);
    const known = this.#loading.get(threadId);
    if (known !== undefined) return known;
    const loading = this.#load(threadId, wish).finally(() => this.#loading.delete(threadId));
    this.#loading.set(threadId, loading);
    return loading;
  }

  /** Begin another thread with what a thread has. @throws RpcFault - There is no such thread or turn. */
  async fork(threadId: string, wish: NewThread, end: RolloutEnd = {}): Promise<Thread> {
    const source = this.#loaded.get(threadId);
    if (source?.isEphemeral === true || source?.isMaterialized === false) {
      return await this.#forkOfMemory(source, wish);
    }
    const rollout = await this.readRollout(threadId, end);
    const { meta: original } = rollout;
    const stored = { baseInstructions: original.baseInstructions, ...rollout.settings };
    const settings = await firstSettings(
      { ...wish, dynamicTools: wish.dynamicTools ?? original.dynamicTools },
      source === undefined ? stored : { ...stored, ...source.settings },
      this.#options,
    );
    const git = await this.#gitOf(settings);
    const now = Date.now();
    const id = uuidV7(now);
    const meta: ThreadMeta = {
      ...this.#newMeta(id, now, wish),
      git,
      cwd: settings.cwd,
      modelProvider: settings.modelProvider,
      baseInstructions: settings.baseInstructions,
      dynamicTools: settings.dynamicTools,
      capabilityRoots: original.capabilityRoots,
      forkedFromId: threadId,
      historyMode: original.historyMode,
    };
    if (wish.ephemeral === true) {
      const { history, preview, usage, compactions } = rollout;
      return this.#add(id, { meta, settings, log: undefined, history, preview, usage, compactions });
    }
    const log = this.#newLog(meta);
    try {
      await copyRecords(rollout.path, log, { ...end, pathOf: this.#pathOf });
      const { history, preview, usage, compactions, index } = await this.#readFile(log.path);
      return this.#add(id, { meta, settings, log, history, preview, usage, compactions, index });
    } catch (error) {
      log[Symbol.dispose]();
      await this.files.remove(log.path);
      throw error;
    }
  }

  /** Read a thread from the disk, loaded or not. @throws RpcFault - There is none, or it can not be used. */
  async readRollout(threadId: string, end: RolloutEnd = {}): Promise<LoadedRollout> {
    const path = await this.files.find(threadId, false);
    if (path === undefined) throw noRollout(threadId);
    return await this.#readFile(path, end);
  }

  /** A thread that nobody listens to any more may be unloaded. Call it when that can be so. */
  reconsider(threadId: string): void {
    const thread = this.#loaded.get(threadId);
    this.#timers.get(threadId)?.cancel();
    this.#timers.delete(threadId);
    if (thread === undefined || this.#options.isWatched(threadId)) return;
    const delay = thread.isEphemeral ? EPHEMERAL_UNLOAD_MS : IDLE_UNLOAD_MS;
    const timer = this.#options.clock.after(delay, () => {
      if (thread.isQuiet && !this.#options.isWatched(threadId)) void this.unload(threadId);
      else this.reconsider(threadId);
    });
    this.#timers.set(threadId, timer);
  }

  /** End what runs in a thread, and forget it. Its file stays. @returns whether it was loaded. */
  async unload(threadId: string): Promise<boolean> {
    const thread = this.#loaded.get(threadId);
    if (thread === undefined) return false;
    this.#timers.get(threadId)?.cancel();
    this.#timers.delete(threadId);
    this.#loaded.delete(threadId);
    const ending = thread[Symbol.asyncDispose]().finally(() => this.#unloading.delete(threadId));
    this.#unloading.set(threadId, ending);
    await ending;
    const audience = this.#options.audienceOf(threadId);
    audience.notifyAll("thread/status/changed", { threadId, status: { type: "notLoaded" } });
    audience.notify("thread/closed", { threadId });
    this.#options.onUnload?.(threadId);
    return true;
  }

  /** End all threads. Their files stay. Never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#timers.values()) timer.cancel();
    const threads = this.loaded;
    this.#loaded.clear();
    await Promise.all(threads.map((thread) => thread[Symbol.asyncDispose]()));
    await this.marks.settled();
  }

  async #load(threadId: string, wish: ThreadWish): Promise<Thread> {
    const path = await this.files.find(threadId, false);
    if (path === undefined) {
      if ((await this.files.find(threadId, true)) === undefined) throw noRollout(threadId);
      throw refused(`session ${threadId} is archived. Run \`codex unarchive ${threadId}\` to unarchive it first.`);
    }
    await this.#unloading.get(threadId);
    const stale = this.#loaded.get(threadId);
    this.#loaded.delete(threadId);
    await stale?.[Symbol.asyncDispose]();
    const held = this.lock(threadId);
    try {
      return await this.#loadFile(threadId, path, held, wish);
    } catch (error) {
      held[Symbol.dispose]();
      throw error;
    }
  }

  /** Keep other programs from a thread. @throws RpcFault - One has it. */
  lock(threadId: string): Disposable {
    try {
      return lockThread(this.#options.home, threadId);
    } catch (error) {
      throw error instanceof ThreadInUseError ? refused(error.message) : error;
    }
  }

  async #loadFile(threadId: string, path: string, held: Disposable, wish: ThreadWish): Promise<Thread> {
    const rollout = await this.#readFile(path);
    const { meta, settings: stored, nextOrdinal, history, index, usage, compactions, preview } = rollout;
    const { modelProvider, baseInstructions, dynamicTools } = meta;
    const settings = await firstSettings(
      { dynamicTools, ...wish },
      { modelProvider, baseInstructions, cwd: meta.cwd, ...stored },
      this.#options,
    );
    const log = this.#logAt(path, meta, { exists: true, nextOrdinal, held });
    const name = (await this.names.all()).get(threadId);
    await this.marks.all();
    const updatedAtMs = await this.files.writtenAt(path);
    return this.#add(threadId, { meta, settings, log, name, preview, history, index, usage, compactions, updatedAtMs });
  }

  async #forkOfMemory(source: Thread, wish: NewThread): Promise<Thread> {
    const settings = await firstSettings(wish, { ...source.settings }, this.#options);
    const now = Date.now();
    const id = uuidV7(now);
    const meta: ThreadMeta = {
      ...source.meta,
      ...this.#newMeta(id, now, wish),
      cwd: settings.cwd,
      forkedFromId: source.id,
    };
    const log = wish.ephemeral === true ? undefined : this.#newLog(meta);
    const { history, preview, usage } = source;
    return this.#add(id, { meta, settings, log, history, preview, usage });
  }

  async #readFile(path: string, end: RolloutEnd = {}): Promise<LoadedRollout> {
    try {
      return await loadRollout(path, { ...end, pathOf: this.#pathOf });
    } catch (error) {
      throw error instanceof RolloutError ? refused(error.message) : error;
    }
  }

  #newMeta(id: string, now: number, { source, threadSource, originator, historyMode = "paginated" }: NewThread) {
    return {
      id,
      sessionId: id,
      createdAtMs: now,
      originator,
      cliVersion: this.#options.version,
      source,
      threadSource: threadSource ?? undefined,
      parentThreadId: undefined,
      historyMode,
      historyBase: undefined,
      git: undefined,
    };
  }

  /** Where the work is done, unless that has to be waited for. */
  async #gitOf({ environments: [first] }: FullSettings): Promise<GitState | undefined> {
    await this.marks.all();
    const place = first && reachablePlace(this.#options.environments, first);
    return place && (await withinReach(place, this.#options.clock, gitState));
  }

  #newLog(meta: ThreadMeta): ThreadLog {
    const path = rolloutPath(this.#options.home, meta.id, new Date(meta.createdAtMs));
    return this.#logAt(path, meta, { exists: false, nextOrdinal: 0 });
  }

  #logAt(path: string, meta: ThreadMeta, file: Omit<ThreadLogOptions, "lock">): ThreadLog {
    return new ThreadLog(path, meta, { ...file, lock: () => lockThread(this.#options.home, meta.id) });
  }

  #add(
    id: string,
    start: Omit<
      ConstructorParameters<typeof Thread>[0],
      "audience" | "onTurnEnd" | "openRuntime" | "clock" | "openMcp"
    >,
  ): Thread {
    if (this.#isClosed) throw refused("the server is shutting down");
    if (this.#loaded.size >= LOADED_THREADS_MAX) {
      throw refused(`${LOADED_THREADS_MAX} threads are loaded already: unsubscribe from some of them`);
    }
    const { audienceOf, openRuntime, clock, mcp } = this.#options;
    const audience = audienceOf(id);
    const onTurnEnd = (turnId: string): void =>
      audience.notify("thread/readState/changed", { threadId: id, readState: this.marks.turnEnded(id, turnId) });
    const thread = new Thread({
      ...start,
      onTurnEnd: start.log === undefined ? undefined : onTurnEnd,
      audience,
      openRuntime,
      clock,
      openMcp: (own) => mcp.open({ threadId: id, ...own }),
    });
    this.#loaded.set(id, thread);
    return thread;
  }
}
