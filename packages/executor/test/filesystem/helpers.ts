import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSystemFault } from "../../src/filesystem/index.ts";
import { type OsCalls, systemCalls } from "../../src/filesystem/os-calls.ts";

/** A folder of the test's own, gone with the scope. */
export interface TempFolder extends Disposable {
  readonly path: string;
  /** A path below it, as text. */
  at(...names: string[]): string;
  /** A path below it, as the domain wants it. */
  bytes(...names: (string | Buffer)[]): Buffer;
}

export function tempFolder(): TempFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-fs-")));
  return {
    path,
    at: (...names) => join(path, ...names),
    bytes: (...names) =>
      Buffer.concat(
        [path, ...names].flatMap((name, i) => (i === 0 ? [Buffer.from(name)] : [Buffer.from("/"), Buffer.from(name)])),
      ),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** What an operation was refused with. */
export async function faultOf(operation: Promise<unknown>): Promise<{ kind: string; message: string }> {
  try {
    await operation;
  } catch (thrown) {
    if (thrown instanceof FileSystemFault) return { kind: thrown.kind, message: thrown.message };
    throw thrown;
  }
  throw new Error("the operation was expected to fail");
}

export function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** The system's calls with some replaced. */
export function callsWith(replaced: Partial<OsCalls>): OsCalls {
  return { ...systemCalls, ...replaced };
}

const HELD = /^\/proc\/self\/fd\/(\d+)/;

/**
 * Calls that notice when a descriptor is used that they have not opened, or have closed: by then its number may be that of
 * somebody else's file.
 */
export function watchedCalls(calls: OsCalls = systemCalls): { readonly calls: OsCalls; readonly strays: string[] } {
  const open = new Set<number>();
  const strays: string[] = [];
  const check = (call: string, fd: number): void => void (open.has(fd) || strays.push(`${call} ${fd}`));
  const watched = Object.entries(calls).map(([call, run]) => [
    call,
    (...args: unknown[]) => {
      for (const arg of args.slice(0, 2)) {
        const held = Buffer.isBuffer(arg) ? HELD.exec(arg.toString("latin1"))?.[1] : undefined;
        if (held !== undefined) check(call, Number(held));
      }
      if (typeof args[0] === "number") check(call, args[0]);
      if (call === "close") open.delete(args[0] as number);
      const done = (run as (...args: unknown[]) => Promise<unknown>)(...args);
      return call === "open" ? done.then((fd) => open.add(fd as number) && fd) : done;
    },
  ]);
  return { calls: Object.fromEntries(watched) as OsCalls, strays };
}

export function makeFifo(path: string): void {
  void execFileSync("mkfifo", [path]);
}

/** Names in a folder, sorted: shows temporary files that remained. */
export function namesIn(path: string): string[] {
  return readdirSync(path).sort();
}

/** Open descriptors of this process that lead to `path` or below. */
export function descriptorsBelow(path: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = realpathSync(`/proc/self/fd/${fd}`);
      return target === path || target.startsWith(`${path}/`) ? [target] : [];
    } catch {
      return [];
    }
  });
}

export const isLinux = process.platform === "linux";
export const isRoot = process.geteuid?.() === 0;
