import { until } from "@holdfast/testkit";
import { expect, test, vi } from "vitest";
import { connected, settle } from "./support/connected.ts";

const FLOOD = 20_000;

function delta(index: number) {
  return { threadId: "t", turnId: "u", itemId: "i", delta: `${index};` };
}

test("a reader that takes its time gets all of a flood, in order, while no more than some hundred wait for it", async () => {
  await using it = await connected();
  const deltas = it.codex.notices("item/agentMessage/delta");
  const waiting = vi.fn();
  it.codex.on("item/agentMessage/delta", waiting);
  for (let index = 0; index < FLOOD; index += 1) it.server.notify("item/agentMessage/delta", delta(index));
  await until(() => waiting.mock.calls.length >= 256);
  await settle();
  expect(waiting.mock.calls.length).toBe(256);
  let next = 0;
  for await (const { method, params } of deltas) {
    expect(method).toBe("item/agentMessage/delta");
    if (params.delta !== `${next};`) expect(params.delta).toBe(`${next};`);
    next += 1;
    expect(waiting.mock.calls.length - next).toBeLessThanOrEqual(256);
    if (next === FLOOD) break;
    if (next % 64 === 0) await settle();
  }
  expect(next).toBe(FLOOD);
});

test("calls are answered while a reader holds the connection", async () => {
  await using it = await connected({ "thread/loaded/list": () => ({ data: ["t"], nextCursor: null }) });
  it.codex.notices("item/agentMessage/delta");
  for (let index = 0; index < 1_000; index += 1) it.server.notify("item/agentMessage/delta", delta(index));
  await settle();
  expect((await it.codex.thread.loaded.list({})).data).toEqual(["t"]);
});

test("notices of several methods keep their order among each other, with the time the server gives", async () => {
  await using it = await connected();
  await using notices = it.codex.notices("thread/archived", "thread/unarchived");
  it.server.send({ method: "thread/archived", params: { threadId: "a" }, emittedAtMs: 5 });
  it.server.notify("thread/unarchived", { threadId: "a" });
  it.server.notify("thread/archived", { threadId: "b" });
  const seen: unknown[] = [];
  for await (const { method, params, emittedAtMs } of notices) {
    seen.push([method, params.threadId, emittedAtMs]);
    if (seen.length === 3) break;
  }
  expect(seen).toEqual([
    ["thread/archived", "a", 5],
    ["thread/unarchived", "a", undefined],
    ["thread/archived", "b", undefined],
  ]);
});

test("a reader ends with the client, after what came before, and when it is left", async () => {
  const it = await connected();
  const heard = vi.fn();
  it.codex.on("skills/changed", heard);
  const first = it.codex.notices("skills/changed");
  const second = it.codex.notices("skills/changed");
  it.server.notify("skills/changed", {});
  const left = it.codex.notices("skills/changed");
  for (let index = 0; index < 500; index += 1) it.server.notify("skills/changed", {});
  await until(() => heard.mock.calls.length >= 256);
  // Its hold goes with it: the others still have theirs.
  await left.return();
  expect((await left.next()).done).toBe(true);
  expect((await first.next()).value).toMatchObject({ method: "skills/changed" });
  await it.codex.close();
  let count = 1;
  for await (const _ of first) count += 1;
  expect(count).toBe(256);
  await second.return();
});

test("hold() stops notices and requests of the server, not answers; each is released once", async () => {
  await using it = await connected({ "thread/loaded/list": () => ({ data: [], nextCursor: null }) });
  const heard = vi.fn();
  it.codex.on("skills/changed", heard);
  const [one, two] = [it.codex.hold(), it.codex.hold()];
  it.server.notify("skills/changed", {});
  await it.codex.thread.loaded.list({});
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  await settle();
  expect(heard).not.toHaveBeenCalled();
  two[Symbol.dispose]();
  await until(() => heard.mock.calls.length === 1);
});
