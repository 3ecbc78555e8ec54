import type { Environment, Executor } from "@holdfast/exec-client";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import { printable } from "../command-line/printable.ts";
import { probeSandbox, type SandboxProbe } from "./sandbox-probe.ts";

const NAME_COLUMNS = 14;

/** What an executor is and can do. */
export interface Facts {
  readonly environment: Environment;
  readonly sandbox: SandboxProbe;
}

/** Ask it. */
export async function factsOf(executor: Executor): Promise<Facts> {
  return { environment: executor.environment, sandbox: await probeSandbox(executor) };
}

/** Paths as `file:` URIs; what the executor does not tell is null. */
export function factsJson({ environment, sandbox }: Facts) {
  return {
    version: environment.version,
    platform: environment.platformOs ?? null,
    shell: environment.shell,
    cwd: environment.cwd ?? null,
    home: environment.userHomeDir ?? null,
    tempDir: environment.tempDir ?? null,
    sandbox: { usable: sandbox.usable, type: sandbox.type ?? null, reason: sandbox.reason ?? null },
    capabilities: environment.capabilities,
  };
}

/** For people, line by line. @param head - What stands above the others. */
export function factsText(head: readonly (readonly [string, string])[], { environment, sandbox }: Facts): string {
  const able = Object.entries(environment.capabilities).flatMap(([name, can]) => (can ? [name] : []));
  const rows = [
    ...head,
    ["version", environment.version],
    ["platform", environment.platformOs ?? "not told"],
    ["shell", `${environment.shell.name} (${environment.shell.path})`],
    ["folder", pathText(environment.cwd)],
    ["home", pathText(environment.userHomeDir)],
    ["temporary", pathText(environment.tempDir)],
    ["sandbox", sandbox.usable ? (sandbox.type ?? "yes") : `none: ${sandbox.reason}`],
    ["capabilities", able.length === 0 ? "none told" : able.join(", ")],
  ];
  return rows.map(([name = "", value = ""]) => `${name.padEnd(NAME_COLUMNS)}${printable(value)}\n`).join("");
}

function pathText(path: PathUri | undefined): string {
  return path === undefined ? "not told" : displayPath(path);
}
