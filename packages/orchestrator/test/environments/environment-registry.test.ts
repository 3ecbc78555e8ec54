import { SERVER_CERTIFICATE, TEST_CA, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type EnvironmentEvent, EnvironmentRegistry } from "../../src/index.ts";
import { farExecutor } from "../support/far-executor.ts";
import { localExecutor } from "../support/local-executor.ts";
import { silentPort } from "../support/silent-port.ts";

/** A port where nobody listens. */
async function deadUrl(): Promise<string> {
  const place = await silentPort();
  await place[Symbol.asyncDispose]();
  return place.url;
}

describe("an environment behind a URL", () => {
  test("begins to connect when it is registered, and all who ask share that connection", async () => {
    await using far = await farExecutor();
    await using registry = new EnvironmentRegistry({ environments: [{ id: "far", url: far.url }] });
    const handle = registry.require("far");
    expect(handle.status).toEqual({ state: "connecting" });
    await until(() => handle.status.state === "ready");
    const [one, ...others] = await Promise.all([handle.executor(), handle.executor(), handle.executor()]);
    expect(others.every((each) => each === one)).toBe(true);
    expect((await one.run(["echo", "there"])).stdout).toBe("there\n");
    expect(far.handshakes).toHaveLength(1);
  });

  test("that can not be reached is dialled once, and every use fails with the stored reason", async () => {
    const url = await deadUrl();
    await using registry = new EnvironmentRegistry({
      environments: [{ id: "far", url: `${url}/?signature=abcdefgh` }],
    });
    const handle = registry.require("far");
    const failures = await Promise.all([1, 2, 3].map(() => handle.executor().catch((error: unknown) => error)));
    const [first] = failures;
    expect(failures.every((each) => each === first)).toBe(true);
    expect(first).toMatchObject({ name: "EnvironmentError", code: "failed", environmentId: "far" });
    expect(String(first)).toMatch(
      /^EnvironmentError: exec-server connection attempt failed: failed to connect to exec-server websocket `ws:\/\/127\.0\.0\.1:\d+\/\?\*\*\*`: .*ECONNREFUSED/,
    );
    expect(handle.status).toEqual({ state: "failed", error: (first as Error).message });
    await expect(handle.executor()).rejects.toBe(first);
  });

  test("that turns connections away is dialled once, however many ask, and however often", async () => {
    await using far = await farExecutor();
    far.line.refuse();
    await using registry = new EnvironmentRegistry({ environments: [{ id: "far", url: far.url }] });
    const handle = registry.require("far");
    for (const _ of [1, 2, 3]) {
      await Promise.all([1, 2, 3].map(() => expect(handle.executor()).rejects.toMatchObject({ code: "failed" })));
    }
    expect(far.line.refusedCount).toBe(1);
    far.line.admit();
    await expect(handle.executor()).rejects.toMatchObject({ code: "failed" });
    expect(far.line.connectionCount).toBe(0);
    await registry.register({ id: "far", url: far.url }).executor();
    expect(far.line.connectionCount).toBe(1);
  });

  test("is dialled again after a failed start only where that is asked for", async () => {
    await using far = await farExecutor();
    far.line.refuse();
    const environments = [{ id: "far", url: far.url }];
    await using once = new EnvironmentRegistry({ environments });
    await using patient = new EnvironmentRegistry({ environments, retryFailedStart: true });
    await expect(once.require("far").executor()).rejects.toMatchObject({ code: "failed" });
    await expect(patient.require("far").executor()).rejects.toMatchObject({ code: "failed" });
    far.line.admit();
    await expect(once.require("far").executor()).rejects.toMatchObject({ code: "failed" });
    const [one, other] = await Promise.all([patient.require("far").executor(), patient.require("far").executor()]);
    expect(one).toBe(other);
    expect(far.handshakes).toHaveLength(1);
  });

  test("that takes connections and says nothing fails in the time it was given", async () => {
    await using silent = await silentPort();
    await using registry = new EnvironmentRegistry({
      environments: [{ id: "far", url: silent.url, connectTimeoutMs: 150 }],
    });
    await expect(registry.require("far").executor()).rejects.toThrow(
      `exec-server connection attempt failed: timed out connecting to exec-server websocket \`${silent.url}\` after 150ms`,
    );
  });

  test("is shown the token, which no error shows", async () => {
    await using far = await farExecutor({ token: "the secret word" });
    await using registry = new EnvironmentRegistry({
      environments: [
        { id: "right", url: far.url, bearerToken: "the secret word" },
        { id: "wrong", url: far.url, bearerToken: "another secret word" },
      ],
    });
    await registry.require("right").executor();
    const error = await registry
      .require("wrong")
      .executor()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "failed", message: expect.stringMatching(/401/) });
    const { inspect } = await import("node:util");
    expect(inspect(error, { depth: 8, showHidden: true })).not.toContain("another secret");
    expect(far.handshakes.map(({ authorization }) => authorization).sort()).toEqual([
      "Bearer another secret word",
      "Bearer the secret word",
    ]);
  });

  test("is reached over TLS, with a token, where its certificate is vouched for", async () => {
    await using far = await farExecutor({ token: "the secret word", tls: SERVER_CERTIFICATE });
    expect(far.url).toMatch(/^wss:/);
    const definition = { url: far.url, bearerToken: "the secret word" };
    await using registry = new EnvironmentRegistry({
      environments: [
        { id: "trusted", ...definition, ca: TEST_CA },
        { id: "stranger", ...definition },
      ],
    });
    expect((await (await registry.require("trusted").executor()).run(["echo", "over TLS"])).stdout).toBe("over TLS\n");
    await expect(registry.require("stranger").executor()).rejects.toThrow(/failed to connect .*certificate/);
  });

  test("is not sent a token over a network in the clear", async () => {
    const text = "exec-server protocol error: exec-server WebSocket headers require wss:// or a loopback destination";
    for (const host of ["box.example", "10.0.0.1", "0.0.0.0", "127.0.0.1.example"]) {
      const environments = [{ id: "far", url: `ws://${host}`, bearerToken: "secret" }];
      expect(() => new EnvironmentRegistry({ environments })).toThrow(text);
    }
  });
});

