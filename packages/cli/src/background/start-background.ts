import { spawn } from "node:child_process";
import { withoutToken } from "../executor/credential-options.ts";
import type { BackgroundPlace, Far } from "./background-place.ts";
import { BACKGROUND_COMMAND, type BackgroundWords } from "./background-words.ts";

/** How long a background connection stays without a client, milliseconds. */
const IDLE_MS = 60_000;

/** Start a background connection that outlives this program, and wait for nothing. Never throws: without one everything works, too. */
export function startBackground(
  { url, credentials }: Far,
  { socket, way, folder }: BackgroundPlace,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const [program] = process.argv.slice(1);
  if (program === undefined) return;
  const words: BackgroundWords = { url: url.href, credentials, socket, way, idleMs: IDLE_MS };
  try {
    const child = spawn(process.execPath, [...process.execArgv, program, BACKGROUND_COMMAND], {
      detached: true,
      cwd: folder,
      stdio: ["pipe", "ignore", "ignore"],
      env: { ...withoutToken(env) },
    });
    child.on("error", () => {});
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(words));
    child.unref();
  } catch {
    // There is no process to be had; the next command tries again.
  }
}
