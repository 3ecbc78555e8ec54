import type { ThreadItem } from "@holdfast/app-server-protocol";
import { until } from "@holdfast/testkit";
import { type AppServerHandler, type FakeAppServer, NO_ANSWER } from "@holdfast/testkit/servers";
import { describe, expect, test } from "vitest";
import { connectAppServer } from "../src/index.ts";
import { connected } from "./support/connected.ts";
import { Dialler } from "./support/dialler.ts";

const IDS = { threadId: "thread-1", turnId: "turn-1" };

const turn = { id: "turn-1", items: [], itemsView: "notLoaded", status: "inProgress", error: null };

/** Says so and goes on with the turn, which has begun with the answer. */
function turns(go: (server: FakeAppServer) => unknown): Record<string, AppServerHandler> {
  return {
    "turn/start": (_, server) => {
      queueMicrotask(() => void go(server));
      return { turn };
    },
    "turn/interrupt": (_, server) => {
      complete(server, "interrupted");
      return {};
    },
  };
}

function item(server: FakeAppServer, members: object): void {
  server.notify("item/completed", { ...IDS, item: members, completedAtMs: 1 });
}

function complete(server: FakeAppServer, status = "completed"): void {
  server.notify("turn/completed", { threadId: "thread-1", turn: { ...turn, status } });
}

const MESSAGE = { type: "agentMessage", id: "msg-1", text: "done" } as const;

describe("threads of a connected client", () => {
  test("run turns over the line, and ask the callback of all threads", async () => {
    const asked: string[] = [];
    const handlers = turns(async (server) => {
      const params = { ...IDS, itemId: "call-1", startedAtMs: 1, command: "make" };
      server.send({ id: 0, method: "item/commandExecution/requestApproval", params });
      await until(() => server.answers.length > 0);
      item(server, MESSAGE);
      complete(server);
    });
    await using it = await connected(handlers, {
      approve: async ({ type }) => {
        asked.push(type);
        return "accept";
      },
    });
    const thread = await it.codex.threads.start({ cwd: "/srv/repo" });
    const items: ThreadItem[] = [];
    const run = thread.run("fix the test");
    for await (const each of run) items.push(each);
    expect(items).toEqual([MESSAGE]);
    expect((await run.result()).finalMessage).toBe("done");
    expect(asked).toEqual(["command"]);
    expect(it.server.answers).toEqual([{ id: 0, result: { decision: "accept" } }]);
  });

  test("give items of kinds that nobody knows yet as they are", async () => {
    const strange = { type: "hologram", id: "h-1", depth: 3 };
    await using it = await connected(
      turns((server) => {
        item(server, strange);
        item(server, { ...MESSAGE, text: "known" });
        complete(server);
      }),
    );
    const { items, finalMessage } = await (await it.codex.threads.start()).run("go on").result();
    expect(items).toEqual([strange, { ...MESSAGE, text: "known" }]);
    expect(finalMessage).toBe("known");
  });

  test("end a run whose connection is lost, although the client reconnects and the thread goes on", async () => {
    const dialler = new Dialler(turns((server) => item(server, MESSAGE)));
    await using codex = await connectAppServer(dialler);
    const thread = await codex.threads.start();
    const run = thread.run("go on");
    await expect(async () => {
      for await (const _ of run) dialler.last.hangUp();
    }).rejects.toMatchObject({ name: "RunError", code: "lost", threadId: "thread-1", turnId: "turn-1" });
    await until(() => codex.state === "connected" && dialler.servers.length === 2);
    dialler.last.on("turn/start", (_, server) => {
      queueMicrotask(() => complete(server));
      return { turn };
    });
    expect((await thread.run("and again").result()).status).toBe("completed");
  });

  test("end a run whose line ends while the answer to its start is awaited", async () => {
    await using it = await connected({ "turn/start": () => NO_ANSWER });
    const run = (await it.codex.threads.start()).run("go on");
    await until(() => it.server.of("turn/start").length > 0);
    it.server.hangUp();
    await expect(run.result()).rejects.toMatchObject({ code: expect.stringMatching(/^(lost|closed)$/) });
  });

  test("end a run when the client is closed", async () => {
    await using it = await connected(turns(() => {}));
    const run = (await it.codex.threads.start()).run("go on");
    await run.turnId;
    await it.codex.close();
    await expect(run.result()).rejects.toMatchObject({ code: "lost" });
  });

  test("take a flood of deltas that is read slowly, without holding up another thread", async () => {
    const count = 20_000;
    await using it = await connected(
      turns((server) => {
        for (let index = 0; index < count; index += 1) {
          server.notify("item/agentMessage/delta", { ...IDS, itemId: "msg-1", delta: `${index};` });
        }
        item(server, MESSAGE);
        complete(server);
      }),
    );
    const run = (await it.codex.threads.start()).run("go on");
    let text = "";
    for await (const event of run.events()) {
      if (event.method === "item/agentMessage/delta") text += event.params.delta;
      await it.codex.thread.loaded.list({});
    }
    expect(text).toBe(Array.from({ length: count }, (_, index) => `${index};`).join(""));
  });
});
