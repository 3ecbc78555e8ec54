import {
  FileSystemFault,
  type FolderMode,
  type LinkOptions,
  MAX_STAGED,
  OperationOrder,
  type OsCalls,
  type StagedEntry,
  StagedFile,
  StagedFolder,
  type StagedFolderHelp,
  type StagingProblem,
  systemCalls,
} from "../filesystem/index.ts";
import type { SharedFolder, TreeThreads } from "../trees/index.ts";
import { ArchiveIntake, type SentAhead } from "./archive-intake.ts";
import { adoptedOutcome, type HandedStaging, handedOutcome, type StagingOutcome } from "./handed-staging.ts";
import { Interrupted } from "./interrupted.ts";
import type { StageRecords } from "./stage-records.ts";

/** Outcomes that are remembered for a client whose line broke before it heard of them. */
const REMEMBERED_OUTCOMES = 1_024;
/** Problems of one answer. */
const PROBLEMS_MAX = 1_001;

interface Slot {
  /** Looks are writes, which may run side by side; a commit or a discard waits for all of them. */
  readonly order: OperationOrder;
  /** Rejects when it could not be begun; then it has no place here any more. */
  readonly staged: Promise<StagedFile | StagedFolder>;
  /** Aborted when it is given up. */
  readonly giveUp: AbortController;
  /** The archive that it is filled with. */
  intake?: ArchiveIntake;
  /** What it is filled with from this machine: a copy asked for again is the same one. */
  copy?: { readonly source: Buffer; readonly done: Promise<StagingProblem[]> };
  /**
   * How it ends, from the moment that it is asked to. What is asked for after that never reaches its descriptors: they are
   * closed by then, and their numbers may be those of other files.
   */
  end?: { readonly outcome: Promise<StagingOutcome> } | { readonly discarded: Promise<void> };
}

/**
 * The files and folders that a session has on their way, by ids that its client chose. They outlive the connections of the
 * session: each call may come again over the next one, and nothing is done twice. None outlives the session.
 */
export class Staging {
  readonly #threads: TreeThreads;
  readonly #records: StageRecords | undefined;
  readonly #isLeft: () => boolean;
  readonly #calls: OsCalls;
  readonly #sentAhead: SentAhead = { bytes: 0 };
  readonly #slots = new Map<string, Slot>();
  readonly #outcomes = new Map<string, Promise<StagingOutcome>>();
  /** Those of them that are known. */
  readonly #known = new Map<string, StagingOutcome>();
  /** On their way when the executor was replaced. */
  readonly #interrupted = new Interrupted();
  #state: "open" | "ended" = "open";

  /**
   * @param options.records - Where staged folders are recorded. Absent: nowhere, and none is kept.
   * @param options.isLeft - Whether the client is gone, so that another may go on with what it staged.
   */
  constructor(
    threads: TreeThreads,
    calls: OsCalls = systemCalls,
    { records, isLeft = () => false }: { readonly records?: StageRecords; readonly isLeft?: () => boolean } = {},
  ) {
    this.#threads = threads;
    this.#records = records;
    this.#isLeft = isLeft;
    this.#calls = calls;
  }

