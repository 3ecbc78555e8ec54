import type { ServerRequests } from "@holdfast/app-server-protocol";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import type { HostClient } from "../../../src/app-server/host-client.ts";
import type { HostServices } from "../../../src/app-server/host-services.ts";
import type { QuestionDesk } from "../../../src/app-server/questions/question-desk.ts";
import type { HostHandlers } from "../../../src/app-server/room.ts";
import { type OpenHost, openHost } from "../open-host.ts";
import type { RawClient } from "../raw-client.ts";

const APPROVAL = "item/commandExecution/requestApproval";
const PARAMS: ServerRequests[typeof APPROVAL]["params"] = {
  threadId: "t",
  turnId: "u",
  itemId: "i",
  startedAtMs: 1,
  command: "make",
};

/** A server with one thread, to which every client that has introduced itself subscribes. */
class OneThread implements AsyncDisposable {
  readonly #host: OpenHost;
  readonly desk: QuestionDesk;
  readonly subscribers: HostClient[];

  private constructor(host: OpenHost, desk: QuestionDesk, subscribers: HostClient[]) {
    this.#host = host;
    this.desk = desk;
    this.subscribers = subscribers;
  }

  static async open(): Promise<OneThread> {
    const subscribers: HostClient[] = [];
    let desk: QuestionDesk | undefined;
    const rooms = ({ questions }: HostServices) => {
      desk = questions;
      const joined = (client: HostClient) => {
        subscribers.push(client);
        questions.askAgain("t", client);
      };
      const left = (client: HostClient) => void subscribers.splice(subscribers.indexOf(client), 1);
      const handlers: Partial<HostHandlers> = {
        "thread/compact/start": (_, call) => {
          call.afterAnswer(() => questions.askAgain("t", call.client));
          return {};
        },
      };
      return [{ handlers, joined, left }];
    };
    const host = await openHost({ rooms });
    if (desk === undefined) throw new Error("unreachable: rooms are opened with the server");
    return new OneThread(host, desk, subscribers);
  }

  async client(): Promise<RawClient> {
    const client = this.#host.rawClient();
    await client.initialize();
    return client;
  }

