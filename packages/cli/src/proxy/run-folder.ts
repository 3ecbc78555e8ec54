import { createHash } from "node:crypto";
import { mkdirSync, readlinkSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { madeRuntimeFolder } from "../executor/default-socket.ts";
import { withoutLogin } from "./without-login.ts";

const PRIVATE = 0o700;
const NAME_LENGTH = 8;

/** What makes a place that commands run in another one, though it has the same files: a container, a network of its own. */
const NAMESPACES = ["net", "pid", "user"];

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Where the executors of `holdfast proxy` on this machine have their sockets; made if need be, for this user alone. A home may be shared
 * by several machines.
 *
 * @throws CommandFailure it can't be made, or is in the hands of others.
 */
export function runFolder(env: Variables): string {
  const own = join(madeRuntimeFolder(withoutLogin(env)), machineName());
  try {
    // Its parent is this user's alone.
    mkdirSync(own, { recursive: true, mode: PRIVATE });
    return own;
  } catch (error) {
    const advice = "make room, or set XDG_STATE_HOME to a folder that you can write";
    throw new CommandFailure(`the folder for sockets ${own} can't be made: ${reasonOf(error)}; ${advice}`, {
      cause: error,
    });
  }
}

/** A short name for where this process runs, the same for as long as the machine is up. */
function machineName(): string {
  const { dev, ino } = statSync("/");
  const parts = [hostname(), dev, ino, ...NAMESPACES.map(namespaceOf)];
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, NAME_LENGTH);
}

function namespaceOf(kind: string): string {
  try {
    return readlinkSync(`/proc/self/ns/${kind}`);
  } catch {
    // No Linux, or no /proc.
    return "";
  }
}