describe("a lost connection", () => {
  test("is had back by one dial, whoever waits, and the session is the same", async () => {
    await using far = await farExecutor();
    const events: EnvironmentEvent[] = [];
    await using registry = new EnvironmentRegistry({ environments: [{ id: "far", url: far.url }] });
    using _listening = registry.subscribe((event) => events.push(event));
    const handle = registry.require("far");
    const executor = await handle.executor();
    const { sessionId } = executor;
    far.line.cut();
    await until(() => handle.status.state === "recovering" || far.handshakes.length === 2);
    const texts = await Promise.all(
      [1, 2, 3, 4].map(async (each) => (await (await handle.executor()).run(["echo", `${each}`])).stdout),
    );
    expect(texts).toEqual(["1\n", "2\n", "3\n", "4\n"]);
    expect(far.handshakes).toHaveLength(2);
    expect((await handle.executor()).sessionId).toBe(sessionId);
    expect(events.map(({ status }) => status.state)).toEqual(["ready", "recovering", "ready"]);
  });

  test("that can not be had back fails what waits, and the next use connects anew, once", async () => {
    await using far = await farExecutor();
    await using registry = new EnvironmentRegistry({
      environments: [{ id: "far", url: far.url }],
      recovery: { deadlineMs: 200, retryIntervalMs: 20 },
    });
    const handle = registry.require("far");
    const first = await handle.executor();
    far.line.refuse();
    far.line.cut();
    await expect(first.run(["true"])).rejects.toMatchObject({ name: "LinkError" });
    await until(() => handle.status.state === "disconnected");
    expect(handle.status.error).toMatch(/^exec-server transport closed/);
    await expect(handle.executor()).rejects.toMatchObject({ code: "failed" });
    far.line.admit();
    const [one, other] = await Promise.all([handle.executor(), handle.executor()]);
    expect(one).toBe(other);
    expect(one).not.toBe(first);
    expect((await one.run(["echo", "back"])).stdout).toBe("back\n");
    expect(far.handshakes).toHaveLength(2);
  });

  test("is told at once to what must not wait", async () => {
    await using far = await farExecutor();
    await using registry = new EnvironmentRegistry();
    const handle = registry.register({ id: "far", url: far.url });
    expect(() => handle.readyExecutor()).toThrow("exec-server environment is not ready");
    await expect(handle.failFast(() => Promise.resolve())).rejects.toMatchObject({ code: "not-ready" });
    await handle.executor();
    expect(await handle.failFast((executor) => executor.fs.readTextFile("/proc/sys/kernel/ostype"))).toBe("Linux\n");
    const waiting = handle.failFast((executor, signal) => executor.run(["sleep", "60"], { signal }));
    await until(() => handle.readyExecutor().processes.openCount === 1);
    far.line.refuse();
    far.line.cut();
    await expect(waiting).rejects.toMatchObject({
      code: "recovering",
      message: "exec-server environment is recovering",
    });
    expect(() => handle.readyExecutor()).toThrow("exec-server environment is recovering");
  });
});

