import assert from "node:assert/strict";
import type { LineScenario } from "../line-scenario.ts";
import { connectBy } from "../transports.ts";

export const optIn: LineScenario = {
  id: "opt-in",
  sentence:
    "experimental methods and members are refused without the opt-in, and notices that were opted out of do not come",
  async run(ground) {
    const capabilities = { optOutNotificationMethods: ["thread/started", "no/such/notice"] };
    await using it = await connectBy("stdio", ground, { capabilities });
    const { codex } = it;
    const refusal = { name: "RemoteError", code: -32600, message: /requires experimentalApi capability/ };
    const spawn = { command: ["true"], processHandle: "p", cwd: ground.folder };
    await assert.rejects(codex.process.spawn(spawn), refusal);
    await assert.rejects(codex.command.exec({ command: ["true"], permissionProfile: ":read-only" }), refusal);
    await assert.rejects(codex.call("thread/dreamt", {}), {
      code: -32600,
      message: /unknown variant `thread\/dreamt`/,
    });
    await assert.rejects(codex.call("thread/start", { cwd: 5 }), {
      code: -32600,
      message: /Invalid request: invalid type/,
    });
    let heard = 0;
    codex.on("thread/started", () => {
      heard += 1;
    });
    await codex.thread.start({ cwd: ground.folder });
    await codex.thread.loaded.list({});
    assert.equal(heard, 0);
  },
};
