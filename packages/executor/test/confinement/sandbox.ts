import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether bubblewrap works here: without user namespaces there is nothing to test. */
export const canConfine = ((): boolean => {
  try {
    execFileSync("bwrap", ["--unshare-user", "--unshare-net", "--unshare-pid", "--ro-bind", "/", "/", "true"]);
    return true;
  } catch {
    return false;
  }
})();

/** A folder of the test's own outside `/tmp`'s grants, gone with the scope. */
export interface Workspace extends Disposable {
  readonly path: string;
  readonly uri: string;
  at(...names: string[]): string;
  uriOf(...names: string[]): string;
}

export function workspace(): Workspace {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "holdfast-workspace-")));
  return {
    path,
    uri: `file://${path}`,
    at: (...names) => join(path, ...names),
    uriOf: (...names) => `file://${join(path, ...names)}`,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

type Entry = { readonly path: object; readonly access: "read" | "write" | "deny" };

export function special(kind: string, access: Entry["access"]): Entry {
  return {
    path: { type: "special", value: { kind } },
    access,
  };
}

export function literal(path: string, access: Entry["access"]): Entry {
  return {
    path: { type: "path", path: `file://${path}` },
    access,
  };
}

/** A sandbox context whose policy folder and only workspace root is `root`. */
export function confinedTo(root: string, entries: readonly Entry[], network = "restricted") {
  return {
    permissions: { type: "managed", network, file_system: { type: "restricted", entries } },
    cwd: `file://${root}`,
    workspaceRoots: [`file://${root}`],
    windowsSandboxLevel: "disabled",
  };
}

/** Everything readable, the root writable. */
export function workspaceWrite(root: string, more: readonly Entry[] = []) {
  return confinedTo(root, [special("root", "read"), special("project_roots", "write"), ...more]);
}

/** What programs need readable, the root writable, everything else hidden. */
export function minimalWrite(root: string, more: readonly Entry[] = []) {
  return confinedTo(root, [special("minimal", "read"), special("project_roots", "write"), ...more]);
}
