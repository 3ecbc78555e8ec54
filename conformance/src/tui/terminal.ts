import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { until } from "@holdfast/testkit";
import { temporaryFolder } from "../places.ts";

const run = promisify(execFile);

const COLUMNS = 120;
/** So many that the whole of a session stays on the screen. */
const ROWS = 500;
const SCROLLED_BACK_LINES = 3_000;
/** What the shell around a program says when it has ended; programs do not say such a thing. */
const ENDED = /^\[ended (\d+)\]/m;

export interface TerminalProgram {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Over those of this program. */
  readonly env: Readonly<Record<string, string>>;
}

/** Whether there is a `tmux` to be found. */
export async function hasTmux(): Promise<boolean> {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = await Promise.allSettled(folders.map((folder) => access(join(folder, "tmux"))));
  return found.some(({ status }) => status === "fulfilled");
}

const SOCKET = "tmux.sock";

/** Waits until whoever started it lets go of its input, by intent or by being killed; then nothing is left of a tmux server and its folder. */
const KEEPER = `trap '' HUP INT TERM; cat >/dev/null; tmux -S "$0/${SOCKET}" kill-server 2>/dev/null; rm -rf "$0"`;

/** A program on a terminal of its own, in a tmux server of its own. Both are gone when disposed, and at the latest when this program ends, however it does. */
export class Terminal implements AsyncDisposable {
  readonly #socket: string;
  readonly #keeper: ChildProcess;
  readonly #stack: AsyncDisposableStack;

  private constructor(folder: string, stack: AsyncDisposableStack) {
    this.#socket = join(folder, SOCKET);
    // A tmux server is no child of this program.
    this.#keeper = spawn("sh", ["-c", KEEPER, folder], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    this.#keeper.unref();
    this.#stack = stack;
  }

  static async open({ argv, cwd, env }: TerminalProgram): Promise<Terminal> {
    await using stack = new AsyncDisposableStack();
    const { path } = stack.use(await temporaryFolder());
    const terminal = new Terminal(path, stack.move());
    const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    // What it wrote is still to be read after its end.
    const line = `${argv.map(quoted).join(" ")}; e=$?; trap '' INT; echo; echo "[ended $e]"; exec sleep 86400`;
    const size = ["-x", String(COLUMNS), "-y", String(ROWS)];
    try {
      await terminal.#tmux("-f", "/dev/null", "new-session", "-d", ...size, "-c", cwd, ...variables, line);
    } catch (error) {
      await terminal[Symbol.asyncDispose]();
      throw error;
    }
    return terminal;
  }

  /** All that is to be seen, with what has scrolled away. */
  text(): Promise<string> {
    return this.#tmux("capture-pane", "-p", "-S", `-${SCROLLED_BACK_LINES}`);
  }

  /** With colours, as an escape sequence each. */
  colouredText(): Promise<string> {
    return this.#tmux("capture-pane", "-p", "-e", "-S", `-${SCROLLED_BACK_LINES}`);
  }

  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", "--", text);
  }

  /** @param keys - As tmux calls them, such as `Enter`, `Escape` and `C-c`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** What the program ended with; undefined while it runs. */
  async exitCode(): Promise<number | undefined> {
    return exitCodeIn(await this.text());
  }

  /**
   * Wait for something to be seen.
   *
   * @throws Error - It is not, within that time or before the program ends; the message says `what`.
   */
  async see(pattern: RegExp | ((text: string) => boolean), what: string, deadlineMs: number): Promise<string> {
    const isThere = (text: string): boolean => (typeof pattern === "function" ? pattern(text) : pattern.test(text));
    const seen = await until(
      async () => {
        const text = await this.text();
        if (isThere(text)) return { text };
        const code = exitCodeIn(text);
        return code === undefined ? undefined : { code };
      },
      { deadlineMs, intervalMs: 50, what },
    );
    if (seen.text === undefined) throw new Error(`the program ended with ${seen.code} before ${what} was seen`);
    return seen.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#keeper.exitCode === null && this.#keeper.signalCode === null) {
      const gone = once(this.#keeper, "exit");
      this.#keeper.ref();
      this.#keeper.stdin?.end();
      await gone;
    }
    await this.#stack.disposeAsync();
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await run("tmux", ["-S", this.#socket, ...args], { maxBuffer: 2 ** 26 });
    return stdout;
  }
}

function exitCodeIn(text: string): number | undefined {
  const code = ENDED.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
