import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";

const children = new Set<ChildProcess>();
const folders = new Set<string>();

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Whatever happens to this program, the child ends with it. */
export function ownChild<C extends ChildProcess>(child: C): C {
  children.add(child);
  child.once("exit", () => children.delete(child));
  child.once("error", () => children.delete(child));
  return child;
}

/** Ask a child of ours to end, then insist after `graceMs`. Resolves when it is gone. */
export async function endChild(child: ChildProcess, graceMs = 3_000): Promise<void> {
  if (child.pid === undefined || !isRunning(child)) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const insist = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await gone;
  clearTimeout(insist);
}

/** A folder that this program made: removed when disposed, and at the latest when the program ends. */
export function ownFolder(path: string): AsyncDisposable & { readonly path: string } {
  folders.add(path);
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      removeFolder(path);
      folders.delete(path);
    },
  };
}

/** What was done in it may have made paths that are longer than Node can name; `rm` goes down step by step. */
function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    const { status } = spawnSync("rm", ["-rf", "--", path], { stdio: "ignore" });
    if (status !== 0) throw new Error(`${path} can not be removed`);
  }
}

function endEverything(): void {
  for (const child of children) if (isRunning(child)) child.kill("SIGKILL");
  for (const path of folders) removeFolder(path);
}

/** Leave nothing behind, also when interrupted. Call once, from the program's entry. */
export function cleanUpOnExit(): void {
  process.on("exit", endEverything);
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    process.on(signal, () => process.exit(code));
  }
}
