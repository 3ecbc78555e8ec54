import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkSocketFolder, checkSocketPath } from "@holdfast/rpc/websocket";
import type { Context } from "../command-line/context.ts";
import { reasonOf } from "../command-line/failure.ts";
import { defaultSocket, madeRuntimeFolder } from "../executor/default-socket.ts";
import { type Check, missing, ok } from "./check.ts";
import { limitChecks } from "./limit-checks.ts";
import { bubblewrapCheck } from "./sandbox-means.ts";

const OLDEST_NODE = [22, 15] as const;
const PLATFORMS: readonly NodeJS.Platform[] = ["linux", "darwin"];

/** Three per running command, and some for files and connections. */
const OPEN_FILES_WANTED = 1_024;

const node: Check = {
  name: "node",
  isNeeded: true,
  why: "runs this program",
  async look() {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    const isRecent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
    if (isRecent) return ok(process.version);
    return missing(
      `${process.version}; ${OLDEST_NODE.join(".")} or newer is needed`,
      "npm install --global n && n lts",
    );
  },
};

const platform: Check = {
  name: "platform",
  isNeeded: true,
  why: "the executor knows Linux and macOS; the other commands work everywhere against a remote one",
  async look() {
    const name = `${process.platform} ${process.arch}`;
    if (PLATFORMS.includes(process.platform)) return ok(name);
    return missing(name, "wsl --install  # then use it in there");
  },
};

const temporaryFolder: Check = {
  name: "temporary folder",
  isNeeded: true,
  why: "is where programs put what they need for a while, and writable in the usual profile",
  async look() {
    const folder = tmpdir();
    const path = join(folder, `holdfast-doctor-${randomUUID()}`);
    try {
      await writeFile(path, "", { flag: "wx" });
      await rm(path);
      return ok(folder);
    } catch (error) {
      return missing(reasonOf(error), "export TMPDIR=$HOME  # or another folder that you may write to");
    }
  },
};

function ownSocket({ env }: Pick<Context, "env">): Check {
  return {
    name: "own socket",
    isNeeded: false,
    why: "lets only you and root drive an executor that needs no port (serve --listen unix://)",
    async look() {
      const path = defaultSocket(env);
      try {
        madeRuntimeFolder(env);
        checkSocketPath(path);
        checkSocketFolder(path);
        return ok(path);
      } catch (error) {
        return missing(reasonOf(error), "export XDG_RUNTIME_DIR=~/.run; mkdir -m 700 ~/.run");
      }
    },
  };
}

const openFiles: Check = {
  name: "open files",
  isNeeded: false,
  why: "each running command takes up to three",
  async look() {
    const limit = await openFileLimit();
    if (limit === undefined) return ok("no limit told");
    if (limit >= OPEN_FILES_WANTED) return ok(String(limit));
    return missing(`only ${limit}; ${OPEN_FILES_WANTED} are wanted`, `ulimit -n ${OPEN_FILES_WANTED}`);
  },
};

async function openFileLimit(): Promise<number | undefined> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/** What can be told without an executor. */
export function systemChecks(context: Pick<Context, "env" | "cwd">): readonly Check[] {
  const confining = process.platform === "linux" ? [bubblewrapCheck(context), ...limitChecks()] : [];
  return [node, platform, temporaryFolder, ownSocket(context), openFiles, ...confining];
}