describe("a program that leads to an executor", () => {
  test("is started by nobody but the first use", async () => {
    await using folder = await tempDir("environments-");
    const trace = folder.join("started");
    await using registry = new EnvironmentRegistry({
      environments: [
        { id: "box", program: "/bin/sh", args: ["-c", `echo x >> ${trace}; exec cat`], initializeTimeoutMs: 200 },
      ],
    });
    const handle = registry.require("box");
    expect(handle.status).toEqual({ state: "idle" });
    expect(registry.report("box")).toEqual({ status: "pending", error: undefined });
    const { readFile } = await import("node:fs/promises");
    await expect(readFile(trace)).rejects.toMatchObject({ code: "ENOENT" });
    await Promise.all([1, 2].map(() => expect(handle.executor()).rejects.toMatchObject({ code: "failed" })));
    expect(await readFile(trace, "utf8")).toBe("x\n");
  });

  test("that is not there is told with its error", async () => {
    await using registry = new EnvironmentRegistry({ environments: [{ id: "box", program: "/does/not/exist" }] });
    await expect(registry.require("box").executor()).rejects.toThrow(
      /^exec-server connection attempt failed: failed to spawn exec-server: .*ENOENT/,
    );
  });

  test("that ends is told with what it said last", async () => {
    await using registry = new EnvironmentRegistry({
      environments: [{ id: "box", program: "/bin/sh", args: ["-c", "echo no such box >&2; exit 3"] }],
    });
    await expect(registry.require("box").executor()).rejects.toThrow(
      /^exec-server connection attempt failed: exec-server transport closed: .*no such box/,
    );
  });
});

