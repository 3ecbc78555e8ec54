import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isAtLeast, type Release } from "@holdfast/reference-peer";
import { until } from "@holdfast/testkit";
import { scratchCodexHome } from "../places.ts";
import { below } from "./screen.ts";
import { Terminal } from "./terminal.ts";

/** What is waited for on the screen. A busy machine shows late. */
const PATIENCE_MS = 45_000;
/** Milliseconds after which the key that sends a message is pressed again: right after typing it may be taken for a part of what is pasted. */
const ENTER_AGAIN_MS = 5_000;
/** Milliseconds for which something is to be so on the screen, to be so. */
const STEADY_MS = 150;

/** Releases since then say on a line of its own that a turn is over. */
const FIRST_WITH_TURN_ENDS = "0.160.0";

export interface CodexTuiOptions {
  readonly release: Release;
  /** Of the server. */
  readonly url: string;
  /** Folder that the TUI is started in. */
  readonly cwd: string;
  /** Words before `--remote`, such as `resume --last`. */
  readonly args?: readonly string[] | undefined;
}

/** The terminal user interface of a release, in front of a server that is elsewhere. It has a home of its own. */
export class CodexTui implements AsyncDisposable {
  readonly terminal: Terminal;
  readonly #stack: AsyncDisposableStack;
  readonly #said: string[] = [];

  private constructor(terminal: Terminal, stack: AsyncDisposableStack) {
    this.terminal = terminal;
    this.#stack = stack;
  }

  /** Start it and wait until it takes what is typed. */
  static async open({ release, url, cwd, args = [] }: CodexTuiOptions): Promise<CodexTui> {
    await using stack = new AsyncDisposableStack();
    const home = stack.use(await scratchCodexHome());
    await writeFile(join(home.path, "config.toml"), CONFIG);
    const argv = [release.program, ...args, "--remote", url];
    const terminal = stack.use(
      await Terminal.open({ argv, cwd, env: { CODEX_HOME: home.path, NO_PROXY: "127.0.0.1" } }),
    );
    const tui = new CodexTui(terminal, stack.move());
    try {
      await tui.see(isAtLeast(release.version, FIRST_WITH_TURN_ENDS) ? /\? for shortcuts/ : /^› /m, "the composer");
    } catch (error) {
      const text = await terminal.text();
      await tui[Symbol.asyncDispose]();
      throw new Error(`${reasonOf(error)}\n${text.trim().slice(-2_000)}`, { cause: error });
    }
    return tui;
  }

  /** What was said to the model, in this order. */
  get said(): readonly string[] {
    return this.#said.filter((text) => !/^[/!]/.test(text));
  }

  text(): Promise<string> {
    return this.terminal.text();
  }

  see(pattern: RegExp | ((text: string) => boolean), what: string): Promise<string> {
    return this.terminal.see(pattern, what, PATIENCE_MS);
  }

  /** Type a message and send it. */
  async say(text: string): Promise<void> {
    await this.terminal.type(text);
    await this.see((screen) => composerIn(screen).includes(text), `"${text}" in the composer`);
    await this.terminal.press("Enter");
    await this.#pressUntil(text, (screen) => !composerIn(screen).includes(text), `"${text}" is sent`);
    this.#said.push(text);
  }

  /** Send a message over a line that has just come back, and see an answer: what is sent before all is said with which a connection begins may come back into the composer. */
  async insist(text: string, answer: RegExp): Promise<void> {
    await this.say(text);
    await this.#pressUntil(text, (screen) => answer.test(screen), `an answer to "${text}"`);
  }

  /** Press again what sends a message as long as it stands in the composer. */
  async #pressUntil(text: string, isThere: (screen: string) => boolean, what: string): Promise<void> {
    let pressedMs = performance.now();
    let sinceMs: number | undefined;
    await until(
      async () => {
        const screen = await this.text();
        const nowMs = performance.now();
        // While it draws all anew, nothing stands anywhere.
        sinceMs = isThere(screen) ? (sinceMs ?? nowMs) : undefined;
        if (sinceMs !== undefined) return nowMs - sinceMs >= STEADY_MS;
        if (nowMs - pressedMs < ENTER_AGAIN_MS || !composerIn(screen).includes(text)) return false;
        pressedMs = nowMs;
        await this.terminal.press("Enter");
        return false;
      },
      { deadlineMs: PATIENCE_MS, intervalMs: 50, what },
    );
  }

  /** Wait until a turn is over. @param above - What its beginning shows. Default: what was said last. */
  async turnEnd(above = `› ${this.#said.at(-1) ?? ""}`): Promise<void> {
    await this.see((screen) => endsIn(below(above, screen)) > 0, `the end of the turn below "${above}"`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** Nothing of it is used by a server that is elsewhere; without a provider some releases begin with a login. */
const CONFIG = `check_for_update_on_startup = false
model_provider = "elsewhere"
[model_providers.elsewhere]
name = "elsewhere"
base_url = "http://127.0.0.1:9/v1"
wire_api = "responses"
[analytics]
enabled = false
`;

/** What a turn that is over leaves on the screen. */
export function endsIn(text: string): number {
  return count(text, "Worked for") + count(text, "Conversation interrupted");
}

/** The composer, and what stands below it. */
const COMPOSER_LINES = 4;

/** What stands in the composer: in the last line that has its mark, a `!` of a command among what is typed. */
function composerIn(screen: string): string {
  // What was said begins with the same sign, and stands last where a question has taken the place of the composer.
  const bottom = screen
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-COMPOSER_LINES);
  return (bottom.findLast((line) => /^[›!]/.test(line)) ?? "").replace(/^! /, "!");
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
