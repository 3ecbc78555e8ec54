import { createHash, randomUUID } from "node:crypto";
import { chmod, open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "@holdfast/rpc";
import { FileLockError, type FileLockOptions, underFileLock } from "@holdfast/rpc/file-lock";
import type { CredentialStore } from "./credential-store.ts";
import { isStoredCredentials, type StoredCredentials } from "./credentials.ts";
import { CREDENTIALS_MAX_BYTES } from "./limits.ts";
import { McpOAuthError } from "./oauth-error.ts";

const FILE = ".credentials.json";
const LOCKS = "mcp-oauth-locks";

type Entries = Readonly<Record<string, unknown>>;

export interface CredentialFileOptions {
  readonly clock?: Clock;
}

/**
 * Credentials in a file that its owner alone can read, `.credentials.json`; the one that releases of Codex keep as well. Entries and members
 * that are not known are kept as they are. The file is replaced as a whole: it is never half written.
 */
export class CredentialFile implements CredentialStore {
  readonly path: string;
  readonly #locks: string;
  readonly #options: CredentialFileOptions;

  /** @param folder - `$CODEX_HOME`. */
  constructor(folder: string, options: CredentialFileOptions = {}) {
    this.path = join(folder, FILE);
    this.#locks = join(folder, LOCKS);
    this.#options = options;
  }

  async load(key: string): Promise<StoredCredentials | undefined> {
    const entries = await this.#read();
    const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
    if (entry === undefined) return undefined;
    if (isStoredCredentials(entry)) return withoutNulls(entry);
    throw new McpOAuthError(
      "store",
      `${this.path} holds credentials of ${JSON.stringify(key)} that are none; log in anew`,
    );
  }

  async save(key: string, credentials: StoredCredentials): Promise<void> {
    await this.#change((entries) => {
      const known = Object.hasOwn(entries, key) ? entries[key] : undefined;
      // Members that others keep there stay, and no older value of one of ours.
      const others = typeof known === "object" && known !== null ? withoutOurs(known as Entries) : {};
      return { ...entries, [key]: { ...others, ...credentials } };
    });
  }

  async remove(key: string): Promise<boolean> {
    let wasThere = false;
    await this.#change((entries) => {
      wasThere = Object.hasOwn(entries, key);
      if (!wasThere) return entries;
      const { [key]: _, ...others } = entries;
      return others;
    });
    return wasThere;
  }

  exclusively<Result>(key: string, signal: AbortSignal | undefined, run: () => Promise<Result>): Promise<Result> {
    const name = `holdfast-${createHash("sha256").update(key).digest("hex").slice(0, 32)}.lock`;
    return underLock(join(this.#locks, name), { ...this.#options, signal }, run);
  }

  async #change(change: (entries: Entries) => Entries): Promise<void> {
    const lock = join(this.#locks, "holdfast-file.lock");
    await underLock(lock, this.#options, async () => {
      const entries = await this.#read();
      const changed = change(entries);
      if (changed !== entries) await this.#replace(`${JSON.stringify(changed)}`);
    });
  }

  async #read(): Promise<Entries> {
    const text = await textOf(this.path);
    if (text === undefined || text.trim() === "") return {};
    const entries = jsonOf(text);
    if (entries === undefined) throw new McpOAuthError("store", `${this.path} is no JSON object; mend or remove it`);
    return entries;
  }

  async #replace(text: string): Promise<void> {
    // Somebody may keep it elsewhere and link to it.
    const target = await realpath(this.path).catch(() => this.path);
    const draft = join(dirname(target), `${basename(target)}.${randomUUID()}`);
    try {
      const file = await open(draft, "wx", 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await chmod(draft, 0o600);
      await rename(draft, target);
    } catch (cause) {
      await rm(draft, { force: true });
      throw new McpOAuthError("store", `${this.path} can not be written: ${reasonOf(cause)}`, { cause });
    }
  }
}

async function underLock<Result>(path: string, options: FileLockOptions, run: () => Promise<Result>): Promise<Result> {
  try {
    return await underFileLock(path, options, run);
  } catch (cause) {
    throw cause instanceof FileLockError ? new McpOAuthError("store", cause.message, { cause }) : cause;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > CREDENTIALS_MAX_BYTES) {
      throw new McpOAuthError("store", `${path} holds more than ${CREDENTIALS_MAX_BYTES} bytes`);
    }
    return await file.readFile("utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (cause instanceof McpOAuthError) throw cause;
    throw new McpOAuthError("store", `${path} can not be read: ${reasonOf(cause)}`, { cause });
  }
}

function jsonOf(text: string): Entries | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Entries) : undefined;
  } catch {
    return undefined;
  }
}

const OURS: ReadonlySet<string> = new Set<keyof StoredCredentials>([
  "server_name",
  "server_url",
  "issuer",
  "client_id",
  "client_secret",
  "access_token",
  "expires_at",
  "refresh_token",
  "scopes",
  "executor_owned",
]);

function withoutOurs(entry: Entries): Entries {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !OURS.has(key)));
}

function withoutNulls(entry: StoredCredentials): StoredCredentials {
  return Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== null),
  ) as unknown as StoredCredentials;
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