  /** @throws FileSystemFault `invalid-input` - Too much is staged, or the session has ended; or what staging it threw. */
  stageFile(
    id: string,
    path: Buffer,
    { within, ...links }: LinkOptions & { readonly within: string | undefined },
  ): Promise<void> {
    return this.#begin(id, async () => {
      if (within === undefined) return StagedFile.at(this.#calls, path, links);
      return this.#use(within, (folder) => asFolder(folder).fileAt(path));
    });
  }

  /**
   * @param options.keepAs - Keep it under this key when the session ends before it is committed or discarded.
   * @returns whether something is in it from before.
   */
  async stageFolder(
    id: string,
    path: Buffer,
    { keepAs, ...links }: LinkOptions & { readonly keepAs?: string | undefined },
  ): Promise<boolean> {
    const holder = { letGo: () => (this.#isLeft() ? this.#leave(id) : Promise.resolve()) };
    const keeper = this.#records?.keeperFor(keepAs, holder);
    await this.#begin(id, () => StagedFolder.at(this.#calls, path, links, keeper));
    const staged = await this.#slots.get(id)?.staged;
    return staged instanceof StagedFolder && staged.isResumed;
  }

  write(id: string, offset: number, chunk: Buffer): Promise<void> {
    return this.#use(id, (file) => asFile(file).write(offset, chunk));
  }

  add(id: string, entries: readonly StagedEntry[]): Promise<StagingProblem[]> {
    return this.#use(id, (folder) => asFolder(folder).add(entries));
  }

  put(id: string, path: Buffer, mode: number | undefined, data: Buffer): Promise<void> {
    return this.#use(id, (folder) => asFolder(folder).put(path, mode, data));
  }

  /** Unpack a part of an archive into a folder. @returns the number of things that could not be made so far. */
  extract(id: string, offset: number, chunk: Buffer): Promise<number> {
    const slot = this.#slots.get(id);
    return this.#use(id, (staged) => {
      const folder = asFolder(staged);
      if (slot === undefined) throw this.#unknownStage(id);
      slot.intake ??= new ArchiveIntake(this.#threads, folder.shared, this.#sentAhead);
      return slot.intake.write(offset, chunk);
    });
  }

  /** Look at what is in a folder. It stays staged meanwhile. */
  look<T>(id: string, look: (folder: SharedFolder) => Promise<T>): Promise<T> {
    return this.#use(id, (staged) => look(asFolder(staged).shared));
  }

  /** @throws FileSystemFault `invalid-input` - It is filled with something else already. */
  copyFrom(id: string, source: Buffer): Promise<StagingProblem[]> {
    const slot = this.#slots.get(id);
    if (slot?.copy === undefined) {
      const done = this.#use(id, async (staged, signal) => (await staged.copyFrom(source, signal)) ?? []);
      if (slot !== undefined) slot.copy = { source, done };
      return done;
    }
    if (slot.copy.source.equals(source)) return slot.copy.done;
    return Promise.reject(new FileSystemFault("invalid-input", "it is filled with a copy of something else already"));
  }

  /** Put it in place. Asked again, the same outcome. What fails is discarded. */
  commit(
    id: string,
    mode: number | undefined,
    folderModes: readonly FolderMode[],
    options: { readonly noReplace?: boolean } = {},
  ): Promise<StagingOutcome> {
    const slot = this.#slots.get(id);
    const known = slot === undefined ? this.#outcomes.get(id) : outcomeOf(slot);
    if (known !== undefined) return known;
    if (slot === undefined || slot.end !== undefined) return Promise.reject(this.#unknownStage(id));
    slot.intake?.seal();
    const outcome = slot.order.change(async () => {
      const staged = await slot.staged;
      if (staged instanceof StagedFile) return { ...(await staged.commit(mode, options)), problems: [] };
      if (slot.intake !== undefined) return this.#commitUnpacked(staged, slot.intake, mode, folderModes);
      return { ...(await staged.commit({ mode, folderModes })), isInPlace: false };
    });
    slot.end = { outcome };
    const settled = () => {
      this.#remember(id, outcome);
      this.#forget(id, slot);
    };
    outcome.then(settled, settled);
    return outcome;
  }

  async #commitUnpacked(
    folder: StagedFolder,
    intake: ArchiveIntake,
    mode: number | undefined,
    folderModes: readonly FolderMode[],
  ): Promise<StagingOutcome> {
    const { folders, problems, isModeSet } = await intake.finish().catch(async (thrown: unknown) => {
      await intake.close();
      await folder.discard();
      throw thrown;
    });
    try {
      const help: StagedFolderHelp = {
        merge: (from, into) => this.#threads.run("merge", { from, into }),
        settle: (root) => this.#threads.run("settle", { root, folders }),
      };
      const placed = await folder.commit({ mode, folderModes, help });
      return {
        isModeSet: isModeSet && placed.isModeSet,
        isInPlace: false,
        problems: [...problems, ...placed.problems].slice(0, PROBLEMS_MAX),
      };
    } finally {
      await intake.close();
    }
  }

  /** Leave nothing of it. An id that names nothing is fine, and so is one that is being put in place. Never rejects. */
  async discard(id: string): Promise<void> {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    slot.end ??= { discarded: this.#discard(id, slot, (staged) => staged.discard()) };
    if ("discarded" in slot.end) await slot.end.discarded;
  }

  /** Give it up, and leave what is to be kept. */
  async #leave(id: string): Promise<void> {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    const leave = (staged: StagedFile | StagedFolder) =>
      staged instanceof StagedFolder ? staged.leave() : staged.discard();
    slot.end ??= { discarded: this.#discard(id, slot, leave) };
    if ("discarded" in slot.end) await slot.end.discarded;
  }

  async #discard(id: string, slot: Slot, end: (staged: StagedFile | StagedFolder) => Promise<void>): Promise<void> {
    slot.giveUp.abort();
    slot.intake?.seal();
    const done = slot.order.change(async () => {
      await slot.intake?.close();
      const staged = await slot.staged.catch(() => undefined);
      if (staged !== undefined) await end(staged);
    });
    await done.catch(() => {});
    this.#forget(id, slot);
  }

  /** Nothing that is staged goes on in the next program: what is to be kept is left to be found by it. */
  async letGo(): Promise<void> {
    const slots = [...this.#slots];
    this.#interrupted.add(slots.flatMap(([id, slot]) => (slot.end === undefined ? [id] : [])));
    await Promise.all(slots.map(([id]) => this.#leave(id)));
    await Promise.allSettled(slots.map(([, slot]) => outcomeOf(slot)));
  }

  /** For the next program, after all was let go. */
  handOver(): HandedStaging {
    return { outcomes: [...this.#known].map(handedOutcome), interrupted: this.#interrupted.all() };
  }

  /** Remember what another program did. To be called first. */
  adopt({ outcomes, interrupted }: HandedStaging): void {
    for (const outcome of outcomes) {
      const [id, value] = adoptedOutcome(outcome);
      this.#remember(id, Promise.resolve(value));
    }
    this.#interrupted.add(interrupted);
  }

  /** Nothing more is staged, and of what is nothing remains. What is being put in place is let finish. Idempotent. */
  async end(): Promise<void> {
    this.#state = "ended";
    await this.letGo();
  }

  async #begin(id: string, stage: () => Promise<StagedFile | StagedFolder>): Promise<void> {
    if (this.#outcomes.has(id)) return;
    const begun = this.#slots.get(id);
    if (begun !== undefined) {
      if (isGivenUp(begun)) throw this.#unknownStage(id);
      await begun.staged;
      return;
    }
    if (this.#state === "ended") throw new FileSystemFault("invalid-input", "the session has ended");
    if (this.#slots.size >= MAX_STAGED) {
      throw new FileSystemFault("invalid-input", `at most ${MAX_STAGED} files and folders may be staged per session`);
    }
    const slot: Slot = { order: new OperationOrder(), staged: stage(), giveUp: new AbortController() };
    this.#slots.set(id, slot);
    this.#interrupted.delete(id);
    try {
      await slot.staged;
    } catch (thrown) {
      this.#forget(id, slot);
      throw thrown;
    }
  }

  #use<T>(id: string, operation: (staged: StagedFile | StagedFolder, signal: AbortSignal) => Promise<T>): Promise<T> {
    const slot = this.#slots.get(id);
    if (slot === undefined || slot.end !== undefined) return Promise.reject(this.#unknownStage(id));
    return slot.order.observe(async () => operation(await slot.staged, slot.giveUp.signal));
  }

  #unknownStage(id: string): FileSystemFault {
    return this.#interrupted.faultOf(id, `nothing is staged as \`${id}\``);
  }

  #forget(id: string, slot: Slot): void {
    if (this.#slots.get(id) === slot) this.#slots.delete(id);
  }

  #remember(id: string, outcome: Promise<StagingOutcome>): void {
    this.#outcomes.set(id, outcome);
    outcome.then(
      (value) => this.#outcomes.get(id) === outcome && this.#known.set(id, value),
      () => {},
    );
    if (this.#outcomes.size <= REMEMBERED_OUTCOMES) return;
    const [oldest] = this.#outcomes.keys();
    if (oldest === undefined) return;
    this.#outcomes.delete(oldest);
    this.#known.delete(oldest);
  }
}

function outcomeOf({ end }: Slot): Promise<StagingOutcome> | undefined {
  return end !== undefined && "outcome" in end ? end.outcome : undefined;
}

function isGivenUp({ end }: Slot): boolean {
  return end !== undefined && "discarded" in end;
}

function asFile(staged: StagedFile | StagedFolder): StagedFile {
  if (staged instanceof StagedFile) return staged;
  throw new FileSystemFault("invalid-input", "a folder is staged under this id, not a file");
}

function asFolder(staged: StagedFile | StagedFolder): StagedFolder {
  if (staged instanceof StagedFolder) return staged;
  throw new FileSystemFault("invalid-input", "a file is staged under this id, not a folder");
}
