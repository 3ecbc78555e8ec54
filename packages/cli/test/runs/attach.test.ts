import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { BadLine, isAlive, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, everyByte, holdfast, lines } from "../support/cli.ts";
import { runsPlace, statesOf } from "../support/runs.ts";

const isRoot = process.getuid?.() === 0;

describe("a run that was left running", () => {
  test("is taken up by another program, byte for byte, with its exit code, and then forgotten", async () => {
    await using place = await runsPlace();
    const bytes = everyByte(600_000);
    await writeFile(place.folder.join("bytes"), bytes);
    const script = `cd ${place.folder.path}; cat bytes; echo err >&2; touch half; until [ -e go ]; do sleep 0.02; done; cat bytes; exit 9`;
    const id = await place.detach(script);
    await until(() => existsSync(place.folder.join("half")));
    await using cli = new Cli(["attach", id.slice(0, 4)], { env: place.env });
    await until(() => cli.stdout.length === bytes.length);
    await writeFile(place.folder.join("go"), "");
    const { code, stdout, stderr } = await cli.result();
    expect({ code, stderr }).toEqual({ code: 9, stderr: "err\n" });
    expect(stdout.equals(Buffer.concat([bytes, bytes]))).toBe(true);
    expect(await statesOf(place)).toEqual({});
  });

  test("is taken up from a machine that has no record of it, by its ID and URL", async () => {
    await using place = await runsPlace();
    const id = await place.detach("echo out; exit 3");
    const { code, stdout } = await holdfast(["attach", id, "--url", place.url], {
      env: { XDG_STATE_HOME: place.folder.join("elsewhere") },
    });
    expect([code, stdout.toString()]).toEqual([3, "out\n"]);
  });

  test("its line may be cut meanwhile", async () => {
    await using place = await runsPlace();
    await using line = await BadLine.to(place.url);
    const id = await place.detach("i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo l$i; sleep 0.02; done; exit 2");
    await using cli = new Cli(["attach", id, "--url", line.url], { env: place.env });
    for (const mark of ["l10\n", "l30\n"]) {
      await until(() => cli.stdout.includes(mark));
      line.cut();
    }
    const { code, stdout, stderr } = await cli.result();
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(stdout.toString()).toBe(Array.from({ length: 60 }, (_, index) => `l${index + 1}\n`).join(""));
  });

  test("finds its stdin at its end", async () => {
    await using place = await runsPlace();
    const id = await place.detach("wc -c");
    const { stdout } = await holdfast(["attach", id], { env: place.env });
    expect(stdout.toString().trim()).toBe("0");
  });

  test("in a terminal takes keys from whoever is attached; an empty stdin types nothing", async () => {
    await using place = await runsPlace();
    const id = await place.detach(
      "stty -echo; echo ready; read first; echo got $first; read second; echo got $second",
      ["--tty"],
    );
    await using nobody = new Cli(["attach", id], { env: place.env });
    await until(() => nobody.stdout.includes("ready"));
    nobody.child.kill("SIGHUP");
    expect((await nobody.result()).code).toBe(129);
    await using first = new Cli(["attach", id], { env: place.env, stdin: "open-pipe" });
    first.child.stdin?.write("one\n");
    await until(() => first.stdout.includes("got one"));
    first.child.kill("SIGHUP");
    await first.result();
    await using second = new Cli(["attach", id], { env: place.env, stdin: "open-pipe" });
    second.child.stdin?.write("two\n");
    const { code, stdout } = await second.result();
    expect(code).toBe(0);
    expect(stdout.toString().replaceAll("\r", "")).toMatch(/got one\ngot two\n$/);
  });

  test.each(["SIGHUP", "SIGTERM", "SIGKILL"] as const)(
    "%s of the program that is attached leaves it alive",
    async (signal) => {
      await using place = await runsPlace();
      const id = await place.detach("echo $$; sleep 0.2; sleep 60");
      await using cli = new Cli(["attach", id], { env: place.env });
      await until(() => cli.stdout.includes("\n"));
      const pid = Number(cli.stdout.toString());
      cli.child.kill(signal);
      await cli.result();
      await until(async () => (await statesOf(place))[id] === "running");
      expect(isAlive(pid)).toBe(true);
    },
  );

  test("the first SIGINT of the program that is attached goes to it, the second kills it", async () => {
    await using place = await runsPlace();
    const id = await place.detach("trap 'echo caught' INT; echo ready; while :; do sleep 0.05; done");
    await using cli = new Cli(["attach", id], { env: place.env });
    await until(() => cli.stdout.includes("ready"));
    cli.child.kill("SIGINT");
    await until(() => cli.stdout.includes("caught"));
    cli.child.kill("SIGINT");
    expect((await cli.result()).code).toBe(137);
  });

  test("SIGINT before it is taken up ends the program and not the run", async () => {
    await using place = await runsPlace();
    await using line = await BadLine.to(place.url);
    const id = await place.detach("sleep 60");
    line.stallAfter("up", 1);
    await using cli = new Cli(["attach", id, "--url", line.url], { env: place.env });
    await until(() => line.connectionCount > 0);
    cli.child.kill("SIGINT");
    const { code, stderr } = await cli.result();
    expect(code).toBe(130);
    expect(lines(stderr)).toEqual([expect.stringContaining("interrupted by SIGINT")]);
    expect(await statesOf(place)).toEqual({ [id]: "running" });
  });

  test("nobody who reads the output any more does not end it", async () => {
    await using place = await runsPlace();
    const id = await place.detach("echo $$; while :; do echo y; sleep 0.01; done");
    await using cli = new Cli(["attach", id], { env: place.env });
    await until(() => cli.stdout.includes("\n"));
    cli.child.stdout?.destroy();
    expect((await cli.result()).code).toBe(141);
    await until(async () => (await statesOf(place))[id] === "running");
  });

  test("tells how much is gone when it printed more than is retained", async () => {
    await using place = await runsPlace();
    const id = await place.detach(`head -c 3000000 /dev/zero; touch ${place.folder.join("done")}; echo end`);
    await until(() => existsSync(place.folder.join("done")));
    const { code, stdout, stderr } = await holdfast(["attach", id], { env: place.env });
    expect(code).toBe(0);
    expect(lines(stderr)).toEqual([expect.stringMatching(/^holdfast attach: \d+ pieces of the output gone: .*1 MiB$/)]);
    expect(stdout.length).toBeGreaterThan(500_000);
    expect(stdout.length).toBeLessThanOrEqual(1_048_576);
    expect(stdout.subarray(-4).toString()).toBe("end\n");
  });

  test("of two that take it up at once, one wins and the other is told", async () => {
    await using place = await runsPlace();
    const id = await place.detach(`echo on; until [ -e ${place.folder.join("go")} ]; do sleep 0.02; done; exit 4`);
    await using one = new Cli(["attach", id], { env: place.env });
    await using other = new Cli(["attach", id], { env: place.env });
    const loser = await Promise.race([one, other].map(async (cli) => ({ cli, result: await cli.result() })));
    expect(loser.result.code).toBe(255);
    expect(lines(loser.result.stderr)).toEqual([expect.stringContaining("another client is attached")]);
    await writeFile(place.folder.join("go"), "");
    expect((await (loser.cli === one ? other : one).result()).code).toBe(4);
  });

  test("is gone when it was left alone for too long", async () => {
    await using place = await runsPlace(["--session-ttl", "1"]);
    const id = await place.detach("echo $$ >pid; sleep 60", ["--cwd", place.folder.path]);
    // Only looking would restart its time. A shell makes the file before it writes into it.
    const pid = await until(async () => Number(await readFile(place.folder.join("pid"), "utf8")));
    await until(() => !isAlive(pid));
    const { code, stderr } = await holdfast(["attach", id], { env: place.env });
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringMatching(/has no run .*session-ttl/)]);
  });
});

