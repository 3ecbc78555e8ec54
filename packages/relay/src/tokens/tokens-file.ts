import { randomUUID } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { open, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "@holdfast/rpc";
import { underFileLock } from "@holdfast/rpc/file-lock";
import { newToken, newTokenId, type TokenEntry, type TokenRole, tokenDigest } from "./token.ts";
import { MAX_TOKENS, parseTokens, tokensText } from "./tokens-text.ts";

/** A tokens file can't be read, or not be used as it is. */
export class TokensFileError extends Error {
  override readonly name = "TokensFileError";
  /** There is none of that name. */
  readonly isMissing: boolean;

  constructor(message: string, options: { readonly cause?: unknown; readonly isMissing?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.isMissing = options.isMissing ?? false;
  }
}

const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MODE = 0o600;
/** What others than owner and group may do with it, and what the group may change: whoever writes there makes tokens. */
const EXPOSED = 0o027;
const RIGHTS = 0o777;
const ROOT = 0;

/** What a file says, and how to tell whether it is still the same. */
export interface ReadTokens {
  readonly entries: readonly TokenEntry[];
  readonly stamp: string;
  readonly rights: FileRights;
}

/** Who may do what with a file. */
type FileRights = Pick<Stats, "uid" | "gid" | "mode">;

/**
 * Read a tokens file of this user or root that nobody else may change.
 *
 * @param path - Absolute; a link to one will do.
 * @throws TokensFileError - What is wrong with it.
 */
export async function readTokensFile(path: string): Promise<ReadTokens> {
  try {
    // A pipe in the place of the file must not be waited for.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    const problem = problemOf(stats, path);
    if (problem !== undefined) throw new Error(problem);
    return { entries: parseTokens(await file.readFile("utf8")), stamp: stampOf(stats), rights: stats };
  } catch (cause) {
    const isMissing = isSystemError(cause, "ENOENT");
    const reason = isMissing ? "there is no such file" : cause instanceof Error ? cause.message : String(cause);
    throw new TokensFileError(`the tokens file ${path} can't be used: ${reason}`, { cause, isMissing });
  }
}

/** Tells a file from itself before it was changed or replaced. */
export function stampOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(" ");
}

/** What is asked of a new token. */
export interface TokenRequest {
  readonly role: TokenRole;
  /** See {@link TokenEntry.environment}. */
  readonly environment: string;
  /** Default: the role and the id. */
  readonly name?: string | undefined;
  /** Unix milliseconds. Default: it does not expire. */
  readonly expiresAt?: number | undefined;
}

interface EditOptions {
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Add a new token to a file, which is made if it is not there. Several processes may do so at once.
 *
 * @returns the token itself, which is kept nowhere, and what is kept of it.
 * @throws TokensFileError - The file can't be used or written, or has a token of that name.
 */
export async function addToken(
  path: string,
  { role, environment, name, expiresAt }: TokenRequest,
  options: EditOptions = {},
): Promise<{ readonly token: string; readonly entry: TokenEntry }> {
  const token = newToken();
  const id = newTokenId();
  const own = { id, name: name ?? `${role}-${id}`, role, environment, sha256: tokenDigest(token) };
  const entry = { ...own, createdAt: Date.now(), expiresAt };
  await edit(path, options, { mayBeMissing: true }, (entries) => {
    if (entries.length >= MAX_TOKENS) throw new TokensFileError(`the tokens file ${path} has ${MAX_TOKENS} tokens`);
    if (entries.some((each) => each.name === entry.name)) {
      throw new TokensFileError(`there is a token called ${entry.name} already; choose another name, or revoke it`);
    }
    return [...entries, entry];
  });
  return { token, entry };
}

/**
 * Take a token out of a file.
 *
 * @param nameOrId - Of the token.
 * @returns what was kept of it.
 * @throws TokensFileError - The file can't be used or written, or has no such token.
 */
export async function revokeToken(path: string, nameOrId: string, options: EditOptions = {}): Promise<TokenEntry> {
  let revoked: TokenEntry | undefined;
  await edit(path, options, { mayBeMissing: false }, (entries) => {
    revoked = entries.find(({ name }) => name === nameOrId) ?? entries.find(({ id }) => id === nameOrId);
    if (revoked === undefined) throw new TokensFileError(`the tokens file ${path} has no token of that name or id`);
    return entries.filter((entry) => entry !== revoked);
  });
  if (revoked === undefined) throw new Error("nothing was revoked");
  return revoked;
}

async function edit(
  path: string,
  options: EditOptions,
  { mayBeMissing }: { readonly mayBeMissing: boolean },
  change: (entries: readonly TokenEntry[]) => readonly TokenEntry[],
): Promise<void> {
  // A link stays one: what it leads to is replaced.
  const target = await realpath(path).catch(() => path);
  await underFileLock(`${target}.lock`, options, async () => {
    const before = await readOrNone(target, mayBeMissing);
    await replace(target, tokensText(change(before?.entries ?? [])), before?.rights);
  });
}

async function readOrNone(path: string, mayBeMissing: boolean): Promise<ReadTokens | undefined> {
  try {
    return await readTokensFile(path);
  } catch (error) {
    if (mayBeMissing && error instanceof TokensFileError && error.isMissing) return undefined;
    throw error;
  }
}

/**
 * Whole or not at all, also when the machine stops meanwhile.
 *
 * @param rights - Of the file that was there. A relay of a user or group of its own that could not read what root has written would go on with the
 *   tokens from before.
 */
async function replace(path: string, text: string, rights: FileRights | undefined): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await written(draft, text, rights);
    await rename(draft, path);
    await using folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
    await folder.sync();
  } catch (cause) {
    await rm(draft, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TokensFileError(`the tokens file ${path} can't be written: ${reason}`, { cause });
  }
}

async function written(path: string, text: string, rights: FileRights | undefined): Promise<void> {
  await using file = await open(path, "wx", MODE);
  if (rights !== undefined) {
    const own = await file.stat();
    if (own.uid !== rights.uid || own.gid !== rights.gid) await file.chown(rights.uid, rights.gid);
    await file.chmod(rights.mode & RIGHTS);
  }
  await file.writeFile(text);
  await file.sync();
}

function problemOf(stats: Stats, path: string): string | undefined {
  if (!stats.isFile()) return "it is no regular file";
  if (stats.size > MAX_FILE_BYTES) return `it has more than ${MAX_FILE_BYTES} bytes`;
  const uid = process.geteuid?.();
  if (uid === undefined) return undefined;
  if (stats.uid !== uid && stats.uid !== ROOT) return `it belongs to user ${stats.uid}, not to you or root`;
  const mode = stats.mode & RIGHTS;
  if ((mode & EXPOSED) === 0) return undefined;
  return `it may be read or changed by others (mode ${mode.toString(8)}): chmod 600 ${path}`;
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
