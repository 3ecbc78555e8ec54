import { fileURLToPath } from "node:url";
import { connect } from "@holdfast/exec-client";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN } from "../support/cli.ts";
import { sharedServer } from "../support/shared-server.ts";

const SDK_PROGRAM = fileURLToPath(new URL("../support/attach-terminal.ts", import.meta.url));

/** Tells its size when it starts and at every change, and what is typed. */
const TELLS_ITS_SIZE =
  'trap \'echo "now $(stty size)"\' WINCH; echo "first $(stty size)"; until read word; do :; done; echo "got $word"; exit 7';

/** Stands for the shell that starts a program. */
const STARTING = '"$@"; echo "code $?"; stty -a; echo over';

/** A program in a terminal of 30 rows and 100 columns, and what it shows there. */
async function inTerminal(words: readonly string[]) {
  const executor = await connect((await sharedServer()).url, { terminateOnClose: true });
  const argv = ["sh", "-c", STARTING, "sh", process.execPath, ...words];
  const terminal = await executor.processes.start({ argv, terminal: { rows: 30, columns: 100 } });
  let shown = "";
  const reading = (async () => {
    for await (const text of terminal.stdoutText) shown += text.replaceAll("\r", "");
  })();
  reading.catch(() => {});
  return {
    terminal,
    shows: (text: string) => until(() => shown.includes(text), { deadlineMs: 20_000 }),
    get shown() {
      return shown;
    },
    [Symbol.asyncDispose]: () => executor.close(),
  };
}

describe("the terminal of a command has the size of the one that shows it", () => {
  test.each([
    ["exec --tty", async () => [BIN, "exec", "--url", (await sharedServer()).url, "--tty", "--"]],
    ["exec --tty, inside this process", async () => [BIN, "exec", "--tty", "--"]],
    ["attachTerminal", async () => [SDK_PROGRAM, (await sharedServer()).url]],
  ])("from the start, and when that changes: %s", async (_, program) => {
    await using place = await inTerminal([...(await program()), "sh", "-c", TELLS_ITS_SIZE]);
    await place.shows("30 100");
    await place.terminal.resize({ rows: 31, columns: 101 });
    await place.shows("now 31 101");
    await place.terminal.write("word\n");
    await place.shows("over");
    expect(place.shown).toContain("got word");
    // The terminal here is as it was before.
    expect(place.shown).toMatch(/[^-]icanon/);
    expect(place.shown).toMatch(/[^-]echo /);
  });

  test("attachTerminal tells how it ended, exec ends the same", async () => {
    const { url } = await sharedServer();
    await using sdk = await inTerminal([SDK_PROGRAM, url, "sh", "-c", "exit 7"]);
    await sdk.shows("over");
    expect(sdk.shown).toContain("ended with 7\n");
    await using exec = await inTerminal([BIN, "exec", "--url", url, "--tty", "--", "sh", "-c", "stty size; exit 7"]);
    await exec.shows("over");
    expect(exec.shown).toMatch(/30 100\n.*code 7\n/s);
  });
});
