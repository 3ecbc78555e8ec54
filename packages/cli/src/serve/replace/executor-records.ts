import { randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute, join } from "node:path";
import { madeRuntimeFolder, runtimeFolder } from "../../executor/default-socket.ts";
import { type ExecutorRecord, isServing, parseExecutorRecord } from "./executor-record.ts";
import type { Successor } from "./successor.ts";

const RECORD = ".json";
const REQUEST = ".replace";
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

type Environment = Readonly<Record<string, string | undefined>>;

/** What a program that wants to take an executor's place leaves for it, before it sends the signal. */
export interface ReplacementRequest {
  /** A new one each time. */
  readonly id: string;
  readonly successor: Successor;
}

/**
 * The records of the executors of this user on this machine, in a folder that is theirs alone. Small files, written seldom: to wait for them
 * takes less than to start Node's threads for files, which an executor without a client does not need.
 */
export class ExecutorRecords {
  readonly folder: string;

  readonly #env: Environment;

  /** @param env - Says where the sockets of this user's executors are, and these records beside them. */
  constructor(env: Environment) {
    this.#env = env;
    this.folder = join(runtimeFolder(env), "executors");
  }

  /** Make the folder. @throws CommandFailure it is in the hands of others, or the system's error. */
  open(): void {
    madeRuntimeFolder(this.#env);
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    // It may be there already with other permissions, and whoever writes there has an executor start what they like.
    chmodSync(this.folder, 0o700);
  }

  /** @throws the system's error. */
  save(record: ExecutorRecord): void {
    this.#write(record.identity + RECORD, record);
  }

  /** The record of one; undefined when it has none. */
  read(identity: string): ExecutorRecord | undefined {
    try {
      return parseExecutorRecord(readFileSync(join(this.folder, identity + RECORD), "utf8"));
    } catch {
      return undefined;
    }
  }

  /** Executors that are there. What those left that are gone is removed. */
  list(): readonly ExecutorRecord[] {
    const records: ExecutorRecord[] = [];
    for (const name of this.#names().filter((each) => each.endsWith(RECORD) && !each.startsWith("."))) {
      const record = this.read(name.slice(0, -RECORD.length));
      if (record !== undefined && isServing(record)) records.push(record);
      else removeIfPossible(join(this.folder, name));
    }
    return records;
  }

  /** @throws the system's error: `EEXIST` while another request has not been taken yet, which this one would make unheard. */
  ask(identity: string, request: ReplacementRequest): void {
    this.#write(identity + REQUEST, request, linkSync);
  }

  /** The request to an executor, once; undefined when there is none, or somebody else has made it. */
  takeRequest(identity: string): ReplacementRequest | undefined {
    const path = join(this.folder, identity + REQUEST);
    try {
      const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        unlinkSync(path);
        const { uid, mode } = fstatSync(fd);
        if (uid !== process.geteuid?.() || (mode & 0o077) !== 0) return undefined;
        return parseRequest(readFileSync(fd, "utf8"));
      } finally {
        closeSync(fd);
      }
    } catch {
      return undefined;
    }
  }

  /** Of an executor that ends. What can not be removed is removed by whoever lists next. */
  remove(identity: string): void {
    for (const suffix of [RECORD, REQUEST]) removeIfPossible(join(this.folder, identity + suffix));
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.folder);
    } catch {
      return [];
    }
  }

  /** Whole under its final name, or not at all. */
  #write(name: string, content: unknown, place: typeof renameSync = renameSync): void {
    const aside = join(this.folder, `.${randomUUID()}`);
    try {
      writeFileSync(aside, `${JSON.stringify(content)}\n`, { mode: 0o600, flag: "wx" });
      place(aside, join(this.folder, name));
    } finally {
      removeIfPossible(aside);
    }
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is looked at with the rest the next time.
  }
}

function parseRequest(text: string): ReplacementRequest | undefined {
  const { id, successor } = JSON.parse(text) as Partial<ReplacementRequest>;
  const { node, program } = successor ?? {};
  const isRequest = typeof id === "string" && typeof node === "string" && isAbsolute(node) && isWords(program);
  return isRequest ? { id, successor: { node, program } } : undefined;
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}
