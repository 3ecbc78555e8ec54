import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ThreadsClient, type ThreadsHost, type Told, threadsHost } from "./threads-host.ts";

const idOf = (at: number) => `01a22e65-d8a${at}-7043-84d5-877e0e56cf1${at}`;

interface Written {
  readonly at: number;
  readonly text: string;
  readonly members?: object;
}

/** Put the file of a thread into the home, as a release of Codex would. */
function write({ codexHome }: ThreadsHost, { at, text, members = {} }: Written): string {
  const folder = join(codexHome, "sessions", "2026", "11", `0${at + 1}`);
  mkdirSync(folder, { recursive: true });
  const id = idOf(at);
  const meta = {
    id,
    timestamp: "2026-11-01T10:00:00.000Z",
    cwd: "/w",
    originator: "codex-tui",
    cli_version: "0.171.0",
    source: "cli",
    model_provider: "mock",
    ...members,
  };
  const lines = [
    { timestamp: meta.timestamp, type: "session_meta", payload: meta },
    { timestamp: meta.timestamp, type: "event_msg", payload: { type: "user_message", message: text } },
  ];
  const path = join(folder, `rollout-2026-11-0${at + 1}T10-00-00-${id}.jsonl`);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

async function found(client: ThreadsClient, params: object): Promise<readonly string[]> {
  return (await client.call("thread/list", params)).data.map(({ preview }: Told) => preview);
}

async function listed(): Promise<ThreadsHost> {
  const threads = await threadsHost();
  const parent = { source: { subagent: { thread_spawn: {} } }, parent_thread_id: idOf(0) };
  write(threads, { at: 0, text: "by hand" });
  write(threads, { at: 1, text: "by exec", members: { source: "exec", cwd: "/x" } });
  write(threads, { at: 2, text: "by an agent", members: parent });
  write(threads, { at: 3, text: "by its agent", members: { ...parent, parent_thread_id: idOf(2) } });
  write(threads, { at: 4, text: "in an Editor", members: { source: "vscode", cwd: "/x", model_provider: "other" } });
  return threads;
}

describe("a list of threads", () => {
  test.each<[object, readonly string[]]>([
    [{}, ["in an Editor", "by hand"]],
    [{ sourceKinds: [] }, ["in an Editor", "by hand"]],
    [{ sourceKinds: ["exec"] }, ["by exec"]],
    [{ sourceKinds: ["subAgentThreadSpawn"] }, ["by its agent", "by an agent"]],
    [{ sourceKinds: ["subAgent", "exec"] }, ["by its agent", "by an agent", "by exec"]],
    [{ sourceKinds: ["subAgent"], parentThreadId: idOf(0) }, ["by an agent"]],
    [{ sourceKinds: ["subAgent"], ancestorThreadId: idOf(0) }, ["by its agent", "by an agent"]],
    [{ sourceKinds: ["subAgentThreadSpawn"], ancestorThreadId: idOf(4) }, []],
    [{ ancestorThreadId: idOf(0) }, []],
    [{ cwd: "/w" }, ["by hand"]],
    [{ cwd: ["/x", "/y"] }, ["in an Editor"]],
    [{ modelProviders: ["mock"] }, ["by hand"]],
    [{ modelProviders: [] }, ["in an Editor", "by hand"]],
    [{ searchTerm: "EDIT" }, ["in an Editor"]],
    [{ sectionId: "s" }, []],
    [{ projectId: "p" }, []],
    [{ archived: true }, []],
    [{ originators: ["nobody"] }, []],
    [{ includedThreadIds: [] }, []],
    [{ includedThreadIds: [idOf(0)] }, ["by hand"]],
    [{ excludedThreadIds: [idOf(0)] }, ["in an Editor"]],
    [{ sortDirection: "asc" }, ["by hand", "in an Editor"]],
  ])("by %j has %j", async (params, expected) => {
    await using threads = await listed();
    expect(await found(await threads.client(), params)).toEqual(expected);
  });

  test("is read page by page, in both directions and by any key", async () => {
    await using threads = await threadsHost();
    for (let at = 0; at < 5; at += 1) write(threads, { at, text: `thread ${at}` });
    const client = await threads.client();
    for (const sortKey of ["created_at", "updated_at", "recency_at"]) {
      for (const sortDirection of ["asc", "desc"]) {
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const page: Told = await client.call("thread/list", { sortKey, sortDirection, limit: 2, cursor });
          expect(page.data.length).toBeLessThanOrEqual(2);
          seen.push(...page.data.map(({ preview }: Told) => preview));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3, 4].map((at) => `thread ${at}`)));
        expect(seen).toHaveLength(5);
      }
    }
    const newest = await client.call("thread/list", { limit: 1 });
    const back = await client.call("thread/list", { cursor: newest.backwardsCursor, sortDirection: "asc" });
    expect(back.data.map(({ preview }: Told) => preview)).toEqual(["thread 4"]);
  });

  test("refuses a cursor of something else, and ids that are none", async () => {
    await using threads = await threadsHost();
    const client = await threads.client();
    expect(await client.refusal("thread/list", { cursor: "zz" })).toEqual({
      code: -32600,
      message: "invalid cursor: zz",
    });
    const refusal = await client.refusal("thread/list", { includedThreadIds: ["zz"] });
    expect(refusal.code).toBe(-32602);
    expect(refusal.message).toMatch(/^invalid included thread id: /);
  });

  test("passes over what is no file of a thread", async () => {
    await using threads = await listed();
    const folder = join(threads.codexHome, "sessions", "2026", "11", "01");
    writeFileSync(join(folder, "notes.txt"), "hi");
    writeFileSync(join(folder, `rollout-2026-11-01T10-00-00-${idOf(9)}.jsonl`), "not JSON\n");
    writeFileSync(join(folder, `rollout-2026-11-01T10-00-01-${idOf(8)}.jsonl`), "");
    mkdirSync(join(folder, `rollout-2026-11-01T10-00-02-${idOf(7)}.jsonl`));
    expect(await found(await threads.client(), {})).toEqual(["in an Editor", "by hand"]);
  });

  test("finds threads by words, and shows them", async () => {
    await using threads = await listed();
    const client = await threads.client();
    const { data } = await client.call("thread/search", { searchTerm: "editor" });
    expect(data).toMatchObject([{ snippet: "in an Editor", thread: { id: idOf(4) } }]);
    expect(await client.refusal("thread/search", { searchTerm: " " })).toEqual({
      code: -32600,
      message: "thread/search requires a non-empty searchTerm",
    });
    const long = await client.refusal("thread/search/stream", { searchTerm: "x".repeat(65_537) });
    expect(long).toEqual({ code: -32602, message: "thread/search/stream searchTerm exceeds 65536 UTF-8 bytes" });
    expect(await client.call("thread/search/cancel", { requestId: "a" })).toEqual({});
  });
});

