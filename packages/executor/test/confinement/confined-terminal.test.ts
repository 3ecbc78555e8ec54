import { describe, expect, test } from "vitest";
import { Line } from "../wire/line.ts";
import { canConfine, confinedTo, special, type Workspace, workspace, workspaceWrite } from "./sandbox.ts";

function exitOf(line: Line, id: string) {
  return line.of(id).find(({ method }) => method === "process/exited")?.params;
}

/** A confined command on a terminal, and hands at its keyboard. */
class Typist implements AsyncDisposable {
  readonly line: Line;
  readonly #folder: Workspace;
  #writes = 0;

  private constructor(line: Line, folder: Workspace) {
    this.line = line;
    this.#folder = folder;
  }

  static async before(argv: readonly string[], sandboxFor = workspaceWrite): Promise<Typist> {
    const folder = workspace();
    const line = await Line.ready();
    const env = { PATH: "/usr/bin:/bin", PS1: "ready> ", TERM: "dumb" };
    await line.start("p", argv, { cwd: folder.uri, sandbox: sandboxFor(folder.path), tty: true, env });
    return new Typist(line, folder);
  }

  get screen(): string {
    return this.line.text("p");
  }

  async shows(text: string | RegExp): Promise<void> {
    await this.line.when(() => (typeof text === "string" ? this.screen.includes(text) : text.test(this.screen)));
  }

  async types(keys: string): Promise<void> {
    this.#writes += 1;
    const chunk = Buffer.from(keys).toString("base64");
    await this.line.call("process/write", { processId: "p", writeId: `w${this.#writes}`, chunk });
  }

  async exitCode(): Promise<unknown> {
    await this.line.when(() => this.line.isClosed("p"));
    return exitOf(this.line, "p")?.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line.executor.close();
    this.#folder[Symbol.dispose]();
  }
}

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_Z = "\x1a";

function wholeDisk(path: string) {
  return confinedTo(path, [special("root", "write")]);
}

describe.skipIf(!canConfine)("a confined command on a terminal", () => {
  test.each([
    ["its workspace", workspaceWrite],
    ["the whole disk", wholeDisk],
  ])("with %s hears Ctrl-C itself and goes on", async (_, sandboxFor) => {
    const script = 'trap "echo got; exit 42" INT; echo ready; while :; do sleep 0.05; done';
    await using typist = await Typist.before(["sh", "-c", script], sandboxFor);
    await typist.shows("ready");
    await typist.types(CTRL_C);
    expect(await typist.exitCode()).toBe(42);
    expect(typist.screen).toContain("got");
  });

  test("runs its trap when the program in front of it dies of Ctrl-C", async () => {
    const script = `trap "echo got" INT; sh -c "echo ready; exec sleep 100"; echo status $?`;
    await using typist = await Typist.before(["sh", "-c", script]);
    await typist.shows("ready");
    await typist.types(CTRL_C);
    expect(await typist.exitCode()).toBe(0);
    expect(typist.screen).toMatch(/got\r\nstatus 130/);
  });

  test("ends with 130 when it dies of Ctrl-C", async () => {
    await using typist = await Typist.before(["sh", "-c", "echo ready; exec sleep 100"]);
    await typist.shows("ready");
    await typist.types(CTRL_C);
    expect(await typist.exitCode()).toBe(130);
  });

  test("is interrupted by the client as by the key", async () => {
    const script = 'trap "echo got; exit 42" INT; echo ready; while :; do sleep 0.05; done';
    await using typist = await Typist.before(["sh", "-c", script]);
    await typist.shows("ready");
    await typist.line.call("process/signal", { processId: "p", signal: "interrupt" });
    expect(await typist.exitCode()).toBe(42);
  });

  test("can be a shell with job control", async () => {
    await using typist = await Typist.before(["bash", "--norc", "--noprofile", "-i"]);
    await typist.shows("ready> ");
    expect(typist.screen).not.toContain("no job control");
    // What is typed is shown as well; the quotes tell it from what is written.
    await typist.types("sh -c 'echo sta\"\"rted; exec sleep 100'\r");
    await typist.shows("started");
    await typist.types(CTRL_Z);
    await typist.shows("Stopped");
    await typist.types("jobs; echo $((40 + 2)); kill %1\r");
    await typist.shows(/\[1\]\+\s+Stopped[\s\S]*42/);
    await typist.types("sh -c 'echo beg\"\"un; exec sleep 101'\r");
    await typist.shows("begun");
    await typist.types(CTRL_C);
    await typist.types("echo code $?\r");
    await typist.shows("code 130");
    await typist.types("exit 7\r");
    expect(await typist.exitCode()).toBe(7);
  });

  test("knows the size of its terminal and can change its settings", async () => {
    const script = "stty size; stty -echo; stty -a | grep -o -- '-echo '; tty";
    await using typist = await Typist.before(["sh", "-c", script]);
    expect(await typist.exitCode()).toBe(0);
    expect(typist.screen).toMatch(/^24 80\r\n-echo \r\n/);
  });

  test("reads to the end of its input at Ctrl-D", async () => {
    await using typist = await Typist.before(["sh", "-c", "echo ready; cat; echo end"]);
    await typist.shows("ready");
    await typist.types(`word\r${CTRL_D}`);
    expect(await typist.exitCode()).toBe(0);
    expect(typist.screen).toMatch(/word\r\nword\r\nend\r\n$/);
  });

  test("owns it: it can open it by its general name, and leads its session", async () => {
    const script = "echo named >/dev/tty; cut -d' ' -f4,6 /proc/$$/stat; echo $$";
    await using typist = await Typist.before(["sh", "-c", script]);
    expect(await typist.exitCode()).toBe(0);
    // Its parent is process 1 of the sandbox, and the session is its own.
    expect(typist.screen).toMatch(/^named\r\n1 (\d+)\r\n\1\r\n$/);
  });

  test("can not type into it", async () => {
    const program =
      "import fcntl,termios\ntry:\n fcntl.ioctl(0,termios.TIOCSTI,b'x')\n print('typed')\nexcept OSError as e:\n print(e)";
    await using typist = await Typist.before(["python3", "-c", program]);
    expect(await typist.exitCode()).toBe(0);
    expect(typist.screen).toContain("[Errno 1] Operation not permitted");
  });
});
