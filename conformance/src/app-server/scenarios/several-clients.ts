import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import type { AppServer } from "@holdfast/app-server-client";
import type { ApprovalRequest, Approve } from "@holdfast/app-server-protocol/threads";
import type { AppServerScenario } from "../app-server-scenario.ts";
import { escalated, exists, READ_ONLY } from "./approvals.ts";

/** Says when it is asked, and never decides. */
function undecided() {
  const { promise: asked, resolve } = Promise.withResolvers<ApprovalRequest>();
  const approve: Approve = async (request) => {
    resolve(request);
    await once(request.signal, "abort");
    throw request.signal.reason;
  };
  return { asked, approve };
}

function nextEnd(codex: AppServer): Promise<string> {
  return new Promise((resolve) => {
    const stop = codex.on("turn/completed", ({ turn }) => {
      stop();
      resolve(turn.status);
    });
  });
}

export const openApproval: AppServerScenario = {
  id: "app-server.open-approval",
  sentence:
    "what waits for leave when its client goes is asked again of the one that resumes the thread, and the turn goes on",
  turns: [() => [escalated("call-1", "touch accepted")]],
  async run({ folder, serve }) {
    await using server = await serve();
    const { asked, approve } = undecided();
    const first = await server.connect();
    const thread = await first.codex.threads.start({ cwd: folder, ...READ_ONLY, approve });
    const run = thread.run("write");
    await asked;
    await first.codex.close();
    await assert.rejects(run.result(), { name: "RunError", code: "lost" });

    const { codex } = await server.connect();
    const ended = nextEnd(codex);
    await codex.threads.resume(thread.id, { approve: async () => "accept" });
    assert.equal(await ended, "completed");
    assert.equal(await exists(join(folder, "accepted")), true);
  },
};

export const twoClients: AppServerScenario = {
  id: "app-server.two-clients",
  sentence: "of two clients of a thread the first answer counts, and the other is told that nobody waits for its own",
  turns: [() => [], () => [escalated("call-1", "touch accepted")]],
  async run({ folder, serve }) {
    await using server = await serve();
    const { asked, approve } = undecided();
    const [one, other] = [await server.connect(), await server.connect()];
    const thread = await one.codex.threads.start({ cwd: folder, ...READ_ONLY, approve });
    // Nothing is on the disk before the first turn, and so there is nothing to resume.
    await thread.run("begin").result();
    const accept: Approve = async () => {
      await asked;
      return "accept";
    };
    await other.codex.threads.resume(thread.id, { approve: accept });
    const run = thread.run("write");
    const { finalMessage } = await run.result();
    assert.equal(finalMessage, "done");
    assert.equal((await asked).signal.aborted, true);
    assert.equal(await exists(join(folder, "accepted")), true);
  },
};
