import { writeFile } from "node:fs/promises";
import { connect } from "@holdfast/exec-client";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, Cli, holdfast, lines } from "../support/cli.ts";
import { runsPlace } from "../support/runs.ts";
import { sharedServer } from "../support/shared-server.ts";

/** In a terminal of its own, whose keys are what is written to its stdin. */
function inTerminal(words: readonly string[], env: Readonly<Record<string, string>> = {}): Cli {
  const script = '"$@"; echo "code $?"';
  const args = ["exec", "--tty", "--", "sh", "-c", script, "sh", process.execPath, BIN, ...words];
  return new Cli(args, { stdin: "open-pipe", env });
}

function shown(cli: Cli): string {
  return cli.stdout.toString().replaceAll("\r", "");
}

function shows(cli: Cli, text: string): Promise<unknown> {
  return until(() => shown(cli).includes(text), { deadlineMs: 20_000 });
}

/** An agent with a terminal of its own on an executor. */
async function agent(script: string) {
  const { url } = await sharedServer({ args: ["--session-ttl", "60"] });
  const executor = await connect(url, { terminateOnClose: true });
  const terminal = await executor.processes.start({
    argv: ["sh", "-c", script],
    terminal: { rows: 25, columns: 81 },
  });
  return { url, executor, terminal, id: executor.sessionId, [Symbol.asyncDispose]: () => executor.close() };
}

describe("attach --watch", () => {
  test("reads along while another client has the run, many at once, and ends as it does", {
    timeout: 60_000,
  }, async () => {
    await using place = await runsPlace();
    const go = place.folder.join("go");
    const id = await place.detach(`echo one; until [ -e ${go} ]; do sleep 0.02; done; echo two >&2; exit 6`);
    await using owner = new Cli(["attach", id], { env: place.env });
    await until(() => owner.stdout.toString() === "one\n");
    await using first = new Cli(["attach", id.slice(0, 8), "--watch"], { env: place.env });
    await using second = new Cli(["attach", id, "--watch", "--url", place.url], { env: place.env });
    for (const cli of [first, second]) await until(() => cli.stdout.toString() === "one\n");
    expect((await holdfast(["exec", "--", "touch", go])).code).toBe(0);
    for (const cli of [owner, first, second]) {
      const { code, stdout, stderr } = await cli.result();
      expect({ code, out: stdout.toString(), stderr }).toEqual({ code: 6, out: "one\n", stderr: "two\n" });
    }
  });

  test("SIGINT leaves, with 130, and touches nothing; kill reaches a run that another client has", async () => {
    await using place = await runsPlace();
    const id = await place.detach("trap 'echo term; exit 7' TERM; echo on; while :; do sleep 0.02; done");
    await using owner = new Cli(["attach", id], { env: place.env });
    await until(() => owner.stdout.toString() === "on\n");
    await using reader = new Cli(["attach", id, "--watch"], { env: place.env });
    await until(() => reader.stdout.toString() === "on\n");
    reader.child.kill("SIGINT");
    expect((await reader.result()).code).toBe(130);
    expect((await holdfast(["kill", id], { env: place.env })).code).toBe(0);
    const { code, stdout } = await owner.result();
    expect([code, stdout.toString()]).toEqual([7, "on\nterm\n"]);
  });

  test.each([
    [["--watch"], "has no run nosuch-run, or no longer"],
    [["--process", "x"], "--process goes with --watch and --take-over only"],
  ])("%j: %s", async (words, text) => {
    const { url } = await sharedServer({ args: ["--session-ttl", "60"] });
    const { code, stderr } = await holdfast(["attach", "nosuch-run", "--url", url, ...words]);
    expect([code, lines(stderr)]).toEqual([255, [expect.stringContaining(text)]]);
  });

  test("asks which process of a session that has several", async () => {
    await using place = await agent("echo first; sleep 60");
    await place.executor.processes.start({ argv: ["sh", "-c", "echo second; sleep 60"], processId: "other" });
    const words = ["attach", place.id, "--url", place.url, "--watch"];
    const { code, stderr } = await holdfast(words);
    expect([code, lines(stderr)]).toEqual([255, [expect.stringMatching(/several: .*, other; --process takes one$/)]]);
    await using cli = new Cli([...words, "--process", "other"]);
    await until(() => cli.stdout.toString() === "second\n");
  });
});

