import { type BigIntStats, lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const SCHEME = "unix://";
const ROOT = 0;
const OTHERS_MAY_WRITE = 0o022;
const STICKY = 0o1000;
const RIGHTS = 0o777;
/** More is no way to a socket, but a circle. */
const LINKS_MAX = 8;
/** Of `sockaddr_un`, with the zero byte at its end. */
const ADDRESS_BYTES = process.platform === "darwin" ? 104 : 108;

/** The URL of a unix socket: `unix://` and its absolute path, encoded as in a `file:` URL. */
export function socketUrl(path: string): string {
  return SCHEME + pathToFileURL(path).href.slice("file://".length);
}

/** Whether a URL is that of a unix socket. */
export function isSocketUrl(url: string): boolean {
  return url.startsWith(SCHEME);
}

/**
 * The path that the URL of a unix socket names.
 *
 * @throws RangeError - It names none, no absolute one, a machine, or one that is too long for the system.
 */
export function socketPathOf(url: string): string {
  const rest = url.slice(SCHEME.length);
  if (!isSocketUrl(url) || !rest.startsWith("/")) {
    throw new RangeError(
      "the URL of a unix socket is unix:// and an absolute path, such as unix:///run/user/1000/x.sock",
    );
  }
  let path: string;
  try {
    path = fileURLToPath(`file://${rest}`);
  } catch (cause) {
    throw new RangeError(`the path of a unix socket can not be read: ${messageOf(cause)}`, { cause });
  }
  checkSocketPath(path);
  return path;
}

/** @throws RangeError - No socket can have this path: it is relative, has a zero byte, or is longer than the system's limit. */
export function checkSocketPath(path: string): void {
  if (!isAbsolute(path) || path.includes("\0")) {
    throw new RangeError(
      `the path of a unix socket must be absolute, without a zero byte, not ${JSON.stringify(path)}`,
    );
  }
  const bytes = Buffer.byteLength(path);
  if (bytes >= ADDRESS_BYTES) {
    throw new RangeError(
      `the path of a unix socket may have at most ${ADDRESS_BYTES - 1} bytes, and this one has ${bytes}: choose a shorter one`,
    );
  }
}

/**
 * Check that a socket is of this user or root, and in a folder where no other user could have put it.
 *
 * @returns what is there.
 * @throws Error - There is nothing, something else, or a link; or it, or its folder, is in the hands of others.
 */
export function ownSocketAt(path: string): BigIntStats {
  checkSocketFolder(path);
  const stats = lstatSync(path, { bigint: true });
  if (!stats.isSocket()) throw new Error(`${stats.isSymbolicLink() ? "it is a link" : "it is no socket"}`);
  if (!isTrusted(Number(stats.uid))) throw new Error(`the socket belongs to user ${stats.uid}, who could be anybody`);
  return stats;
}

/**
 * Where the socket is that a path leads to: releases of Codex from 0.169 on put a link in the place that they are told, and the socket in a folder of
 * their own. A link is followed as long as no other user could have put it there, any more than what it leads to.
 *
 * @throws Error - There is no socket; or it, a link to it, or one of their folders is in the hands of others. @throws RangeError - A link leads to
 * what can not be the path of a socket.
 */
export function followToOwnSocket(path: string): string {
  let at = path;
  for (let links = 0; ; links += 1) {
    checkSocketFolder(at);
    const stats = lstatSync(at, { bigint: true });
    if (!stats.isSymbolicLink()) break;
    if (!isTrusted(Number(stats.uid)))
      throw new Error(`the link ${at} belongs to user ${stats.uid}, who could be anybody`);
    if (links === LINKS_MAX) throw new Error(`it is a link to a link, more than ${LINKS_MAX} times`);
    at = resolve(realpathSync(dirname(at)), readlinkSync(at));
    checkSocketPath(at);
  }
  ownSocketAt(at);
  return at;
}

/**
 * Check that no other user can replace what is in the folder of a socket.
 *
 * @throws Error - One can, or there is no folder.
 */
export function checkSocketFolder(path: string): void {
  const folder = realpathSync(dirname(path));
  const { uid, mode } = statSync(folder);
  const problem = !isTrusted(uid)
    ? `belongs to user ${uid}`
    : (mode & OTHERS_MAY_WRITE) !== 0 && (mode & STICKY) === 0
      ? `can be written by others (mode ${(mode & RIGHTS).toString(8)})`
      : undefined;
  if (problem === undefined) return;
  throw new Error(
    `its folder ${folder} ${problem}, so the socket could be somebody else's: use a folder of your own, chmod 700`,
  );
}

function isTrusted(uid: number): boolean {
  return uid === process.geteuid?.() || uid === ROOT;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
