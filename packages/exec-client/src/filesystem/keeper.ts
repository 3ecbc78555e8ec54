import { join, type PathUri, parent, pathUriFromNative, toNativeBytes } from "@holdfast/path-uri";
import type { Clock } from "@holdfast/rpc";
import { FileTransferError } from "../errors.ts";
import type { RunningProcess } from "../process/running-process.ts";
import { randomUuid } from "../random-uuid.ts";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import { settledWithin } from "../settled-within.ts";
import { KEEPER } from "./keeper-script.ts";

/** Starts a program on the executor that takes input. */
export type StartProgram = (argv: readonly string[], cwd: PathUri) => Promise<RunningProcess>;

/** What a keeper needs of its executor. */
export interface KeeperHost {
  readonly start: StartProgram;
  readonly clock: Clock;
}

/** What is put in place; a link that has the name of a `file, no link` is refused instead of replaced. */
export type KeptKind = "file" | "file, no link" | "tree";
const KIND_WORDS: Readonly<Record<KeptKind, string>> = { file: "file", "file, no link": "plain", tree: "tree" };

/** How long one that is told to end may take to leave nothing, milliseconds. */
const END_WAIT_MS = 2_000;
/** Commands in flight, not answered yet. */
const COMMANDS_IN_FLIGHT = 64;
/** Text that is kept of what `sh` complains about. */
const COMPLAINT_MAX_CHARACTERS = 500;
/** Longest answer to a command: a name and what a link says fit in, each byte as a character. */
const ANSWER_MAX_CHARACTERS = 64 * 1024;

interface Pending {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: unknown) => void;
}

/** A command that waits for its turn. */
interface Command extends Pending {
  readonly input: Buffer;
}

/**
 * A `sh` that holds one folder on an executor that stages nothing itself, and puts things in place in it. When it ends, for
 * any reason, everything is removed that begins with its name: also when the session is over or the client was killed.
 */
export class Keeper {
  readonly #process: RunningProcess;
  readonly #base: string;
  readonly #folder: PathUri;
  readonly #clock: Clock;
  /** Sent and not answered, in the order of the answers. */
  #pending: Pending[] = [];
  /** In the order in which they were asked for. */
  readonly #queued = new Set<Command>();
  #text = "";
  #complaint = "";
  /** Why it can not be gone on with, though `sh` may not have ended yet. */
  #failure: Error | undefined;
  #end: Error | undefined;
  /** The folder by way of what is held, where the system has such a way. */
  #held: PathUri | undefined;

  private constructor(
    process: RunningProcess,
    parts: { readonly folder: PathUri; readonly base: string; readonly clock: Clock },
  ) {
    this.#process = process;
    this.#folder = parts.folder;
    this.#base = parts.base;
    this.#clock = parts.clock;
  }

  /**
   * @param final - What it is to put in place, links resolved: where the folder is reached through one, it is refused.
   * @throws FileTransferError `not-placed` - Nothing of the kind can be there.
   */
  static async start({ start, clock }: KeeperHost, final: PathUri, kind: KeptKind): Promise<Keeper> {
    const folder = parent(final);
    if (folder === undefined) throw new FileTransferError("not-placed", "the root is no place for anything");
    return retryAcrossReconnects(async () => {
      const base = `.holdfast-${randomUuid()}`;
      const args = [escaped(bytesOf(folder)), nameOf(final), base, KIND_WORDS[kind]];
      const keeper = new Keeper(await start(["/bin/sh", "-c", KEEPER, "sh", ...args], folder), { folder, base, clock });
      const answered = keeper.#answer();
      void keeper.#follow();
      const held = await answered;
      if (held.startsWith("/")) keeper.#held = pathUriFromNative(held, "posix");
      return keeper;
    });
  }

  /** An unpredictable name. */
  freshName(): string {
    return `${this.#base}.${randomUuid()}`;
  }

