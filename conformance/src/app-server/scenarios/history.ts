import assert from "node:assert/strict";
import { isAtLeast } from "@holdfast/reference-peer";
import type { AppServerScenario } from "../app-server-scenario.ts";

async function idsOf(threads: AsyncIterable<{ readonly id: string }>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of threads) ids.push(id);
  return ids;
}

export const history: AppServerScenario = {
  id: "app-server.history",
  sentence:
    "a thread is found, resumed and forked by another server on the same home, and the model sees what was said before",
  turns: [],
  async run({ release, folder, model, start }) {
    let threadId: string;
    {
      await using server = await start();
      const { codex } = server;
      await using thread = await codex.threads.start({ cwd: folder });
      threadId = thread.id;
      await thread.run("the word is mango").result();
      await using other = await codex.threads.start({ cwd: folder });
      await other.run("another thread").result();
    }
    await using server = await start();
    const { codex } = server;
    const found = await idsOf(codex.threads.list({ sortDirection: "asc" }));
    assert.equal(found.length, 2);
    assert.equal(found[0], threadId);
    // Before 0.169 a page begins at a second, and what else that second has is on no page.
    if (isAtLeast(release.version, "0.169.0")) {
      assert.deepEqual(await idsOf(codex.threads.list({ limit: 1, sortDirection: "asc" })), found);
    }

    const thread = await codex.threads.resume(threadId);
    assert.equal(thread.id, threadId);
    assert.equal(thread.info.preview, "the word is mango");
    const { usage, threadUsage } = await thread.run("which word?").result();
    assert.match(JSON.stringify(model.requests.at(-1)?.input), /mango.*which word/);
    assert.equal(threadUsage?.total.totalTokens, 2 * (usage?.totalTokens ?? 0));

    const fork = await codex.threads.fork(threadId);
    assert.notEqual(fork.id, threadId);
    assert.equal(fork.info.forkedFromId, threadId);
    const forked = await fork.run("and here?").result();
    assert.equal(forked.threadId, fork.id);
    assert.match(JSON.stringify(model.requests.at(-1)?.input), /mango.*which word.*and here/);

    await assert.rejects(codex.threads.resume("01999999-0000-7000-8000-000000000000"), { name: "RemoteError" });
  },
};
