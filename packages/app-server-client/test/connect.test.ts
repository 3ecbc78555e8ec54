import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock, until } from "@holdfast/testkit";
import { FakeAppServer, NO_ANSWER, neverUpgrades, Refusal } from "@holdfast/testkit/servers";
import { describe, expect, test, vi } from "vitest";
import { AppServerConnection } from "../src/app-server.ts";
import { connectAppServer, InvalidArgumentError } from "../src/index.ts";
import { connected, settle } from "./support/connected.ts";
import { Dialler } from "./support/dialler.ts";

describe("the handshake", () => {
  test("says who connects and what is wanted, then that it is done", async () => {
    const capabilities = { experimentalApi: true, optOutNotificationMethods: ["thread/started"] };
    const clientInfo = { name: "editor", title: "Editor", version: "2.1" };
    await using it = await connected({}, { clientInfo, capabilities });
    await settle();
    expect(it.server.received.map(({ method }) => method)).toEqual(["initialize", "initialized"]);
    expect(it.server.of("initialize")).toEqual([{ clientInfo, capabilities }]);
    expect(it.server.received[1]).toEqual({ method: "initialized" });
    expect(it.codex.serverInfo.userAgent).toBe("test/0.171.0");
  });

  test("has a name of its own where none is given, and asks for nothing", async () => {
    await using it = await connected();
    expect(it.server.of("initialize")).toEqual([{ clientInfo: { name: "holdfast", version: "0" } }]);
  });

  test("that is refused ends the connection with the server's own words", async () => {
    const refused = connected({
      initialize: () => {
        throw new Refusal(-32600, "Invalid request: missing field `clientInfo`");
      },
    });
    await expect(refused).rejects.toMatchObject({ name: "RemoteError", code: -32600 });
  });

  test("that is answered with something else is told as such", async () => {
    await expect(connected({ initialize: () => ({ userAgent: 5 }) })).rejects.toMatchObject({
      name: "InvalidMessageError",
      method: "initialize",
    });
  });

  test("that is not answered ends by its time", async () => {
    const [near, far] = memoryLink();
    new FakeAppServer(far, { initialize: () => NO_ANSWER });
    const clock = new FakeClock();
    const connecting = connectAppServer(near, { clock, initializeTimeoutMs: 5_000 });
    const failed = expect(connecting).rejects.toMatchObject({
      code: "timeout",
      delivery: "unknown",
      method: "initialize",
    });
    await clock.advance(5_001);
    await failed;
  });

  test("that a caller gives up ends at once", async () => {
    const [near, far] = memoryLink();
    const server = new FakeAppServer(far, { initialize: () => NO_ANSWER });
    const stop = new AbortController();
    const connecting = connectAppServer(near, { signal: stop.signal });
    const failed = expect(connecting).rejects.toMatchObject({ name: "AbortError" });
    await settle();
    stop.abort();
    await failed;
    await until(() => server.closed !== undefined);
  });

  test("of a listener that never speaks ends by the time for the connection", async () => {
    await using server = await neverUpgrades();
    await expect(connectAppServer(server.url, { connectTimeoutMs: 200 })).rejects.toMatchObject({
      code: "timeout",
      delivery: "not-sent",
    });
  });
});

test("what the server says right after the handshake reaches handlers that are added when the client is there", async () => {
  const [near, far] = memoryLink();
  new FakeAppServer(far, {
    initialize: (_, server) => {
      queueMicrotask(() => server.notify("skills/changed", {}));
      return { userAgent: "a", codexHome: "/c", platformFamily: "unix", platformOs: "linux" };
    },
  });
  await using codex = await connectAppServer(near);
  const heard = vi.fn();
  codex.on("skills/changed", heard);
  await until(() => heard.mock.calls.length === 1);
});

test("a server that is not there yet is waited for", async () => {
  const dialler = new Dialler();
  dialler.refusal = "connect ECONNREFUSED";
  const clock = new FakeClock();
  const connecting = connectAppServer(dialler, { clock, retryForMs: 10_000 });
  await clock.advance(3_000);
  expect(dialler.attempts).toBeGreaterThan(3);
  dialler.refusal = undefined;
  await clock.advance(3_000);
  await using codex = await connecting;
  expect(codex.state).toBe("connected");
});

describe("what can not be used is refused before anything is dialled", () => {
  const cases: readonly (readonly [words: string, target: unknown, options?: unknown])[] = [
    ["is the variable that it comes from set?", undefined],
    ["is the variable that it comes from set?", ""],
    ["target must be a ws:, wss: or unix: URL", "http://127.0.0.1:1"],
    ["not ws://host/", "ssh://host", undefined],
    ["target must be a ws:", {}],
    ["target must be a ws:", { command: "" }],
    ["args must be an array of strings", { command: "codex", args: "app-server" }],
    ["did you mean args?", { command: "codex", arg: [] }],
    ["did you mean token?", "ws://127.0.0.1:1", { tokn: "x" }],
    ["callTimeoutMs must be milliseconds above 0", "ws://127.0.0.1:1", { callTimeoutMs: 0 }],
    ["recovery.deadlineMs must be", "ws://127.0.0.1:1", { recovery: { deadlineMs: -1 } }],
    ["retryForMs needs a target that can be dialled again", { command: "true" }, { retryForMs: 5 }],
  ];
  test.each(cases.filter(([words]) => !words.startsWith("not ws")))("%s", async (words, target, options) => {
    const refused = connectAppServer(target as never, options as never);
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError);
  });

  test("a password in a URL is not shown", async () => {
    await expect(connectAppServer("ftp://me:secret@host/")).rejects.not.toThrow("secret");
  });
});

test("no method of the protocol stands in the place of the client's own members", async () => {
  await using it = await connected();
  const own = Object.getOwnPropertyNames(AppServerConnection.prototype);
  const fromTable = Object.keys(it.codex);
  expect(fromTable).toContain("thread");
  expect(fromTable.filter((name) => own.includes(name))).toEqual([]);
  expect(fromTable).not.toContain("initialize");
});