describe("a thread", () => {
  test("is archived, brought back and deleted, and all clients are told", async () => {
    await using threads = await threadsHost();
    const [client, other] = [await threads.client(), await threads.client()];
    const { id } = await client.start();
    await client.turn(id, "one");
    expect(await client.call("thread/archive", { threadId: id })).toEqual({});
    expect(other.told("thread/archived")).toEqual([{ threadId: id }]);
    expect(other.told("thread/status/changed").at(-1)).toEqual({ threadId: id, status: { type: "notLoaded" } });
    expect(await client.refusal("thread/resume", { threadId: id })).toEqual({
      code: -32600,
      message: `session ${id} is archived. Run \`codex unarchive ${id}\` to unarchive it first.`,
    });
    expect(await found(client, { archived: true })).toEqual(["one"]);
    expect(await found(client, {})).toEqual([]);
    const { thread } = await client.call("thread/unarchive", { threadId: id });
    expect(thread).toMatchObject({ id, status: { type: "notLoaded" } });
    expect(other.told("thread/unarchived")).toEqual([{ threadId: id }]);
    expect((await client.call("thread/resume", { threadId: id })).thread.turns).toHaveLength(1);
    expect(await client.call("thread/delete", { threadId: id })).toEqual({});
    expect(other.told("thread/deleted")).toEqual([{ threadId: id }]);
    expect(await found(client, {})).toEqual([]);
  });

  test("that another one begins with is not deleted", async () => {
    await using threads = await threadsHost();
    write(threads, { at: 0, text: "base" });
    write(threads, {
      at: 1,
      text: "fork",
      members: { history_base: { thread_id: idOf(0), end_ordinal_exclusive: 9 } },
    });
    const client = await threads.client();
    expect((await client.refusal("thread/delete", { threadId: idOf(0) })).message).toBe(
      `cannot delete thread ${idOf(0)}: forked history still references it`,
    );
  });

  test("has the name that it was given last, loaded or not", async () => {
    await using threads = await threadsHost();
    write(threads, { at: 0, text: "base" });
    const client = await threads.client();
    for (const name of ["first", " second "]) await client.call("thread/name/set", { threadId: idOf(0), name });
    expect(client.told("thread/name/updated").at(-1)).toEqual({ threadId: idOf(0), threadName: "second" });
    expect((await client.call("thread/list", {})).data[0].name).toBe("second");
    expect((await client.call("thread/resume", { threadId: idOf(0) })).thread.name).toBe("second");
    expect((await client.refusal("thread/name/set", { threadId: idOf(0), name: " " })).message).toBe(
      "thread name must not be empty",
    );
  });
});
