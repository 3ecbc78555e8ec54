import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunEvent } from "@holdfast/app-server-protocol/threads";
import { isAtLeast } from "@holdfast/reference-peer";
import { execCommand } from "../../conversation.ts";
import { MOCK_USAGE, type ModelEvent, streamedMessage } from "../../mock-model.ts";
import type { AppServerScenario } from "../app-server-scenario.ts";

const TEXT = "I look around and then I say what there is";

/** A message that begins and does not end. */
async function* endlessMessage(signal: AbortSignal): AsyncGenerator<ModelEvent> {
  yield { type: "response.output_item.added", item: { type: "message", role: "assistant", id: "msg-1", content: [] } };
  yield { type: "response.output_text.delta", item_id: "msg-1", output_index: 0, content_index: 0, delta: "I think " };
  if (!signal.aborted) await once(signal, "abort");
}

export const streamedTurn: AppServerScenario = {
  id: "app-server.turn",
  sentence:
    "a turn gives its items in order, its deltas join to the messages, and its result has text, items and tokens",
  turns: [() => [execCommand("call-1", "echo one; echo two")], () => streamedMessage("msg-1", TEXT)],
  async run({ release, folder, start }) {
    await using server = await start();
    const { codex } = server;
    const thread = await codex.threads.start({ cwd: folder, sandbox: "danger-full-access", approvalPolicy: "never" });
    const run = thread.run("look around");
    const deltas: string[] = [];
    const events: RunEvent["method"][] = [];
    for await (const event of run.events()) {
      events.push(event.method);
      if (event.method === "item/agentMessage/delta") deltas.push(event.params.delta);
    }
    assert.equal(deltas.join(""), TEXT);
    assert.equal(events[0], "turn/started");
    assert.equal(events.at(-1), "turn/completed");
    const result = await run.result();
    assert.equal(result.status, "completed");
    assert.equal(result.finalMessage, TEXT);
    // Before 0.169 a command may be told to be over after what the agent says about it.
    const types = result.items.map(({ type }) => type);
    const inOrder = isAtLeast(release.version, "0.169.0") ? types : types.toSorted().toReversed();
    assert.deepEqual(inOrder, ["userMessage", "commandExecution", "agentMessage"]);
    const command = result.items.find(({ type }) => type === "commandExecution");
    assert.equal(command?.type === "commandExecution" && command.aggregatedOutput, "one\ntwo\n");
    assert.equal(result.usage?.totalTokens, 2 * MOCK_USAGE.total_tokens);
    assert.equal(result.usage?.reasoningOutputTokens, 2 * MOCK_USAGE.output_tokens_details.reasoning_tokens);

    const items: string[] = [];
    const second = thread.run("and again");
    for await (const item of second) items.push(item.type);
    assert.deepEqual(items, ["userMessage", "agentMessage"]);
    const { usage, threadUsage } = await second.result();
    assert.equal(usage?.totalTokens, MOCK_USAGE.total_tokens);
    assert.equal(threadUsage?.total.totalTokens, 3 * MOCK_USAGE.total_tokens);
    await thread.close();
  },
};

export const interruptedTurn: AppServerScenario = {
  id: "app-server.interrupt",
  sentence: "a signal interrupts the turn, so does leaving the loop, and the thread takes the next turn at once",
  turns: [(_request, signal) => endlessMessage(signal), (_request, signal) => endlessMessage(signal)],
  async run({ folder, start }) {
    await using server = await start();
    const { codex } = server;
    const thread = await codex.threads.start({ cwd: folder });
    const { signal, abort } = abortController();
    const aborted = thread.run("think", { signal });
    await assert.rejects(
      async () => {
        for await (const event of aborted.events()) if (event.method === "item/agentMessage/delta") abort();
      },
      { name: "RunError", code: "aborted" },
    );
    await assert.rejects(aborted.result(), { code: "aborted" });

    const left = thread.run("think again");
    for await (const event of left.events()) if (event.method === "item/agentMessage/delta") break;
    await assert.rejects(left.result(), { code: "aborted" });

    const { finalMessage, status } = await thread.run("now say something").result();
    assert.deepEqual({ finalMessage, status }, { finalMessage: "done", status: "completed" });
  },
};

function abortController(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

export const steeredTurn: AppServerScenario = {
  id: "app-server.steer",
  sentence: "what is said while a turn runs is part of it",
  turns: [() => [execCommand("call-1", "until test -e said; do sleep 0.05; done", { yield_time_ms: 30_000 })]],
  async run({ folder, model, start }) {
    await using server = await start();
    const { codex } = server;
    const thread = await codex.threads.start({ cwd: folder, sandbox: "danger-full-access", approvalPolicy: "never" });
    const run = thread.run("wait");
    const said: string[] = [];
    for await (const event of run.events()) {
      if (event.method === "item/started" && event.params.item.type === "commandExecution") {
        await run.steer("go on");
        await writeFile(join(folder, "said"), "");
      }
      if (event.method !== "item/completed" || event.params.item.type !== "userMessage") continue;
      for (const part of event.params.item.content) if (part.type === "text") said.push(part.text);
    }
    assert.deepEqual(said, ["wait", "go on"]);
    assert.equal((await run.result()).finalMessage, "done");
    assert.match(JSON.stringify(model.requests.at(-1)?.input), /go on/);
  },
};

export const failedTurn: AppServerScenario = {
  id: "app-server.failed-turn",
  sentence: "a turn that fails ends its run with what the server says about it, and the next one works",
  turns: [
    () => {
      throw new Error("the model is not there");
    },
  ],
  async run({ folder, start }) {
    await using server = await start();
    const { codex } = server;
    const thread = await codex.threads.start({ cwd: folder });
    const run = thread.run("go on");
    await assert.rejects(
      async () => {
        for await (const _item of run) void _item;
      },
      (error: { readonly code?: unknown; readonly turnError?: { readonly message: string } }) => {
        assert.equal(error.code, "failed");
        assert.ok(error.turnError?.message);
        return true;
      },
    );
    assert.equal((await thread.run("go on").result()).finalMessage, "done");
  },
};

export const killedServer: AppServerScenario = {
  id: "app-server.killed",
  sentence: "a server that dies in the middle of a turn ends the run with a typed error",
  turns: [(_request, signal) => endlessMessage(signal)],
  async run({ folder, start }) {
    await using server = await start();
    const { codex } = server;
    const thread = await codex.threads.start({ cwd: folder });
    const run = thread.run("think");
    await assert.rejects(
      async () => {
        for await (const event of run.events()) {
          if (event.method === "item/agentMessage/delta") process.kill(server.pid, "SIGKILL");
        }
      },
      { name: "RunError", code: "lost", threadId: thread.id, turnId: await run.turnId },
    );
  },
};
