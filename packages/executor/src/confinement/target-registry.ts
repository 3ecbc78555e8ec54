import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { SandboxError } from "@holdfast/sandbox";
import { tryLock } from "../platform/file-lock.ts";
import { processIdentity } from "../platform/process-identity.ts";

/** Hidden from confined commands, which get a `/dev` of their own. */
const SHARED_MEMORY = "/dev/shm";
const TARGET = "target";
const LOCK = "lock";

/** A target that some executor made. */
export interface TargetRecord {
  readonly path: string;
  readonly kind: "directory" | "file";
  /** Device and inode. */
  readonly identity: string;
}

/** Where executors of one user and machine tell each other what they made and who still needs it. */
export function registryFolder(temporaryFolder: string): string {
  const place = statSync(SHARED_MEMORY, { throwIfNoEntry: false })?.isDirectory() ? SHARED_MEMORY : temporaryFolder;
  return join(place, `holdfast-targets-${process.getuid?.() ?? 0}`);
}

/**
 * The records that all executors of a user share: for each target its identity and, as one file each, its living users.
 *
 * Everything happens under one lock, and what ended executors left counts for nothing.
 */
export class TargetRegistry {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Run with every other executor kept out. @throws SandboxError when there is no private folder or no lock. */
  locked<T>(act: () => T): T {
    const fd = this.#openLock();
    try {
      if (!tryLock(fd)) throw unusable(`${join(this.#folder, LOCK)} can't be locked`);
      return act();
    } finally {
      closeSync(fd);
    }
  }

  /** What is on record for a path. */
  record(path: string): TargetRecord | undefined {
    return this.#read(this.#entry(path));
  }

  add(record: TargetRecord): void {
    const entry = this.#entry(record.path);
    rmSync(entry, { recursive: true, force: true });
    mkdirSync(entry, { mode: 0o700 });
    writeFileSync(join(entry, TARGET), JSON.stringify(record), { mode: 0o600 });
  }

  forget(path: string): void {
    rmSync(this.#entry(path), { recursive: true, force: true });
  }

  addUser(path: string, user: string): void {
    writeFileSync(join(this.#entry(path), user), "", { mode: 0o600 });
  }

  removeUser(path: string, user: string): void {
    rmSync(join(this.#entry(path), user), { force: true });
  }

  /** Does an executor that lives need it? */
  isUsed(path: string): boolean {
    return this.#names(this.#entry(path)).some((name) => name !== TARGET && isAlive(name));
  }

  /** Every record without a living user. */
  abandoned(): readonly TargetRecord[] {
    const entries = this.#names(this.#folder).filter((name) => name !== LOCK);
    const records = entries.flatMap((name) => this.#read(join(this.#folder, name)) ?? []);
    return records.filter(({ path }) => !this.isUsed(path));
  }

  #entry(path: string): string {
    return join(this.#folder, createHash("sha256").update(path).digest("hex"));
  }

  #names(folder: string): readonly string[] {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  }

  #read(entry: string): TargetRecord | undefined {
    try {
      const { path, kind, identity } = JSON.parse(readFileSync(join(entry, TARGET), "utf8")) as TargetRecord;
      const isValid = typeof path === "string" && typeof identity === "string" && this.#entry(path) === entry;
      return isValid && (kind === "directory" || kind === "file") ? { path, kind, identity } : undefined;
    } catch {
      // Missing, or half-written by an executor that was killed.
      return undefined;
    }
  }

  #openLock(): number {
    try {
      mkdirSync(this.#folder, { mode: 0o700, recursive: true });
      const stats = lstatSync(this.#folder);
      const isOwn =
        stats.isDirectory() && stats.uid === (process.geteuid?.() ?? stats.uid) && (stats.mode & 0o077) === 0;
      if (!isOwn) throw unusable(`${this.#folder} is not a private folder of this user`);
      return openSync(join(this.#folder, LOCK), constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    } catch (thrown) {
      if (thrown instanceof SandboxError) throw thrown;
      throw unusable(thrown instanceof Error ? thrown.message : String(thrown), thrown);
    }
  }
}

/** Users are named `PID.START.NUMBER`. */
function isAlive(user: string): boolean {
  const [pid = "", start = ""] = user.split(".");
  return processIdentity(Number(pid)) === `${pid}.${start}`;
}

function unusable(reason: string, cause?: unknown): SandboxError {
  return new SandboxError("unenforceable", `mount targets can't be prepared: ${reason}`, { cause });
}
