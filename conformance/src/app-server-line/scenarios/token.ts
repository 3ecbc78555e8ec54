import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAppServer } from "@holdfast/app-server-client";
import type { LineScenario } from "../line-scenario.ts";
import { serveAppServer } from "../served-app-server.ts";

const TOKEN = "a-token-of-this-run";

export const token: LineScenario = {
  id: "token",
  sentence: "a listener with --ws-auth capability-token lets in who has the token, and says to others what they lack",
  async run({ release, home, folder }) {
    const file = join(folder, "token");
    await writeFile(file, `${TOKEN}\n`, { mode: 0o600 });
    const args = ["--ws-auth", "capability-token", "--ws-token-file", file];
    await using server = await serveAppServer({ release, home, listen: "ws://127.0.0.1:0", args });
    await using codex = await connectAppServer(server.url, { token: TOKEN });
    assert.deepEqual((await codex.thread.loaded.list({})).data, []);
    for (const [wrong, words] of [
      [undefined, "missing websocket bearer token"],
      ["another", "invalid websocket bearer token"],
    ] as const) {
      const refused = connectAppServer(server.url, wrong === undefined ? {} : { token: wrong });
      await assert.rejects(refused, (error: Error & { delivery?: string; cause?: { status?: number } }) => {
        assert.equal(error.name, "LinkError");
        assert.equal(error.delivery, "not-sent");
        assert.equal(error.cause?.status, 401);
        assert.ok(error.message.includes(words), error.message);
        assert.ok(!error.message.includes(TOKEN));
        return true;
      });
    }
  },
};