  ask(signal: AbortSignal = new AbortController().signal, params = PARAMS) {
    return this.desk.ask(APPROVAL, params, { threadId: "t", clients: () => this.subscribers }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }
}

async function questionOf(client: RawClient, count = 1) {
  await until(() => client.named(APPROVAL).length >= count);
  return client.named(APPROVAL).at(-1) as { id: number; params: unknown };
}

const RESOLVED = "serverRequest/resolved";
const resolvedOf = (client: RawClient) => client.named(RESOLVED).map(({ params }) => params);

describe("a question", () => {
  test("goes to every subscriber under one id, and the first answer counts", async () => {
    await using thread = await OneThread.open();
    const clients = [await thread.client(), await thread.client()];
    const answer = thread.ask();
    for (const client of clients) expect(await questionOf(client)).toMatchObject({ id: 0, params: PARAMS });
    clients[1]?.send({ id: 0, result: { decision: "decline" } });
    expect(await answer).toEqual({ decision: "decline" });
    for (const client of clients) {
      await until(() => resolvedOf(client).length > 0);
      expect(resolvedOf(client)).toEqual([{ threadId: "t", requestId: 0 }]);
    }
    clients[0]?.send({ id: 0, result: { decision: "accept" } });
    const next = thread.ask();
    expect(await questionOf(clients[0] as RawClient, 2)).toMatchObject({ id: 1 });
    clients[0]?.send({ id: 1, result: { decision: "accept" } });
    expect(await next).toEqual({ decision: "accept" });
    expect(thread.desk.size).toBe(0);
  });

  test("is told to be resolved before who asked goes on", async () => {
    await using thread = await OneThread.open();
    const client = await thread.client();
    const answered = thread.ask().then(() => thread.subscribers[0]?.notify("warning", { threadId: "t", message: "" }));
    await questionOf(client);
    client.send({ id: 0, result: { decision: "accept" } });
    await answered;
    await until(() => client.named("warning").length > 0);
    expect(client.messages.slice(-2).map(({ method }) => method)).toEqual([RESOLVED, "warning"]);
  });

  test("waits when nobody is there, and is asked of who comes, under the same id", async () => {
    await using thread = await OneThread.open();
    const answer = thread.ask();
    const client = await thread.client();
    expect(await questionOf(client)).toMatchObject({ id: 0 });
    client.send({ id: 0, result: { decision: "accept" } });
    expect(await answer).toEqual({ decision: "accept" });
  });

  test("outlives the connection of the only one who had it", async () => {
    await using thread = await OneThread.open();
    const first = await thread.client();
    const answer = thread.ask();
    await questionOf(first);
    first.close();
    await until(() => thread.subscribers.length === 0);
    expect(thread.desk.size).toBe(1);
    const second = await thread.client();
    expect(await questionOf(second)).toMatchObject({ id: 0 });
    second.send({ id: 0, result: { decision: "cancel" } });
    expect(await answer).toEqual({ decision: "cancel" });
  });

  test("is asked again, under the same id, of a client that has it and resumes", async () => {
    await using thread = await OneThread.open();
    const client = await thread.client();
    const answer = thread.ask();
    await questionOf(client);
    await client.answerTo({ id: 7, method: "thread/compact/start", params: { threadId: "t" } });
    expect(await questionOf(client, 2)).toMatchObject({ id: 0 });
    client.send({ id: 0, result: { decision: "accept" } });
    expect(await answer).toEqual({ decision: "accept" });
  });

  test("that is withdrawn is resolved for all, and a late answer changes nothing", async () => {
    await using thread = await OneThread.open();
    const client = await thread.client();
    const controller = new AbortController();
    const answer = thread.ask(controller.signal);
    await questionOf(client);
    controller.abort(new Error("the turn is over"));
    await expect(answer).rejects.toThrow("the turn is over");
    await until(() => resolvedOf(client).length > 0);
    expect(resolvedOf(client)).toEqual([{ threadId: "t", requestId: 0 }]);
    client.send({ id: 0, result: { decision: "accept" } });
    expect(await client.initialize()).toMatchObject({ result: expect.anything() });
    expect(thread.desk.size).toBe(0);
  });

  test("that was withdrawn before is not asked", async () => {
    await using thread = await OneThread.open();
    await expect(thread.ask(AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
    const client = await thread.client();
    expect(client.named(APPROVAL)).toEqual([]);
  });

  test("is not settled by one who refuses while another one can answer", async () => {
    await using thread = await OneThread.open();
    const [poor, rich] = [await thread.client(), await thread.client()];
    const answer = thread.ask();
    for (const client of [poor, rich]) await questionOf(client);
    poor.send({ id: 0, error: { code: -32000, message: "not in this mode" } });
    poor.send({ id: 0, result: { decision: "accept" } });
    await poor.answerTo({ id: 1, method: "thread/nothing" });
    rich.send({ id: 0, result: { decision: "decline" } });
    expect(await answer).toEqual({ decision: "decline" });
  });

  test("is refused when all refuse, in the words of the first", async () => {
    await using thread = await OneThread.open();
    const [first, second] = [await thread.client(), await thread.client()];
    const answer = thread.ask();
    const refusal = expect(answer).rejects.toMatchObject({ code: -32000, message: "not in this mode" });
    for (const client of [first, second]) await questionOf(client);
    first.send({ id: 0, error: { code: -32000, message: "not in this mode" } });
    await first.answerTo({ id: 1, method: "thread/nothing" });
    second.send({ id: 0, error: { code: -32601, message: "unknown" } });
    await refusal;
    await until(() => resolvedOf(second).length > 0);
  });

  test.each([undefined, null, 5, "accept", [], {}, { decision: "perhaps" }])(
    "is not answered by what is no answer: %j",
    async (result) => {
      await using thread = await OneThread.open();
      const client = await thread.client();
      const refusal = expect(thread.ask()).rejects.toThrow(/item\/commandExecution\/requestApproval/);
      await questionOf(client);
      client.send({ id: 0, result: result ?? null });
      await refusal;
    },
  );
});
