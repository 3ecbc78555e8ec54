import { BadLine, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli } from "../support/cli.ts";
import { runsPlace } from "../support/runs.ts";
import { sharedServer } from "../support/shared-server.ts";

/**
 * Stands for the shell that started the program: tells its exit code, and shows what it would find in the terminal, with
 * a line that was not finished.
 */
const THEN_SHOW_THE_REST = 'stty echo; "$@"; echo "code $?"; stty -icanon -echo min 0 time 3; echo "left <$(cat)>"';

/** In a terminal of its own, whose keys are what is written to its stdin. */
function inTerminal(words: readonly string[], env: Readonly<Record<string, string>> = {}): Cli {
  const args = ["exec", "--tty", "--", "sh", "-c", THEN_SHOW_THE_REST, "sh", process.execPath, BIN, ...words];
  return new Cli(args, { stdin: "open-pipe", env });
}

function isOver(cli: Cli): Promise<unknown> {
  return until(() => cli.stdout.includes("left <"), { deadlineMs: 20_000 });
}

function shown(cli: Cli): string {
  return cli.stdout.toString().replaceAll("\r", "");
}

describe("keys that were typed for a command do not stay for the shell here", () => {
  test.each([
    ["exec", ["--tty"]],
    ["exec", []],
  ] as const)("when the line is given up: %s %j", async (name, flags) => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    const words = [name, "--url", line.url, "--recover-for", "0.5", ...flags, "--", "sh", "-c", "echo ready; exec cat"];
    await using cli = inTerminal(words);
    await until(() => cli.stdout.includes("ready"));
    line.stall();
    cli.child.stdin?.write("one\n");
    cli.child.stdin?.write("two\n");
    line.refuse();
    line.cut();
    await until(() => line.refusedCount > 0);
    cli.child.stdin?.write("touch here\nunfinished");
    await isOver(cli);
    expect(shown(cli)).toMatch(/code 255\n/);
    expect(shown(cli)).toContain("left <>");
  });

  test.each(["SIGTERM", "SIGHUP"] as const)("at %s", async (signal) => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    const script = "echo ready; exec cat";
    // Its own id goes out first: what is to be ended is the program, not the shell around it.
    const starter = ["-c", 'echo "pid $$"; exec "$@"', "sh", process.execPath, BIN];
    const words = ["exec", "--url", line.url, "--tty", "--", "sh", "-c", script];
    const args = ["exec", "--tty", "--", "sh", "-c", THEN_SHOW_THE_REST, "sh", "sh", ...starter, ...words];
    await using cli = new Cli(args, { stdin: "open-pipe" });
    await until(() => cli.stdout.includes("ready"));
    line.stall();
    cli.child.stdin?.write("one\n");
    cli.child.stdin?.write("touch here\n");
    process.kill(Number(/pid (\d+)/.exec(shown(cli))?.[1]), signal);
    await isOver(cli);
    expect(shown(cli)).toContain("left <>");
  });

  test("when a run is let go because its line is gone", async () => {
    await using place = await runsPlace();
    await using line = await BadLine.to(place.url);
    const id = await place.detach("echo ready; exec cat", ["--tty"]);
    await using cli = inTerminal(["attach", id, "--url", line.url, "--recover-for", "0.5"], place.env);
    await until(() => cli.stdout.includes("ready"));
    line.stall();
    cli.child.stdin?.write("one\n");
    line.refuse();
    line.cut();
    await until(() => line.refusedCount > 0);
    cli.child.stdin?.write("touch here\n");
    await isOver(cli);
    expect(shown(cli)).toContain("left <>");
  });

  test("nor the news that the line is lost, and how long it has been tried for", async () => {
    const server = await sharedServer();
    await using line = await BadLine.to(server.url);
    const words = ["exec", "--url", line.url, "--recover-for", "60", "--", "sh", "-c", "echo ready; read word; exit 5"];
    await using cli = inTerminal(words);
    await until(() => cli.stdout.includes("ready"));
    line.refuse();
    line.cut();
    await until(() => /holdfast exec: line lost, trying for \d+ s of 60 s/.test(shown(cli)));
    line.admit();
    await until(() => /holdfast exec: the line is back after \d+ s/.test(shown(cli)));
    cli.child.stdin?.write("word\n");
    await isOver(cli);
    expect(shown(cli)).toMatch(/code 5\n/);
  });

  test("and the terminal collects lines again, and shows what is typed", async () => {
    const server = await sharedServer();
    const script = '"$@"; stty -a; echo "left <>"';
    const words = [process.execPath, BIN, "exec", "--url", server.url, "--tty", "--", "true"];
    await using cli = new Cli(["exec", "--tty", "--", "sh", "-c", script, "sh", ...words], { stdin: "open-pipe" });
    await isOver(cli);
    expect(shown(cli)).toMatch(/[^-]icanon/);
    expect(shown(cli)).toMatch(/[^-]echo /);
  });
});
