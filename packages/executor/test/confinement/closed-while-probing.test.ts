import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
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
  // The file is there a moment before what is written to it.
  const pids = (): string[] | undefined => {
    const text = existsSync(asked) ? readFileSync(asked, "utf8") : "";
    return text.endsWith("\n") ? text.trim().split("\n") : undefined;
  };
  const [pid] = await until(pids);
  await executor.close();
  await until(() => !isAlive(Number(pid)));
  expect(pids()).toEqual([pid]);
});
