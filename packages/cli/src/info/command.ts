import type { Environment } from "@holdfast/exec-client";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK } from "../command-line/failure.ts";
import { printable, printableJson, printableLines } from "../command-line/printable.ts";
import { openExecutor } from "../executor/open-executor.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import { probeSandbox, type SandboxProbe } from "./sandbox-probe.ts";

const NAME_COLUMNS = 14;

interface Facts {
  readonly url: URL | undefined;
  readonly environment: Environment;
  readonly sandbox: SandboxProbe;
}

/** `holdfast info` */
export async function run(context: Context, args: Arguments): Promise<number> {
  await using opened = await openExecutor(context, args);
  const { executor, url } = opened;
  const facts = { url, environment: executor.environment, sandbox: await probeSandbox(executor) };
  context.stdout.write(printableLines(args.has("json") ? printableJson(toJson(facts)) : toText(facts)));
  return EXIT_OK;
}

/** Paths as `file:` URIs; what the executor does not tell is null. */
function toJson({ url, environment, sandbox }: Facts) {
  return {
    url: url === undefined ? null : shownExecutor(url),
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

function toText({ url, environment, sandbox }: Facts): string {
  const able = Object.entries(environment.capabilities).flatMap(([name, can]) => (can ? [name] : []));
  const rows = [
    ["executor", url === undefined ? "inside this process" : shownExecutor(url)],
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