describe("the registry", () => {
  test("tells the default first, and knows what it has", async () => {
    await using local = localExecutor();
    await using registry = new EnvironmentRegistry({
      environments: [{ id: "a", program: "a" }, local.definition, { id: "b", program: "b" }],
      defaultId: "local",
    });
    expect(registry.list().map(({ id }) => id)).toEqual(["local", "a", "b"]);
    expect(registry.default).toBe(registry.get("local"));
    expect(registry.default?.isRemote).toBe(false);
    expect(registry.report("local")).toEqual({ status: "ready", error: undefined });
    expect(registry.report("zzz")).toEqual({ status: "unknown", error: "unknown environment id `zzz`" });
    expect(() => registry.require("zzz")).toThrow("unknown environment id `zzz`");
    expect(local.connections()).toBe(0);
    expect((await (await registry.require("local").executor()).run(["echo", "here"])).stdout).toBe("here\n");
  });

  test("is all or nothing: an entry that is refused connects none of the others", async () => {
    await using far = await farExecutor();
    const good = { id: "far", url: far.url };
    const duplicated = [good, { id: "far", program: "x" }];
    expect(() => new EnvironmentRegistry({ environments: duplicated })).toThrow("environment id `far` is duplicated");
    expect(() => new EnvironmentRegistry({ environments: [good], defaultId: "q" })).toThrow(
      "exec-server protocol error: default environment `q` is not configured",
    );
    expect(far.line.connectionCount).toBe(0);
  });

  test.each([
    [{ id: "", url: "ws://x" }, "environment id cannot be empty"],
    [{ id: "a", url: "  " }, "remote environment requires an exec-server url"],
    [{ id: "a", url: "NoNe" }, "remote environment cannot use disabled exec-server url"],
    [{ id: "local", url: "ws://x" }, "environment id `local` is reserved for EnvironmentManager"],
    [{ id: "local", program: "x" }, "environment id `local` is reserved for EnvironmentManager"],
    [{ id: "a", program: " " }, "environment `a` program cannot be empty"],
  ])("refuses %j", async (definition, text) => {
    await using registry = new EnvironmentRegistry();
    expect(() => registry.register(definition)).toThrow(`exec-server protocol error: ${text}`);
    expect(registry.list()).toEqual([]);
  });

  test.each([
    [
      { id: "a", url: "ws://x", bearertoken: "secret" },
      /unknown option "bearertoken" of an environment; did you mean bearerToken\?/,
    ],
    [{ id: "a", url: "ws://x", program: "p" }, /unknown option "program"/],
    [{ id: "a", program: "p", args: "x" }, /args must be an array of strings/],
    [{ id: "a", program: "p", connectTimeoutMs: 5 }, /unknown option "connectTimeoutMs"/],
    [{ id: 5, url: "ws://x" }, /id must be/],
    [{ id: "a", url: 5 }, /url must be/],
    [{ id: "a" }, /target/],
  ])("refuses what is no definition: %j", async (definition, message) => {
    await using registry = new EnvironmentRegistry();
    expect(() => registry.register(definition as never)).toThrow(message);
    expect(registry.list()).toEqual([]);
  });

  test("refuses an option that is misspelt", () => {
    expect(() => new EnvironmentRegistry({ defaultID: "a" } as never)).toThrow(/did you mean defaultId\?/);
  });

  test("takes ids and URLs that only connecting shows to be wrong", async () => {
    await using registry = new EnvironmentRegistry();
    const handle = registry.register({ id: "bad id!", url: "http://q/?signature=secretword" });
    const error = await handle.executor().catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/exec-server connection attempt failed: .*http:\/\/q\/\?\*\*\*/);
  });
});

describe("an id that is registered anew", () => {
  test("gives up the connecting of the old one, whose callers are told", async () => {
    await using silent = await silentPort();
    await using far = await farExecutor();
    await using registry = new EnvironmentRegistry();
    const old = registry.register({ id: "far", url: silent.url });
    const waiting = old.executor();
    await until(() => silent.connections() === 1);
    const handle = registry.register({ id: "far", url: far.url });
    await expect(waiting).rejects.toMatchObject({ code: "replaced", message: "environment `far` was replaced" });
    expect(old.status).toEqual({ state: "ended", error: "environment `far` was replaced" });
    await until(() => silent.openCount() === 0);
    expect(registry.get("far")).toBe(handle);
    await handle.executor();
  });

  test("leaves the old one to who holds it, and to what runs there", async () => {
    await using before = await farExecutor();
    await using after = await farExecutor();
    await using registry = new EnvironmentRegistry();
    const old = registry.register({ id: "far", url: before.url });
    const executor = await old.executor();
    const hold = old.hold();
    const process = await executor.processes.start({ argv: ["cat"], pipeStdin: true });
    registry.register({ id: "far", url: after.url });
    expect((await (await old.executor()).run(["echo", "still"])).stdout).toBe("still\n");
    hold[Symbol.dispose]();
    hold[Symbol.dispose]();
    expect(old.status.state).toBe("ready");
    await process.write("on");
    await process.terminate();
    await process.closed;
    await until(() => before.line.openCount === 0);
    expect(old.status).toEqual({ state: "ended", error: "environment `far` was replaced" });
    await expect(old.executor()).rejects.toMatchObject({ code: "replaced" });
  });

  test("closes the old one at once where nobody uses it", async () => {
    await using before = await farExecutor();
    await using registry = new EnvironmentRegistry();
    const old = registry.register({ id: "far", url: before.url });
    await old.executor();
    registry.remove("far");
    await until(() => before.line.openCount === 0);
    expect(old.status).toEqual({ state: "ended", error: "environment `far` was removed" });
    expect(registry.get("far")).toBeUndefined();
  });
});

