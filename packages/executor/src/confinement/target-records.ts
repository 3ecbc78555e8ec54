import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processIdentity } from "../platform/process-identity.ts";

const TARGET = "target";

/** A target that some executor made. */
export interface TargetRecord {
  readonly path: string;
  readonly kind: "directory" | "file";
  /** Device and inode. */
  readonly identity: string;
}

/**
 * The records that all executors of a user share: for each target its identity and, as one file each, its living users. To be
 * used while the folders are locked. What ended executors left counts for nothing.
 */
export class TargetRecords {
  readonly #folders: readonly string[];

  /** @param folders - At least one; new records go to the first. */
  constructor(folders: readonly string[]) {
    this.#folders = folders;
  }

  /** What is on record for a path. */
  record(path: string): TargetRecord | undefined {
    const entry = this.#entry(path);
    return entry === undefined ? undefined : read(entry);
  }

  add(record: TargetRecord): void {
    this.forget(record.path);
    const entry = join(this.#folders[0] ?? "", nameOf(record.path));
    mkdirSync(entry, { mode: 0o700 });
    writeFileSync(join(entry, TARGET), JSON.stringify(record), { mode: 0o600 });
  }

  forget(path: string): void {
    for (const folder of this.#folders) rmSync(join(folder, nameOf(path)), { recursive: true, force: true });
  }

  /** The path must be on record. */
  addUser(path: string, user: string): void {
    writeFileSync(join(this.#entry(path) ?? "", user), "", { mode: 0o600 });
  }

  removeUser(path: string, user: string): void {
    for (const folder of this.#folders) rmSync(join(folder, nameOf(path), user), { force: true });
  }

  /** Does an executor that lives need it? */
  isUsed(path: string): boolean {
    const users = this.#folders.flatMap((folder) => namesIn(join(folder, nameOf(path))));
    return users.some((name) => name !== TARGET && isAlive(name));
  }

  /** Every record without a living user. */
  abandoned(): readonly TargetRecord[] {
    const entries = this.#folders.flatMap((folder) => namesIn(folder).map((name) => join(folder, name)));
    return entries.flatMap((entry) => read(entry) ?? []).filter(({ path }) => !this.isUsed(path));
  }

  #entry(path: string): string | undefined {
    return this.#folders.map((folder) => join(folder, nameOf(path))).find((entry) => read(entry) !== undefined);
  }
}

const nameOf = (path: string): string => createHash("sha256").update(path).digest("hex");

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(entry: string): TargetRecord | undefined {
  try {
    const { path, kind, identity } = JSON.parse(readFileSync(join(entry, TARGET), "utf8")) as TargetRecord;
    const isValid = typeof path === "string" && typeof identity === "string" && entry.endsWith(`/${nameOf(path)}`);
    return isValid && (kind === "directory" || kind === "file") ? { path, kind, identity } : undefined;
  } catch {
    // Missing, or half-written by an executor that was killed.
    return undefined;
  }
}

/** Users are named `PID.START.NUMBER`. */
function isAlive(user: string): boolean {
  const [pid = "", start = ""] = user.split(".");
  return processIdentity(Number(pid)) === `${pid}.${start}`;
}