describe("leaving a run", () => {
  test("needs an executor that outlives this program", async () => {
    const { code, stdout, stderr } = await holdfast(["exec", "--detach", "--", "true"]);
    expect([code, stdout.length]).toEqual([255, 0]);
    expect(lines(stderr)).toEqual([expect.stringMatching(/--detach needs --url: .*ends with it/)]);
  });

  test("has no way to hand on stdin", async () => {
    const { code, stderr } = await holdfast(["exec", "--detach", "--stdin=stream", "--", "true"]);
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringContaining("--stdin=stream does not go with --detach")]);
  });

  test("tells a command that can not be started, and prints no ID", async () => {
    await using place = await runsPlace();
    const args = ["exec", "--detach", "--url", place.url, "--", "no-such-program"];
    const { code, stdout } = await holdfast(args, { env: place.env });
    expect([code, stdout.length]).toEqual([127, 0]);
    expect(await statesOf(place)).toEqual({});
  });

  test("prints the ID also when it can not be recorded", async () => {
    await using place = await runsPlace();
    await writeFile(place.folder.join("file"), "");
    const args = ["exec", "--detach", "--url", place.url, "--", "true"];
    const { code, stdout, stderr } = await holdfast(args, { env: { XDG_STATE_HOME: place.folder.join("file") } });
    expect(code).toBe(0);
    expect(lines(stderr)).toEqual([expect.stringContaining("the run is not recorded here")]);
    const id = stdout.toString().trim();
    expect((await holdfast(["attach", id, "--url", place.url], { env: place.env })).code).toBe(0);
  });

  test.skipIf(isRoot)("prints the ID also where nothing may be written", async () => {
    await using place = await runsPlace();
    const args = ["exec", "--detach", "--url", place.url, "--", "true"];
    const { code, stderr } = await holdfast(args, { env: { XDG_STATE_HOME: "/proc" } });
    expect([code, lines(stderr).length]).toEqual([0, 1]);
  });
});
