import assert from "node:assert/strict";
import { type ConnectionEvent, connectAppServer } from "@holdfast/app-server-client";
import { BadLine, until } from "@holdfast/testkit";
import type { LineScenario } from "../line-scenario.ts";
import { serveAppServer } from "../served-app-server.ts";
import { asksFirst, startTurn } from "../turns.ts";

export const cutLine: LineScenario = {
  id: "cut-line",
  sentence:
    "a line that is cut while an approval is open comes back with the thread, and is asked again; the turn goes on to its end",
  turns: [asksFirst],
  async run({ release, home, folder, note }) {
    await using server = await serveAppServer({ release, home, listen: "ws://127.0.0.1:0" });
    await using line = await BadLine.to(server.url);
    const order: string[] = [];
    const asked: { readonly id: unknown; readonly signal: AbortSignal }[] = [];
    await using codex = await connectAppServer(line.url, {
      handlers: {
        "item/commandExecution/requestApproval": (_, { requestId, signal }) => {
          order.push("asked");
          asked.push({ id: requestId, signal });
          // The first time nobody decides before the line is gone.
          if (asked.length > 1) return { decision: "accept" };
          return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        },
      },
    });
    codex.onConnection((event: ConnectionEvent) => order.push(event.kind));
    // One without a message is on no disk, though the server is still there.
    const unwritten = (await codex.thread.start({ cwd: folder })).thread.id;
    codex.onConnection((event) => {
      if (event.kind !== "reconnected") return;
      const after = event.threads.find(({ threadId }) => threadId === unwritten);
      note(`a thread without a message: ${after?.outcome} ${after?.outcome === "lost" ? after.error.message : ""}`);
    });
    const ended = codex.notices("turn/completed", "item/completed");
    const { turnId } = await startTurn(codex, folder);
    await until(() => asked.length === 1, { deadlineMs: 30_000 });
    line.cut();
    await until(() => asked.length === 2, { deadlineMs: 30_000 });
    assert.deepEqual(order, ["asked", "lost", "reconnected", "asked"]);
    assert.ok(asked[0]?.signal.aborted);
    assert.deepEqual(asked[1]?.id, asked[0]?.id);
    const input = [{ type: "text" as const, text: "begin", text_elements: [] }];
    await assert.rejects(codex.turn.start({ threadId: unwritten, input }), { name: "LostThreadError" });
    const seen: string[] = [];
    for await (const { method, params } of ended) {
      seen.push(method);
      if (method !== "turn/completed") continue;
      assert.equal(params.turn.id, turnId);
      assert.equal(params.turn.status, "completed");
      break;
    }
    assert.ok(seen.includes("item/completed"));
  },
};
