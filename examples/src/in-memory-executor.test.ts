// Tests of a program that uses an executor, without a server: a real executor in this process, over a link in memory.
//
//   node --test src/in-memory-executor.test.ts
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { connect, type Executor } from "@holdfast/exec-client";
import { createExecutor } from "@holdfast/executor";
import { memoryLink } from "@holdfast/rpc/memory";

/** What is to be tested. */
async function countLines(executor: Executor, path: string): Promise<number> {
  return Number((await executor.run(["wc", "-l"], { input: await executor.fs.readFile(path) })).stdout);
}

test("counts lines", async () => {
  const [near, far] = memoryLink();
  const embedded = createExecutor({ env: process.env, cwd: tmpdir(), version: "0.0.0" });
  embedded.accept(far);
  const executor = await connect(near);
  const folder = await executor.fs.mkdtemp(`${tmpdir()}/example-`);
  await executor.fs.writeTextFile(`${folder}/file`, "1\n2\n3\n");
  assert.equal(await countLines(executor, `${folder}/file`), 3);
  await executor.fs.remove(folder, { recursive: true });
  await executor.close();
  await embedded.close();
});