  /** Where a file of that name is in the held folder, even if the folder is renamed or replaced. */
  pathOf(name: string): PathUri {
    return join(this.#held ?? this.#folder, name);
  }

  /**
   * Have something done, after everything that was asked for before.
   *
   * @param data - What follows the command.
   * @returns what was said about it.
   * @throws FileTransferError `not-placed` - It was not done.
   */
  ask(command: readonly string[], data?: Uint8Array): Promise<string> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const line = Buffer.from(`${command.join(" ")}\n`);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#queued.add({ input: data === undefined ? line : Buffer.concat([line, data]), resolve, reject });
    this.#sendNext();
    return promise;
  }

  /** Let it go. Never rejects. */
  async end(): Promise<void> {
    if (this.#end === undefined) {
      // The way by which nothing is left even where it has no helper apart.
      this.#process.write("end\n").catch(() => {});
      await settledWithin(this.#process.closed, END_WAIT_MS, this.#clock);
    }
    await this.#process[Symbol.asyncDispose]().catch(() => {});
  }

  #sendNext(): void {
    while (this.#pending.length < COMMANDS_IN_FLIGHT) {
      const [next] = this.#queued;
      if (next === undefined) return;
      this.#queued.delete(next);
      this.#pending.push(next);
      this.#process.write(next.input).catch((error: unknown) => this.#fail(error));
    }
  }

  /** Nothing more can be told from its answers. */
  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : notPlaced(String(error));
    // Its end is what all pending calls are told.
    this.#process[Symbol.asyncDispose]().catch(() => {});
  }

  #answer(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    promise.catch(() => {});
    this.#pending.push({ resolve, reject });
    return promise;
  }

  async #follow(): Promise<void> {
    let reason: unknown;
    try {
      for await (const event of this.#process.events()) {
        if (event.type === "output") this.#hear(event.stream, event.data);
      }
    } catch (error) {
      reason = error;
    }
    const complaint = this.#complaint.trim().split("\n").at(-1) || undefined;
    const early = complaint === undefined ? (this.#failure ?? notPlaced("sh ended early")) : notPlaced(complaint);
    this.#end = reason instanceof Error ? reason : early;
    for (const { reject } of [...this.#pending, ...this.#queued]) reject(this.#end);
    this.#pending = [];
    this.#queued.clear();
  }

  #hear(stream: string, data: Uint8Array): void {
    const text = Buffer.from(data).toString();
    if (stream === "stderr") {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_MAX_CHARACTERS);
      return;
    }
    const lines = (this.#text + text).split("\n");
    this.#text = lines.pop() ?? "";
    if (this.#text.length > ANSWER_MAX_CHARACTERS) {
      this.#text = "";
      this.#fail(
        notPlaced(`sh answers with more than ${ANSWER_MAX_CHARACTERS} characters: it is none that can be used`),
      );
    }
    for (const line of lines) {
      const asked = this.#pending.shift();
      if (line.startsWith("ok ")) asked?.resolve(line.slice("ok ".length));
      else asked?.reject(notPlaced(line.replace(/^no /, "")));
    }
    this.#sendNext();
  }
}

function notPlaced(why: string): FileTransferError {
  return new FileTransferError("not-placed", `cannot put the file in place: ${why}`);
}

function bytesOf(uri: PathUri): Buffer {
  return Buffer.from(toNativeBytes(uri));
}

/** Bytes as `printf %b` writes them out: arguments are text and names are bytes. */
function escaped(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
}

/** A word of a command that stands for a name, or for what a link says. */
export function wordOf(name: Uint8Array): string {
  const text = Buffer.from(name).toString("latin1");
  return /^[\w.@+,-]+$/.test(text) ? `=${text}` : escaped(name);
}

/** The word for the last name of a path. */
export function nameOf(uri: PathUri): string {
  const path = bytesOf(uri);
  return wordOf(path.subarray(path.lastIndexOf(0x2f) + 1));
}