describe("attach --take-over", () => {
  const ECHOES = "stty -echo; echo ready; while read line; do echo got $line of $(stty size); done";

  test("types into an agent's terminal, and gives it back", { timeout: 60_000 }, async () => {
    await using place = await agent(ECHOES);
    const changes: boolean[] = [];
    const hearing = (async () => {
      for await (const isTaken of place.terminal.inputChanges()) changes.push(isTaken);
    })();
    hearing.catch(() => {});
    await using person = inTerminal(["attach", place.id, "--url", place.url, "--take-over"]);
    await shows(person, "ready\n");
    await shows(person, "the input is taken; Enter, ~. gives it back");
    await until(() => changes.at(-1) === true);
    await place.terminal.write("from the agent\n");
    person.child.stdin?.write("by hand\n");
    await shows(person, "got by hand of 24 80\n");
    person.child.stdin?.write("~.");
    await shows(person, "code 0\n");
    expect(shown(person)).not.toContain("from the agent");
    await until(() => changes.at(-1) === false);
    expect(changes).toEqual([false, true, false]);
    for await (const line of place.terminal.lines()) if (line === "got from the agent of 25 81") break;
  });

  test("is refused while somebody else has it, and given back at the end of a stdin that is no terminal", {
    timeout: 60_000,
  }, async () => {
    await using place = await runsPlace();
    await using owner = inTerminal(["exec", "--tty", "--url", place.url, "--", "sh", "-c", ECHOES], place.env);
    await shows(owner, "ready\n");
    await using executor = await connect(place.url);
    owner.child.stdin?.write("~d");
    await shows(owner, "it runs on: ");
    const [, id = ""] = /`holdfast attach (\S+)`/.exec(shown(owner)) ?? [];
    const args = ["attach", id, "--url", place.url, "--take-over"];
    await using first = inTerminal(args, place.env);
    await shows(first, "the input is taken");
    const second = await holdfast(args, { env: place.env, stdin: "x" });
    expect([second.code, lines(second.stderr)]).toEqual([
      255,
      [expect.stringContaining("another client has taken the input")],
    ]);
    first.child.stdin?.write("~d");
    await shows(first, "code 0\n");
    // A stdin that is no terminal: typed, and given back at its end.
    await using piped = new Cli(args, { env: place.env, stdin: "by a script\n" });
    await until(() => piped.stdout.includes("got by a script"));
    const watched = await executor.processes.watch({ sessionId: id });
    await until(async () => {
      for await (const _ of watched.events()) break;
      return watched.inputHolder === "owner";
    });
    expect(await watched.kill("SIGKILL")).toBe(true);
    expect((await piped.result()).code).not.toBe(0);
  });

  test("is refused where the program that started the run sends its input, which may be half of a whole", async () => {
    const { url } = await sharedServer({ args: ["--session-ttl", "60"] });
    await using executor = await connect(url, { terminateOnClose: true });
    // As `exec` calls it.
    const process = await executor.processes.start({ argv: ["cat"], stdin: "pipe", processId: "framed-run" });
    const args = ["attach", executor.sessionId, "--url", url, "--take-over"];
    const { code, stderr } = await holdfast(args, { stdin: "two\n" });
    expect([code, lines(stderr)]).toEqual([255, [expect.stringContaining("--watch reads along")]]);
    await process.write("one\n");
    await process.closeStdin();
    let text = "";
    for await (const piece of process.stdoutText) text += piece;
    expect(text).toBe("one\n");
  });

  test("ends as the command does, also when more is typed than it has taken", { timeout: 60_000 }, async () => {
    await using folder = await tempDir();
    const { url } = await sharedServer({ args: ["--session-ttl", "60"] });
    await using executor = await connect(url, { terminateOnClose: true });
    // What it leaves behind holds its output, so that it is followed for longer than it runs.
    const script = `read -r line; echo got $line; { until [ -e '${folder.join("go")}' ]; do sleep 0.02; done; } & exit 6`;
    const process = await executor.processes.start({ argv: ["sh", "-c", script], stdin: "pipe" });
    const args = ["attach", executor.sessionId, "--url", url, "--take-over"];
    await using person = new Cli(args, { stdin: "open-pipe" });
    person.child.stdin?.write("one\n");
    await until(() => person.stdout.toString() === "got one\n");
    expect((await process.exited).exitCode).toBe(6);
    person.child.stdin?.end("two\n");
    await writeFile(folder.join("go"), "");
    expect(await person.result()).toMatchObject({ code: 6, stderr: "" });
  });

  test("is told in the terminal of the one who has it", { timeout: 60_000 }, async () => {
    await using place = await runsPlace();
    const id = await place.detach(ECHOES, ["--tty"]);
    await using owner = inTerminal(["attach", id], place.env);
    await shows(owner, "ready\n");
    await using executor = await connect(place.url);
    const watched = await executor.processes.watch({ sessionId: id });
    await using taken = await watched.takeInput();
    await shows(owner, "another client types now: what is typed here waits");
    owner.child.stdin?.write("mine\n");
    await taken.write("theirs\n");
    await shows(owner, "got theirs of");
    expect(shown(owner)).not.toContain("got mine");
    await taken.giveBack();
    await shows(owner, "got mine of");
    await shows(owner, "the input is yours again");
    expect(await watched.kill("SIGKILL")).toBe(true);
  });
});
