import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect, type RunningProcess } from "@holdfast/exec-client";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, holdfast, lines, serve, testEnvironment } from "../support/cli.ts";

/** `holdfast shell` in a terminal of 30 rows and 100 columns, and what it shows there. */
async function inTerminal(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const far = await serve();
  const executor = await connect(far.url, { terminateOnClose: true });
  const argv = [
    "sh",
    "-c",
    '"$@"; echo "ended with $?"; stty -a; echo over',
    "sh",
    process.execPath,
    BIN,
    "shell",
    ...words,
  ];
  const terminal: RunningProcess = await executor.processes.start({
    argv,
    env: { ...definedOnly(testEnvironment()), ...env },
    terminal: { rows: 30, columns: 100 },
  });
  let shown = "";
  const reading = (async () => {
    for await (const text of terminal.stdoutText) shown += text.replaceAll("\r", "");
  })();
  reading.catch(() => {});
  return {
    terminal,
    type: (keys: string) => terminal.write(keys),
    shows: (text: string | RegExp) =>
      until(() => (typeof text === "string" ? shown.includes(text) : text.test(shown)), { deadlineMs: 20_000 }),
    get shown() {
      return shown;
    },
    async [Symbol.asyncDispose]() {
      await executor.close();
      await far[Symbol.asyncDispose]();
    },
  };
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** An executor whose user has a home of its own, with a shell that shows a prompt that is easily found. */
async function home() {
  const folder = await tempDir();
  await mkdir(folder.join("home"));
  await writeFile(folder.join("home/.profile"), "PS1='prompt> '; LOGGED_IN=yes\n");
  const server = await serve({ env: { HOME: folder.join("home"), SHELL: "/bin/sh" } });
  return {
    folder,
    url: server.url,
    home: folder.join("home"),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("a shell", () => {
  test("is a login shell in the home folder there, of this terminal's kind and size, and ends as it does", async () => {
    await using far = await home();
    const env = { TERM: "xterm-256color", COLORTERM: "truecolor", NO_COLOR: "1" };
    await using place = await inTerminal(["--url", far.url, "--env", "WORD=given"], env);
    await place.shows(/[$#>] $/);
    await place.type(
      'echo "in $PWD, $(stty size), $TERM $COLORTERM $NO_COLOR $WORD"; case $- in *i*) echo inter"active";; esac\r',
    );
    await place.shows(`in ${far.home}, 30 100, xterm-256color truecolor 1 given`);
    await place.shows("interactive");
    await place.terminal.resize({ rows: 31, columns: 101 });
    await place.type('until [ "$(stty size)" = "31 101" ]; do :; done; echo now "31"x101\r');
    await place.shows("now 31x101");
    await place.type("exit 7\r");
    await place.shows("over");
    expect(place.shown).toContain("ended with 7\n");
    expect(place.shown).toMatch(/[^-]icanon/);
  });

  test("gets ctrl-C, ctrl-Z and ctrl-\\ as keys", { timeout: 60_000 }, async () => {
    await using far = await home();
    await using place = await inTerminal(["--url", far.url, "--cwd", "/"]);
    await place.shows(/[$#>] $/);
    for (const [index, [key, after]] of [
      ["\u0003", /now1 $/],
      ["\u001c", /now2 $/],
      ["\u001a", /(?:Stopped|Suspended|suspended)[\s\S]*now3 $/],
    ].entries()) {
      // Typed only once it runs: at a prompt, each key means something else.
      await place.type(`PS1="now$((${index}+1)) "; sh -c 'echo run$((0+${index}))ning; exec sleep 600'\r`);
      await place.shows(`run${index}ning`);
      await place.type(String(key));
      await place.shows(after ?? "");
    }
    await place.type("kill %1; echo $((40+2)) $PWD\r");
    await place.shows("42 /\n");
    await place.type("exit\r");
    await place.shows("over");
  });

  test("takes a paste of 1 MiB as it is, escapes among it", { timeout: 60_000 }, async () => {
    await using far = await home();
    await using place = await inTerminal(["--url", far.url]);
    const line = `${"~.".padEnd(60, "paste")}\n~d\n~.\n`;
    const paste = line.repeat(Math.ceil(1_048_576 / line.length)).slice(0, 1_048_576);
    const file = far.folder.join("pasted");
    await place.type(`stty raw -echo; echo rea"dy"; head -c ${paste.length} >${file}; stty sane; echo do"ne"\r`);
    await place.shows("ready");
    await place.type(paste);
    await place.shows("done");
    const digest = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
    expect(digest(await readFile(file))).toBe(digest(paste));
    await place.type("\rexit 3\r");
    await place.shows("ended with 3");
  });
});

test("what is wrong of the shell's own is told with 255", async () => {
  for (const [args, text] of [
    [["--url", "ws://127.0.0.1:1"], "cannot connect"],
    [["extra"], "unexpected argument 'extra'"],
    [["--cwd", "/no/such/folder"], "there is no folder"],
  ] as const) {
    const { code, stderr } = await holdfast(["shell", ...args]);
    expect([code, lines(stderr).length]).toEqual([args[0] === "--cwd" ? 127 : 255, 1]);
    expect(stderr).toContain(text);
  }
});
