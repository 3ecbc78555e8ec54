import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAlive, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, holdfast, lines } from "../support/cli.ts";
import { type RunsPlace, runsPlace, statesOf } from "../support/runs.ts";

/** A run that says which signal it got, and goes on until SIGTERM. */
async function detachTrapping(place: RunsPlace): Promise<string> {
  const ready = place.folder.join("ready");
  const traps = "trap 'echo usr1' USR1; trap 'echo term; exit 9' TERM";
  const id = await place.detach(`${traps}; touch ${ready}; while :; do sleep 0.02; done`);
  await until(() => existsSync(ready));
  return id;
}

async function logsOf(place: RunsPlace, id: string): Promise<string> {
  return (await holdfast(["logs", id], { env: place.env })).stdout.toString();
}

describe("kill", () => {
  test("sends SIGTERM, or the signal that it is told by name or number, and says nothing", async () => {
    await using place = await runsPlace();
    const id = await detachTrapping(place);
    for (const signal of ["USR1", "sigusr1", "10"]) {
      const { code, stdout, stderr } = await holdfast(["kill", id.slice(0, 6), "-s", signal], { env: place.env });
      expect({ code, out: stdout.toString(), stderr }).toEqual({ code: 0, out: "", stderr: "" });
    }
    await until(async () => (await logsOf(place, id)) === "usr1\nusr1\nusr1\n");
    expect((await holdfast(["kill", id], { env: place.env })).code).toBe(0);
    await until(async () => (await statesOf(place))[id] === "exited 9");
  });

  test("ends with KILL what takes no notice of anything else", async () => {
    await using place = await runsPlace();
    const id = await place.detach(`trap '' TERM; echo $$ >${place.folder.join("pid")}; while :; do sleep 0.02; done`);
    const pid = await until(async () => Number(await readFile(place.folder.join("pid"), "utf8")));
    expect((await holdfast(["kill", id, "--signal=KILL"], { env: place.env })).code).toBe(0);
    await until(() => !isAlive(pid));
    expect((await statesOf(place))[id]).toBe("exited 137");
  });

  test("of a run that has ended says so", async () => {
    await using place = await runsPlace();
    const id = await place.detach("exit 6");
    await until(async () => (await statesOf(place))[id] === "exited 6");
    for (const signal of ["TERM", "KILL", "INT"]) {
      const { code, stderr } = await holdfast(["kill", id, "-s", signal], { env: place.env });
      expect(code).toBe(1);
      expect(lines(stderr)).toEqual([expect.stringMatching(/has ended already, with exit code 6; nothing was sent$/)]);
    }
  });

  test.each(["", "SIG", "NOSUCH", "0", "999", "SIGPWR", "-9"])("takes no signal %j", async (signal) => {
    const { code, stderr } = await holdfast(["kill", "abcdefgh", "--signal", signal]);
    expect(code).toBe(2);
    expect(lines(stderr)).toEqual([expect.stringContaining("--signal must be the name or number of a signal")]);
  });
});

describe("ps --url", () => {
  test("lists the runs of one executor, with their pids", async () => {
    await using place = await runsPlace();
    await using other = await runsPlace(["--session-ttl", "60"]);
    const here = await place.detach("exec sleep 60");
    const args = ["exec", "--detach", "--url", other.url, "--", "sleep", "60"];
    const there = (await holdfast(args, { env: place.env })).stdout.toString().trim();
    for (const [url, id] of [
      [place.url, here],
      [other.url, there],
    ] as const) {
      const { code, stdout } = await holdfast(["ps", "--json", "--url", url], { env: place.env });
      expect(code).toBe(0);
      const runs = JSON.parse(stdout.toString()) as { id: string; pid: number }[];
      expect(runs).toMatchObject([{ id, pid: expect.any(Number) }]);
      expect(isAlive(runs[0]?.pid ?? 0)).toBe(true);
    }
    expect(Object.keys(await statesOf(place)).sort()).toEqual([here, there].sort());
  });

  test("never those that somebody else left there", async () => {
    await using place = await runsPlace();
    await using stranger = await runsPlace();
    await place.detach("sleep 60");
    await using foreground = new Cli(["exec", "--url", place.url, "--", "sh", "-c", "echo on; sleep 60"]);
    await until(() => foreground.stdout.toString() === "on\n");
    const { stdout } = await holdfast(["ps", "--json", "--url", place.url], { env: stranger.env });
    expect(JSON.parse(stdout.toString())).toEqual([]);
  });
});
