import { FakeClock, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { calls, said } from "../../agent/support/scripted-model.ts";
import type { Message } from "../raw-client.ts";
import { type ThreadsClient, threadsHost } from "./threads-host.ts";

const APPROVAL = "item/commandExecution/requestApproval";
const ASKED = [
  calls("exec_command", { cmd: "echo asked", sandbox_permissions: "require_escalated", justification: "so" }),
];
const CAREFUL = { sandbox: "read-only", approvalPolicy: "on-request" };

async function asked(client: ThreadsClient, count = 1): Promise<Message> {
  await until(() => client.raw.named(APPROVAL).length >= count);
  return client.raw.named(APPROVAL).at(-1) as Message;
}

describe("clients of a server", () => {
  test("hear of every thread, and of the turns of those that they listen to", async () => {
    await using threads = await threadsHost();
    const [mine, other] = [await threads.client(), await threads.client()];
    const { id } = await mine.start();
    await mine.turn(id, "one");
    expect(other.names()).toEqual(["thread/started", "thread/status/changed", "thread/status/changed"]);
    await other.call("thread/resume", { threadId: id });
    await mine.turn(id, "two");
    expect(other.told("turn/completed")).toHaveLength(1);
    expect(await other.call("thread/unsubscribe", { threadId: id })).toEqual({ status: "unsubscribed" });
    expect(await other.call("thread/unsubscribe", { threadId: id })).toEqual({ status: "notSubscribed" });
    await mine.turn(id, "three");
    expect(other.told("turn/completed")).toHaveLength(1);
  });
});

describe("an approval", () => {
  test("is asked of all who listen, and of one who comes later; the first answer counts", async () => {
    await using threads = await threadsHost([ASKED, [said("ran")]]);
    const mine = await threads.client();
    const { id } = await mine.start(CAREFUL);
    const turnId = await mine.begin(id, "ask");
    const question = await asked(mine);
    expect(question.params).toMatchObject({ threadId: id, turnId, itemId: "call_1" });
    expect(mine.told("thread/status/changed").at(-1).status).toEqual({
      type: "active",
      activeFlags: ["waitingOnApproval"],
    });
    const late = await threads.client();
    const resumed = await late.call("thread/resume", { threadId: id });
    expect(resumed.thread.status).toEqual({ type: "active", activeFlags: ["waitingOnApproval"] });
    expect((await asked(late)).id).toBe(question.id);
    late.raw.send({ id: question.id, result: { decision: "accept" } });
    expect((await mine.ended(turnId)).status).toBe("completed");
    expect(mine.told("serverRequest/resolved")).toEqual([{ threadId: id, requestId: question.id }]);
    expect(mine.told("item/completed").find(({ item }) => item.id === "call_1").item).toMatchObject({
      status: "completed",
      aggregatedOutput: "asked\n",
    });
  });

  test("waits while nobody is there, and is withdrawn by an interrupt", async () => {
    await using threads = await threadsHost([ASKED]);
    const first = await threads.client();
    const { id } = await first.start(CAREFUL);
    const turnId = await first.begin(id, "ask");
    const question = await asked(first);
    first.raw.close();
    const second = await threads.client();
    await second.call("thread/resume", { threadId: id });
    expect((await asked(second)).id).toBe(question.id);
    await second.call("turn/interrupt", { threadId: id, turnId });
    expect((await second.ended(turnId)).status).toBe("interrupted");
    expect(second.told("serverRequest/resolved")).toEqual([{ threadId: id, requestId: question.id }]);
  });
});

describe("a thread that nobody listens to", () => {
  const MINUTE = 60_000;

  test("is unloaded after half an hour, and loaded again when it is asked for", async () => {
    const clock = new FakeClock();
    await using threads = await threadsHost([], { clock });
    const [mine, other] = [await threads.client(), await threads.client()];
    const { id } = await mine.start();
    await mine.turn(id, "one");
    await mine.call("thread/unsubscribe", { threadId: id });
    await clock.advance(29 * MINUTE);
    expect((await other.call("thread/loaded/list", {})).data).toEqual([id]);
    await clock.advance(MINUTE);
    await until(() => other.told("thread/status/changed").at(-1).status.type === "notLoaded");
    expect((await other.call("thread/loaded/list", {})).data).toEqual([]);
    expect((await other.call("thread/read", { threadId: id })).thread.status).toEqual({ type: "notLoaded" });
    expect((await other.call("thread/resume", { threadId: id })).thread.turns).toHaveLength(1);
  });

  test("is unloaded after a minute when it is kept nowhere", async () => {
    const clock = new FakeClock();
    await using threads = await threadsHost([], { clock });
    const client = await threads.client();
    const { id } = await client.start({ ephemeral: true });
    await client.call("thread/unsubscribe", { threadId: id });
    await clock.advance(MINUTE);
    await until(() => client.told("thread/status/changed").at(-1)?.status.type === "notLoaded");
    expect((await client.refusal("thread/read", { threadId: id })).message).toBe(`thread not loaded: ${id}`);
  });

  test("stays while somebody listens again", async () => {
    const clock = new FakeClock();
    await using threads = await threadsHost([], { clock });
    const client = await threads.client();
    const { id } = await client.start();
    await client.turn(id, "one");
    await client.call("thread/unsubscribe", { threadId: id });
    await client.call("thread/resume", { threadId: id });
    await clock.advance(60 * MINUTE);
    expect((await client.call("thread/loaded/list", {})).data).toEqual([id]);
  });
});
