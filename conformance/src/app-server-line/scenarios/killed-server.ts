import assert from "node:assert/strict";
import { type ConnectionEvent, connectAppServer } from "@holdfast/app-server-client";
import { until } from "@holdfast/testkit";
import type { LineScenario } from "../line-scenario.ts";
import { serveAppServer } from "../served-app-server.ts";
import { runsForLong, startTurn } from "../turns.ts";

export const killedServer: LineScenario = {
  id: "killed-server",
  sentence:
    "a server that is killed in the middle of a turn and started again has the thread back, and the turn is told as over",
  turns: [runsForLong],
  async run({ release, home, folder, note }) {
    const events: ConnectionEvent[] = [];
    const first = await serveAppServer({ release, home, listen: "ws://127.0.0.1:0" });
    const { url } = first;
    await using codex = await connectAppServer(url, { callTimeoutMs: 120_000 });
    codex.onConnection((event) => events.push(event));
    const { threadId, turnId } = await startTurn(codex, folder);
    // One that has no message yet is on no disk.
    const unwritten = (await codex.thread.start({ cwd: folder })).thread.id;
    const command = codex.command.exec({ command: ["sleep", "1000"], disableTimeout: true });
    const failed = assert.rejects(command, { name: "LinkError", code: "closed", delivery: "unknown" });
    await first.kill();
    await failed;
    const waiting = codex.thread.loaded.list({});
    await using _second = await serveAppServer({ release, home, listen: url });
    assert.deepEqual(
      (await waiting).data.filter((id) => id === threadId),
      [threadId],
    );
    const [lost, reconnected] = await until(() => events.length === 2 && events);
    assert.equal(lost?.kind, "lost");
    assert.ok(reconnected?.kind === "reconnected");
    const [thread, other] = reconnected.threads;
    assert.ok(thread?.threadId === threadId && thread.outcome === "resumed", JSON.stringify(reconnected));
    const { turns } = thread.resumed.thread;
    note(`the turn is ${turns.find(({ id }) => id === turnId)?.status}`);
    assert.equal(turns.find(({ id }) => id === turnId)?.status, "interrupted");
    assert.ok(other?.threadId === unwritten && other.outcome === "lost", JSON.stringify(other));
    note(other.error.message);
    const ended = codex.notices("turn/completed");
    await codex.turn.start({ threadId, input: [{ type: "text", text: "again", text_elements: [] }] });
    const { value } = await ended.next();
    assert.equal(value?.params.turn.status, "completed");
  },
};
