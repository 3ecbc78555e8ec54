import { BadLine, isAlive, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli, holdfast } from "../support/cli.ts";
import { runsPlace, statesOf } from "../support/runs.ts";
import { sharedServer } from "../support/shared-server.ts";

/** Stands for the shell that started the program: tells its exit code, and what it would find in the terminal. */
const STARTING = 'stty echo; "$@"; echo "code $?"; stty -icanon -echo min 0 time 3; echo "left <$(cat)>"';

/** In a terminal of its own, whose keys are what is written to its stdin. */
function inTerminal(words: readonly string[], env: Readonly<Record<string, string>> = {}): Cli {
  const args = ["exec", "--tty", "--", "sh", "-c", STARTING, "sh", process.execPath, BIN, ...words];
  return new Cli(args, { stdin: "open-pipe", env });
}

function shown(cli: Cli): string {
  return cli.stdout.toString().replaceAll("\r", "");
}

function shows(cli: Cli, text: string | RegExp): Promise<unknown> {
  return until(() => (typeof text === "string" ? shown(cli).includes(text) : text.test(shown(cli))), {
    deadlineMs: 20_000,
  });
}

describe("at the start of a line in a terminal", () => {
  test("~. quits and ends the command", async () => {
    const server = await sharedServer();
    const words = ["exec", "--tty", "--url", server.url, "--", "sh", "-c", "echo pid $$; exec cat"];
    await using cli = inTerminal(words);
    await shows(cli, /pid \d+\n/);
    const pid = Number(/pid (\d+)/.exec(shown(cli))?.[1]);
    cli.child.stdin?.write("some ~. words\n");
    await shows(cli, "some ~. words\nsome ~. words\n");
    cli.child.stdin?.write("~");
    cli.child.stdin?.write(".");
    await shows(cli, "left <>");
    expect(shown(cli)).toContain("code 255\n");
    expect(isAlive(pid)).toBe(false);
  });

  test("~d leaves it running, and tells the ID by which it is taken up", { timeout: 60_000 }, async () => {
    await using place = await runsPlace();
    await using cli = inTerminal(
      ["exec", "--tty", "--url", place.url, "--", "sh", "-c", "echo on; exec cat"],
      place.env,
    );
    await shows(cli, "on\n");
    cli.child.stdin?.write("~d");
    await shows(cli, "left <>");
    expect(shown(cli)).toContain("code 0\n");
    const [, id = ""] = /it runs on: `holdfast attach (\S+)`/.exec(shown(cli)) ?? [];
    expect(await statesOf(place)).toEqual({ [id]: "running" });
    await using again = inTerminal(["attach", id], place.env);
    await shows(again, "on\n");
    again.child.stdin?.write("more\n");
    await shows(again, "more\nmore\n");
    again.child.stdin?.write("~.");
    await shows(again, "left <>");
    expect(shown(again)).toContain("code 0\n");
    expect(await statesOf(place)).toEqual({ [id]: "running" });
    expect((await holdfast(["kill", id, "-s", "KILL"], { env: place.env })).code).toBe(0);
  });

  test("~d of what ends with this program says so, ~? tells what there is, and ~~ is one", async () => {
    await using cli = inTerminal(["exec", "--tty", "--", "sh", "-c", "stty -echo; echo on; exec cat"]);
    await shows(cli, "on\n");
    cli.child.stdin?.write("~d");
    await shows(cli, "it can not be left running: it ends with this program\n");
    cli.child.stdin?.write("~?");
    await shows(cli, "~~  ~ itself\n");
    expect(shown(cli)).not.toContain("~d  ");
    cli.child.stdin?.write("~~x\n");
    await shows(cli, "\n~x\n");
    cli.child.stdin?.write("\u0004");
    await shows(cli, "left <>");
    expect(shown(cli)).toContain("code 0\n");
  });

  test("--escape takes another character, or none", { timeout: 60_000 }, async () => {
    await using none = inTerminal([
      "exec",
      "--tty",
      "--escape",
      "none",
      "--",
      "sh",
      "-c",
      "stty -echo; echo on; exec cat",
    ]);
    await shows(none, "on\n");
    none.child.stdin?.write("~.\n");
    await shows(none, "\n~.\n");
    none.child.stdin?.write("\u0004");
    await shows(none, "code 0\n");
    await using other = inTerminal(["exec", "--tty", "--escape=%", "--", "sh", "-c", "stty -echo; echo on; exec cat"]);
    await shows(other, "on\n");
    other.child.stdin?.write("~.\n");
    await shows(other, "\n~.\n");
    other.child.stdin?.write("%.");
    await shows(other, "code 255\n");
    const { code, stderr } = await holdfast(["exec", "--tty", "--escape", "~~", "--", "true"]);
    expect([code, stderr]).toEqual([255, expect.stringContaining("--escape must be one ASCII character, or none")]);
  });

  test("~. quits at once while there is no line, tells the ID, and nothing that was typed is left", async () => {
    await using place = await runsPlace();
    await using line = await BadLine.to(place.url);
    const words = ["exec", "--tty", "--url", line.url, "--recover-for", "600", "--", "sh", "-c", "echo on; exec cat"];
    await using cli = inTerminal(words, place.env);
    await shows(cli, "on\n");
    line.refuse();
    line.cut();
    await until(() => line.refusedCount > 0);
    cli.child.stdin?.write("touch here\n");
    await shows(cli, /line lost, trying for \d+ s of 600 s; Enter, ~\. quits, ~d leaves it running/);
    cli.child.stdin?.write("~.");
    await shows(cli, "left <>");
    expect(shown(cli)).toMatch(/the command may still be running there: `holdfast attach \S+`[\s\S]*code 255\n/);
  });
});
