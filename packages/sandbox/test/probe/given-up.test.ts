import { readFileSync } from "node:fs";
import { tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { realHost } from "../../src/probe/probe-host.ts";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("what a trial that is given up has started ends with it", async () => {
  await using folder = await tempDir();
  const file = folder.join("pid");
  const givenUp = new AbortController();
  const run = realHost(givenUp.signal).run("/bin/sh", ["-c", `/bin/sleep 600 & echo $! > ${file}; wait`]);
  const pid = await until(() => Number(readFileSync(file, "utf8")));
  givenUp.abort();
  expect(await run).toEqual({ exitCode: undefined, output: "" });
  await until(() => !isAlive(pid));
});
