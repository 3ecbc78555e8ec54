import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { until } from "@holdfast/testkit";

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

/** A program on a terminal of its own, in a tmux server of its own. Both are gone when disposed. */
export class Terminal implements AsyncDisposable {
  readonly #socket = `holdfast-${randomUUID()}`;

  static async open({ argv, cwd, env }: TerminalProgram): Promise<Terminal> {
    const terminal = new Terminal();
    const variables = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    // What it wrote is still to be read after its end.
    const line = `${argv.map(quoted).join(" ")}; e=$?; trap '' INT; echo; echo "[ended $e]"; exec sleep 86400`;
    const size = ["-x", String(COLUMNS), "-y", String(ROWS)];
    await terminal.#tmux("-f", "/dev/null", "new-session", "-d", ...size, "-c", cwd, ...variables, line);
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
    await this.#tmux("kill-server").catch(() => {});
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const { stdout } = await run("tmux", ["-L", this.#socket, ...args], { maxBuffer: 2 ** 26 });
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
