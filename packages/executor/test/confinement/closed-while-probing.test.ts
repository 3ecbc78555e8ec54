import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { memoryLink } from "@holdfast/rpc/memory";
import { isAlive, tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { createExecutor } from "../../src/index.ts";

test("an executor that is closed ends what it still tries out, and tries nothing more", async () => {
  await using here = await tempDir();
  const asked = here.join("asked");
  writeFileSync(here.join("bwrap"), `#!/bin/sh\necho $$ >>'${asked}'\nexec sleep 60\n`);
  chmodSync(here.join("bwrap"), 0o755);
  const executor = createExecutor({ env: { PATH: `${here.path}:${process.env.PATH}` }, cwd: "/", version: "0" });
  const [, far] = memoryLink();
  executor.accept(far);
  const pids = (): string[] => readFileSync(asked, "utf8").trim().split("\n");
  const [pid] = await until(() => {
    try {
      return pids();
    } catch {
      return undefined;
    }
  });
  await executor.close();
  await until(() => !isAlive(Number(pid)));
  expect(pids()).toEqual([pid]);
});
