import { randomBytes } from "node:crypto";
import { type BigIntStats, closeSync, constants, linkSync, lstatSync, openSync, renameSync, rmSync } from "node:fs";
import { connect, type Server } from "node:net";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../clock.ts";
import { checkSocketFolder, checkSocketPath, ownSocketAt } from "./socket-path.ts";

/** For its owner alone. */
const UMASK = 0o177;
/** Of a stale socket that is in the way: more often is somebody at work who does the same. */
const ATTEMPTS = 3;
const PROBE_MS = 2_000;

/** The name of a socket in the file system. */
export interface SocketFile {
  /** Take the name away, unless it leads to another socket by now. */
  remove(): void;
}

/**
 * Bind a server to a path, with a socket that nobody but its owner may open at any moment.
 *
 * A socket that is there already, is of this user and answers nobody is replaced. It has its name only when it is ready: it is made under
 * another one in the same folder, and two that do this at once do not lose each other's.
 *
 * @throws RangeError for a path that no socket can have, Error with what is in the way, or the system's error.
 */
export async function bindSocketFile(server: Server, path: string, clock: Clock): Promise<SocketFile> {
  checkSocketPath(path);
  checkSocketFolder(path);
  const folder = new HeldFolder(dirname(path));
  const aside = folder.pathOf(`.${randomBytes(6).toString("hex")}`);
  try {
    await listenPrivately(server, aside);
    const own = identityOf(lstatSync(aside, { bigint: true }));
    try {
      await giveName(aside, folder.pathOf(basename(path)), path, clock);
    } finally {
      rmSync(aside, { force: true });
    }
    return { remove: () => removeIfOwn(path, own) };
  } finally {
    folder[Symbol.dispose]();
  }
}

/** The name of a socket that is there, and was made for it by somebody who is gone. */
export function foundSocketFile(path: string): SocketFile {
  try {
    const own = identityOf(lstatSync(path, { bigint: true }));
    return { remove: () => removeIfOwn(path, own) };
  } catch {
    return { remove: () => {} };
  }
}

/** The folder of a socket, whatever becomes of its name. Through it every path is short, too. */
class HeldFolder implements Disposable {
  readonly #path: string;
  readonly #fd: number | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#fd = process.platform === "linux" ? openSync(path, constants.O_RDONLY | constants.O_DIRECTORY) : undefined;
  }

  pathOf(name: string): string {
    return join(this.#fd === undefined ? this.#path : `/proc/self/fd/${this.#fd}`, name);
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // The socket is made before `listen` returns.
    const umask = process.umask(UMASK);
    try {
      server.listen(path, () => {
        server.removeListener("error", reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

/** @param path - How `target` is called in errors. */
async function giveName(aside: string, target: string, path: string, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      linkSync(aside, target);
      return;
    } catch (error) {
      if (!hasCode(error, "EEXIST") || attempt === ATTEMPTS) throw error;
    }
    await moveStaleAway(target, path, clock);
  }
}

/** @throws Error unless what is there is a socket of ours that answers nobody. */
async function moveStaleAway(target: string, path: string, clock: Clock): Promise<void> {
  let stale: Identity;
  try {
    stale = identityOf(ownSocketAt(path));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  const answer = await probe(path, clock);
  if (answer === "gone") return;
  if (answer !== "refused") throw Object.assign(new Error("somebody listens there already"), { code: "EADDRINUSE" });
  const away = `${target}.${randomBytes(6).toString("hex")}`;
  try {
    renameSync(target, away);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  try {
    // Another one was quicker, and this is theirs.
    if (!isSame(identityOf(lstatSync(away, { bigint: true })), stale)) linkSync(away, target);
  } finally {
    rmSync(away, { force: true });
  }
}

function probe(path: string, clock: Clock): Promise<"answers" | "refused" | "gone"> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: "answers" | "refused" | "gone"): void => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    // One with a full queue is at work.
    const timer = clock.after(PROBE_MS, () => end("answers"));
    socket.once("connect", () => end("answers"));
    socket.on("error", (error) =>
      end(hasCode(error, "ECONNREFUSED") ? "refused" : hasCode(error, "ENOENT") ? "gone" : "answers"),
    );
  });
}

/** What tells a socket from one that has its name, and perhaps its number, later. */
type Identity = Pick<BigIntStats, "dev" | "ino" | "birthtimeNs" | "mtimeNs">;

function identityOf({ dev, ino, birthtimeNs, mtimeNs }: BigIntStats): Identity {
  return { dev, ino, birthtimeNs, mtimeNs };
}

function isSame(one: Identity, other: Identity): boolean {
  return (
    one.dev === other.dev &&
    one.ino === other.ino &&
    one.birthtimeNs === other.birthtimeNs &&
    one.mtimeNs === other.mtimeNs
  );
}

function removeIfOwn(path: string, own: Identity): void {
  try {
    if (isSame(identityOf(lstatSync(path, { bigint: true })), own)) rmSync(path, { force: true });
  } catch {
    // It is gone.
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