describe("an environment whose URL is told later", () => {
  test("lets what waits go on once it is told", async () => {
    await using far = await farExecutor();
    await using registry = new EnvironmentRegistry();
    const pending = registry.registerPending("far");
    expect(registry.report("far")).toEqual({ status: "pending", error: undefined });
    expect(pending.handle.address).toBe("a URL that is not told yet");
    expect(() => registry.registerPending("far")).toThrow("environment id `far` is already registered");
    const waiting = pending.handle.executor();
    expect(() => pending.supply(" ")).toThrow("remote environment requires an exec-server url");
    pending.supply(far.url);
    expect((await (await waiting).run(["echo", "late"])).stdout).toBe("late\n");
    expect(pending.handle.address).toBe(far.url);
  });

  test("fails what waits when it never will be, and its id is free again", async () => {
    await using registry = new EnvironmentRegistry();
    const pending = registry.registerPending("far");
    const waiting = pending.handle.executor();
    pending.fail("nothing could be rented");
    await expect(waiting).rejects.toThrow("nothing could be rented");
    expect(registry.get("far")).toBeUndefined();
    registry.registerPending("far");
  });
});

test("a URL that is signed is made anew for each connection, and never shown", async () => {
  await using far = await farExecutor({ token: "token of the third" });
  let count = 0;
  await using registry = new EnvironmentRegistry({
    environments: [
      {
        id: "far",
        url: () => {
          count += 1;
          const bearerToken = count === 3 ? "token of the third" : `token number ${count}`;
          if (count === 1) throw new Error("asking https://signer/?key=topsecretkey failed");
          return Promise.resolve({ url: `${far.url}/?signature=secret-${count}`, bearerToken });
        },
      },
    ],
    retryFailedStart: true,
  });
  const handle = registry.require("far");
  const errors = [];
  for (const _ of [1, 2]) errors.push(await handle.executor().catch((error: unknown) => error));
  const executor = await handle.executor();
  expect(far.handshakes).toEqual([
    { path: "/?signature=secret-2", authorization: "Bearer token number 2" },
    { path: "/?signature=secret-3", authorization: "Bearer token of the third" },
  ]);
  const { inspect } = await import("node:util");
  const shown = inspect([errors, handle.status, handle.address], { depth: 9, showHidden: true });
  expect(shown).toContain("https://signer/?***");
  expect(shown.match(/.*(?:topsecret|secret-|token number).*/g)).toBeNull();
  expect((await executor.run(["echo", "signed"])).stdout).toBe("signed\n");
});

test("closing ends every connection and every process that was started over one", async () => {
  await using far = await farExecutor();
  await using local = localExecutor();
  const registry = new EnvironmentRegistry({ environments: [local.definition, { id: "far", url: far.url }] });
  const ends = [];
  for (const handle of registry.list()) {
    handle.hold();
    const process = await (await handle.executor()).processes.start({ argv: ["sleep", "300"] });
    ends.push(process.closed);
  }
  await registry.close();
  await Promise.allSettled(ends);
  await until(() => far.line.openCount === 0);
  expect(() => registry.register({ id: "x", url: "ws://x" })).toThrow("the environments are closed");
});

test("a caller may stop waiting, and the others go on", async () => {
  await using silent = await silentPort();
  await using registry = new EnvironmentRegistry();
  const handle = registry.register({ id: "far", url: silent.url, connectTimeoutMs: 300 });
  const reason = new Error("no longer wanted");
  const stop = new AbortController();
  const impatient = handle.executor(stop.signal);
  const patient = handle.executor();
  stop.abort(reason);
  await expect(impatient).rejects.toBe(reason);
  await expect(patient).rejects.toMatchObject({ code: "failed" });
});
