import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Release } from "@holdfast/reference-peer";
import { environmentOf } from "../app-server-line/served-app-server.ts";
import { endChild, ownChild } from "../owned.ts";

/** Milliseconds that a command of a release may take. */
const TIMEOUT_MS = 60_000;

export interface ReleaseOutcome {
  readonly exitCode: number | null;
  /** Stdout and stderr. */
  readonly output: string;
}

/** Run a command of a release to its end, with its configuration in `home`. */
export async function runRelease(
  { program }: Release,
  home: string,
  args: readonly string[],
  cwd = home,
): Promise<ReleaseOutcome> {
  const child = ownChild(spawn(program, args, { cwd, env: environmentOf(home), stdio: ["ignore", "pipe", "pipe"] }));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const late = setTimeout(() => void endChild(child), TIMEOUT_MS);
  const [exitCode] = (await once(child, "close")) as [number | null];
  clearTimeout(late);
  return { exitCode, output };
}
