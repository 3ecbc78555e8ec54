import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureRelease, type Release } from "@holdfast/reference-peer";
import { BadLine } from "@holdfast/testkit";
import { UsageError } from "../options.ts";
import { ownHost } from "../own-host.ts";
import { TUI_CHECKS } from "./checks/index.ts";
import { CodexTui } from "./codex-tui.ts";
import { OWN, TUI_RELEASES, type TuiRunOptions } from "./options.ts";
import { PLACES, type Place } from "./placed.ts";
import { type HostUnderTest, serveHost } from "./served-host.ts";
import { hasTmux } from "./terminal.ts";
import type { TuiCheck } from "./tui-check.ts";

/** Who types into what. */
interface Sitting {
  readonly tui: Release;
  readonly host: HostUnderTest;
}

/** What is shown of a screen on which something was not seen. */
const SHOWN_CHARACTERS = 3_000;
/** And of why it was not. */
const REASON_CHARACTERS = 500;

/** @returns whether all of it was seen. */
export async function runTui(options: TuiRunOptions, print: (line: string) => void): Promise<boolean> {
  if (!(await hasTmux())) {
    const reason = "tmux is not installed: it is what the terminals are made of";
    if (!options.isContentWithout) throw new UsageError(reason);
    print(reason);
    return true;
  }
  const unknown = options.checks.find((id) => !TUI_CHECKS.some((check) => check.id === id));
  if (unknown !== undefined) throw new UsageError(`no check is called ${unknown}`);
  const { checks } = options;
  const chosen = TUI_CHECKS.filter(({ id }) => checks.length === 0 || checks.includes(id));
  let failures = 0;
  for (const sitting of await sittings(options)) failures += await sit(sitting, chosen, options.screens, print);
  return failures === 0;
}

async function sittings({ tui, host, place }: TuiRunOptions): Promise<readonly Sitting[]> {
  const all: Sitting[] = [];
  const releases = tui === undefined ? TUI_RELEASES : [tui];
  for (const version of releases) {
    const release = await ensureRelease(version);
    for (const name of host === undefined ? [version, OWN] : [host]) {
      const isOwn = name === OWN;
      const served = isOwn ? await ownHost() : await ensureRelease(name);
      const everywhere: readonly Place[] = isOwn ? PLACES : ["local"];
      for (const each of place === undefined ? everywhere : [place]) {
        all.push({ tui: release, host: { release: served, isOwn, place: each } });
      }
    }
  }
  return all;
}

/** @returns how many checks failed. */
async function sit(
  { tui: release, host }: Sitting,
  checks: readonly TuiCheck[],
  screens: string | undefined,
  print: (line: string) => void,
): Promise<number> {
  const name = `${host.isOwn ? OWN : `codex ${host.release.version}`}, ${host.place}, before ${release.version}`;
  await using stack = new AsyncDisposableStack();
  await using served = await serveHost(host);
  await using line = await BadLine.to(served.url);
  let opened: CodexTui | undefined;
  let last: CodexTui | undefined;
  const all: CodexTui[] = [];
  const open = async (args: readonly string[]): Promise<CodexTui> => {
    last = stack.use(await CodexTui.open({ release, url: line.url, cwd: served.folder, args }));
    all.push(last);
    return last;
  };
  let failures = 0;
  for (const check of checks) {
    if (check.isElsewhere && served.executorLine === undefined) continue;
    const startedMs = performance.now();
    last = opened;
    let failure: string | undefined;
    try {
      opened ??= await open([]);
      const tui = opened;
      const { restart } = served;
      await check.run({
        tui,
        folder: served.folder,
        place: host.place,
        line,
        executorLine: served.executorLine,
        restart,
        lastSession: () => all.findLast(({ said }) => said.length > 0) ?? tui,
        open,
      });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      // It may have the whole screen in it, which is shown below.
      failure = text.slice(0, REASON_CHARACTERS);
    }
    const ms = Math.round(performance.now() - startedMs);
    print(
      `${name.padEnd(42)} ${check.id.padEnd(18)} ${failure === undefined ? "pass" : "FAIL"} ${String(ms).padStart(6)} ms`,
    );
    const screen = await last?.text().catch(() => undefined);
    if (screens !== undefined && last !== undefined)
      await keepScreen(join(screens, name.replaceAll(/[ ,]+/g, "-")), check, last);
    if (failure === undefined) continue;
    failures += 1;
    print(`    ${check.sentence}: ${failure}`);
    if (screen !== undefined) print(indented(screen.replaceAll(/\n{2,}/g, "\n").slice(-SHOWN_CHARACTERS)));
    // What the next one sees begins anew.
    opened = undefined;
  }
  return failures;
}

async function keepScreen(folder: string, { id }: TuiCheck, { terminal }: CodexTui): Promise<void> {
  await mkdir(folder, { recursive: true });
  const text = await terminal.text().catch(() => "");
  await writeFile(join(folder, `${id}.txt`), `${text.trim()}\n`);
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "    | ");
}
