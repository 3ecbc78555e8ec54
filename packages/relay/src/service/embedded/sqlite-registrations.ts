import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { PublicKey } from "@holdfast/relay-protocol";
import type { Registration, Registrations } from "../ports.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS registrations (
    environment_id TEXT PRIMARY KEY,
    registration_id TEXT NOT NULL,
    x25519 BLOB NOT NULL,
    ml_kem_768 BLOB NOT NULL,
    owner TEXT NOT NULL,
    registered_at INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX IF NOT EXISTS registrations_by_age ON registrations (registered_at);
`;
const VERSION = 1;

interface Row {
  readonly registration_id: string;
  readonly x25519: Uint8Array;
  readonly ml_kem_768: Uint8Array;
  readonly owner: string;
  readonly registered_at: number;
}

/**
 * Registrations in one file, which is there again after `kill -9`. A machine that loses power may lose the last of them: executors that find their URL refused register
 * again.
 */
export class SqliteRegistrations implements Registrations, Disposable {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #count: StatementSync;
  readonly #dropOldest: StatementSync;
  readonly #max: number;

  /**
   * @param path - Of the file, which is made if it is not there; or `:memory:`.
   * @throws Error - It can't be used, or another process has it.
   */
  constructor(path: string, max: number) {
    this.#max = max;
    this.#database = new DatabaseSync(path);
    try {
      // Two relays with one file would each tell executors of the other that they are gone.
      this.#database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
      this.#takeVersion();
      this.#database.exec(SCHEMA);
    } catch (error) {
      this.#database.close();
      throw error;
    }
    this.#get = this.#database.prepare("SELECT * FROM registrations WHERE environment_id = ?");
    this.#put = this.#database.prepare("INSERT OR REPLACE INTO registrations VALUES (?, ?, ?, ?, ?, ?)");
    this.#count = this.#database.prepare("SELECT count(*) AS count FROM registrations");
    this.#dropOldest = this.#database.prepare(
      "DELETE FROM registrations WHERE environment_id IN (SELECT environment_id FROM registrations ORDER BY registered_at LIMIT ?)",
    );
  }

  get size(): number {
    return Number((this.#count.get() as { readonly count: number } | undefined)?.count ?? 0);
  }

  async get(environmentId: string): Promise<Registration | undefined> {
    const row = this.#get.get(environmentId) as Row | undefined;
    if (row === undefined) return undefined;
    const executorKey: PublicKey = { x25519: row.x25519, mlKem768: row.ml_kem_768 };
    const { registration_id: registrationId, owner, registered_at: registeredAt } = row;
    return { environmentId, registrationId, executorKey, owner, registeredAt };
  }

  async put({ environmentId, registrationId, executorKey, owner, registeredAt }: Registration): Promise<void> {
    const { x25519, mlKem768 } = executorKey;
    this.#put.run(environmentId, registrationId, x25519, mlKem768, owner, registeredAt);
    const surplus = this.size - this.#max;
    if (surplus > 0) this.#dropOldest.run(surplus);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #takeVersion(): void {
    const row = this.#database.prepare("PRAGMA user_version").get() as { readonly user_version: number };
    if (row.user_version > VERSION) throw new Error("it was written by a newer version of this program");
    this.#database.exec(`PRAGMA user_version = ${VERSION}`);
  }
}
