import type { FramePort } from "@holdfast/rpc";
import { listenWebSocket } from "@holdfast/rpc/websocket";
import { leakGuard, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type ConnectOptions, connect } from "../../src/connect.ts";
import { isFetchError } from "../../src/errors/fetch-error.ts";
import { HttpBodyError, InvalidArgumentError } from "../../src/errors.ts";
import { HTTP_REQUEST_BODY_MAX_BYTES } from "../../src/limits.ts";
import { connected } from "../support/connected.ts";
import { FakeExecServer, type Handler, LINUX_INFO, NO_ANSWER, Refusal } from "../support/fake-exec-server.ts";

interface Asked {
  readonly requestId: string;
  readonly url: string;
  readonly [member: string]: unknown;
}

function asked(params: unknown): Asked {
  return params as Asked;
}

/** Send one piece of a body. */
function delta(server: FakeExecServer, requestId: string, seq: number, text: string, more: object = {}): void {
  const deltaBase64 = Buffer.from(text).toString("base64");
  server.notify("http/request/bodyDelta", { requestId, seq, deltaBase64, done: false, error: null, ...more });
}

/** Answers with a head, then with pieces. */
function streams(pieces: readonly string[], head: object = {}): Handler {
  return (params, server) => {
    const { requestId } = asked(params);
    setImmediate(() => {
      for (const [index, piece] of pieces.entries()) delta(server, requestId, index + 1, piece);
      delta(server, requestId, pieces.length + 1, "", { done: true });
    });
    return { status: 200, headers: [], bodyBase64: "", ...head };
  };
}

/** A server behind a websocket: every line of the client is a server of its own. */
async function webServer(handlers: Record<string, Handler>, options: ConnectOptions = {}) {
  const lines: FakeExecServer[] = [];
  const onPort = (port: FramePort): void => void lines.push(new FakeExecServer(port, handlers));
  const listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort });
  const executor = await connect(listener.url, { recovery: false, ...options });
  return {
    executor,
    lines,
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await listener[Symbol.asyncDispose]();
    },
  };
}

describe("the answer", () => {
  test("is a Response with status, headers and a body that streams", async () => {
    const headers = [
      { name: "content-type", value: "text/plain" },
      { name: "set-cookie", value: "a=1" },
      { name: "set-cookie", value: "b=2" },
    ];
    await using web = await webServer({ "http/request": streams(["hel", "lo"], { status: 404, headers }) });
    const response = await web.executor.fetch("http://origin/x");
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.ok]).toEqual([404, false]);
    expect(response.headers.get("content-type")).toBe("text/plain");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.text()).toBe("hello");
  });

  test.each([204, 205, 304])("of status %i has no body", async (status) => {
    await using web = await webServer({ "http/request": streams([], { status }) });
    const response = await web.executor.fetch("http://origin/");
    expect([response.status, response.body]).toEqual([status, null]);
  });

  test("of a status that no answer has is refused", async () => {
    await using web = await webServer({ "http/request": streams([], { status: 101 }) });
    await expect(web.executor.fetch("http://origin/")).rejects.toMatchObject({
      name: "HttpBodyError",
      code: "protocol",
    });
  });
});

describe("an answer that can not be told", () => {
  test.each([
    { name: "a b", value: "" },
    { name: "", value: "" },
    { name: "x", value: "a\nb" },
  ])("because of the header $name: $value is a breach of the protocol, and costs its line", async (header) => {
    const pieces: Handler = () => ({ status: 200, headers: [header], bodyBase64: "" });
    await using web = await webServer({ "http/request": pieces });
    await expect(web.executor.fetch("http://origin/")).rejects.toMatchObject({
      name: "HttpBodyError",
      code: "protocol",
      message: expect.stringContaining(JSON.stringify(header.name)),
    });
    await until(() => web.lines[1]?.closed !== undefined);
  });
});

describe("headers from variables of the executor", () => {
  const NEW: Record<string, Handler> = {
    initialize: () => ({
      sessionId: "session-1",
      environmentInfo: { ...LINUX_INFO, capabilities: { httpHeaderEnvVars: true } },
    }),
    "http/request": streams([]),
  };

  test("go by their names, behind the others", async () => {
    await using web = await webServer(NEW);
    await web.executor.fetch("http://origin/", {
      headers: { "x-key": "v" },
      headersFromEnv: { authorization: { prefix: "Bearer ", variable: "API_TOKEN" }, "x-region": "REGION" },
    });
    const [params] = web.lines.flatMap((line) => line.of("http/request"));
    expect(params?.headers).toEqual([
      { name: "x-key", value: "v" },
      { name: "accept-encoding", value: "gzip, deflate, br, zstd" },
      { name: "authorization", value: "Bearer ", valueEnvVar: "API_TOKEN" },
      { name: "x-region", value: "", valueEnvVar: "REGION" },
    ]);
  });

  test.each([
    [{ "a b": "TOKEN" }, /headersFromEnv\["a b"\] is no header/],
    [{ x: { prefix: "a\nb", variable: "TOKEN" } }, /headersFromEnv\["x"\] is no header/],
    [{ x: "" }, /headersFromEnv\["x"\] must name a variable/],
    [{ x: "A=B" }, /headersFromEnv\["x"\] must name a variable/],
    [{ x: "\ud83d" }, /headersFromEnv\["x"\] names half a character: \ufffd/],
    [{ x: 5 as never }, /headersFromEnv\["x"\] must name a variable/],
    [{ "X-Key": "TOKEN" }, /headersFromEnv\["X-Key"\] is among headers too/],
  ])("that are wrong are refused here: %j", async (headersFromEnv, message) => {
    await using web = await webServer(NEW);
    const asking = web.executor.fetch("http://origin/", { headers: { "x-key": "v" }, headersFromEnv });
    await expect(asking).rejects.toMatchObject({
      name: "InvalidArgumentError",
      argument: "headersFromEnv",
      message: expect.stringMatching(message),
    });
    expect(web.lines.flatMap((line) => line.of("http/request"))).toEqual([]);
  });

  test("are refused for an executor that would leave them out", async () => {
    const old = () => ({ sessionId: "session-1", environmentInfo: { ...LINUX_INFO, capabilities: {} } });
    await using web = await webServer({ ...NEW, initialize: old });
    const asking = web.executor.fetch("http://origin/", { headersFromEnv: { x: "TOKEN" } });
    await expect(asking).rejects.toMatchObject({
      argument: "headersFromEnv",
      message: expect.stringMatching(/0\.150 or later/),
    });
    expect(web.lines.flatMap((line) => line.of("http/request"))).toEqual([]);
  });
});

describe("the request", () => {
  test("carries method, headers, body, time and redirect policy", async () => {
    await using web = await webServer({ "http/request": streams([]) });
    await web.executor.fetch("http://origin/x?y=1#z", {
      method: "PUT",
      headers: { "X-Key": "v" },
      body: "hi",
      redirect: "manual",
      timeoutMs: 1_500,
    });
    const [params] = web.lines.flatMap((line) => line.of("http/request"));
    expect(params).toMatchObject({
      method: "PUT",
      url: "http://origin/x?y=1#z",
      bodyBase64: "aGk=",
      timeoutMs: 1_500,
      redirectPolicy: "stop",
      streamResponse: true,
    });
    expect(params?.headers).toContainEqual({ name: "x-key", value: "v" });
  });

  test.each([
    [1_500.2, 1_501],
    [Number.POSITIVE_INFINITY, undefined],
    [1e300, undefined],
  ])("with timeoutMs %d tells the executor %d", async (timeoutMs, told) => {
    await using web = await webServer({ "http/request": streams([]) });
    await web.executor.fetch("http://origin/", { timeoutMs });
    expect(web.lines.flatMap((line) => line.of("http/request"))[0]?.timeoutMs).toBe(told);
  });

  test("with redirect: error fails when there is one", async () => {
    await using web = await webServer({ "http/request": streams([], { status: 302 }) });
    const refused = web.executor.fetch("http://origin/", { redirect: "error" });
    await expect(refused).rejects.toMatchObject({ name: "HttpBodyError", code: "redirect" });
  });

  test.each([
    { argument: "url", url: "ftp://origin/", init: () => ({}) },
    { argument: "timeoutMs", url: "http://origin/", init: () => ({ timeoutMs: -1 }) },
    { argument: "timeoutMs", url: "http://origin/", init: () => ({ timeoutMs: 0 }) },
    { argument: "timeoutMs", url: "http://origin/", init: () => ({ timeoutMs: Number.NaN }) },
    {
      argument: "body",
      url: "http://origin/",
      init: () => ({ method: "POST", body: new Uint8Array(HTTP_REQUEST_BODY_MAX_BYTES + 1) }),
    },
  ])("with a wrong $argument is refused here", async ({ argument, url, init }) => {
    await using web = await webServer({ "http/request": streams([]) });
    const refusal = await web.executor.fetch(url, init()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidArgumentError);
    expect(refusal).toMatchObject({ argument });
    expect(web.lines.flatMap((line) => line.of("http/request"))).toEqual([]);
  });

  test.each<[string, number, unknown]>([
    ["failed", -32603, undefined],
    ["ECONNREFUSED", -32603, { holdfast: { code: "ECONNREFUSED", syscall: "connect" } }],
    ["refused", -32602, undefined],
  ])(
    "that has no answer is a FetchError, here %s, which tells nothing secret of the address",
    async (code, number, data) => {
      const url = "http://origin/path?key=s3cret";
      const handlers = {
        "http/request": () => {
          throw new Refusal(number, `http/request failed: error sending request for url (${url})`, data);
        },
      };
      await using web = await webServer(handlers);
      const error: unknown = await web.executor.fetch(url).catch((thrown: unknown) => thrown);
      expect(isFetchError(error)).toBe(true);
      const shown = "http://origin/path?***";
      expect(error).toMatchObject({
        name: "FetchError",
        code,
        url: shown,
        cause: { name: "RemoteError", code: number },
      });
      const message = `${code}: fetch ${shown}: http/request failed: error sending request for url (${shown})`;
      expect(error).toHaveProperty("message", message);
    },
  );
});

describe("lines for bodies", () => {
  test("are made at need and used again", async () => {
    await using web = await webServer({ "http/request": streams(["x"]) });
    expect(web.lines).toHaveLength(1);
    for (let round = 0; round < 5; round += 1) await (await web.executor.fetch("http://origin/")).text();
    expect(web.lines).toHaveLength(2);
    expect(web.lines[0]?.of("http/request")).toEqual([]);
  });

  test("end with the session", async () => {
    await using _ = leakGuard();
    await using web = await webServer({ "http/request": streams(["x"]) });
    const response = await web.executor.fetch("http://origin/");
    await web.executor.close();
    await until(() => web.lines.every(({ closed }) => closed !== undefined));
    expect(await response.text().catch((error: unknown) => error)).toEqual(
      expect.anything(), // read before the end, or a LinkError: never a hang
    );
  });

  test("a reader that waits holds back its own sender and nobody else", async () => {
    const total = 64;
    const piece = "x".repeat(512 * 1024);
    const sent = { pieces: 0, port: undefined as FramePort | undefined };
    const flood: Handler = async (params, server) => {
      const { requestId } = asked(params);
      void (async () => {
        for (let seq = 1; seq <= total; seq += 1) {
          // As an executor does: it sends on only when the line takes it.
          await until(() => sent.port?.writable === true);
          delta(server, requestId, seq, piece);
          sent.pieces = seq;
        }
        delta(server, requestId, total + 1, "", { done: true });
      })();
      return { status: 200, headers: [], bodyBase64: "" };
    };
    const onPort = (port: FramePort): void => {
      sent.port = port;
      new FakeExecServer(port, { "http/request": flood, "environment/status": () => ({ status: "ready" }) });
    };
    await using listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort });
    await using executor = await connect(listener.url, { recovery: false });
    const response = await executor.fetch("http://origin/");
    // Nobody reads: the sender stops long before the end, and other calls are answered.
    let before = -1;
    await until(
      () => {
        const still = before === sent.pieces && sent.port?.writable === false;
        before = sent.pieces;
        return still;
      },
      { intervalMs: 50 },
    );
    expect(sent.pieces).toBeLessThan(total);
    expect(await executor.status()).toBe("ready");
    expect((await response.arrayBuffer()).byteLength).toBe(total * piece.length);
  });

  test("giving up on a body ends its line, so that the executor stops too", async () => {
    const handlers: Record<string, Handler> = {
      "http/request": (params, server) => {
        setImmediate(() => delta(server, asked(params).requestId, 1, "abc"));
        return { status: 200, headers: [], bodyBase64: "" };
      },
    };
    await using web = await webServer(handlers);
    const response = await web.executor.fetch("http://origin/");
    await response.body?.cancel();
    await until(() => web.lines[1]?.closed !== undefined);
    expect(web.lines[0]?.closed).toBeUndefined();
  });
});

describe("giving up", () => {
  test("before the answer rejects the call and ends the line", async () => {
    await using web = await webServer({ "http/request": () => NO_ANSWER });
    const stop = new AbortController();
    const answer = web.executor.fetch("http://origin/", { signal: stop.signal });
    await until(() => web.lines.some((line) => line.of("http/request").length > 0));
    stop.abort(new Error("enough"));
    await expect(answer).rejects.toMatchObject({ name: "AbortError", code: "aborted" });
    await until(() => web.lines[1]?.closed !== undefined);
  });

  test("in the middle of the body fails it with an AbortError that has the signal's reason", async () => {
    const handlers: Record<string, Handler> = {
      "http/request": (params, server) => {
        setImmediate(() => delta(server, asked(params).requestId, 1, "abc"));
        return { status: 200, headers: [], bodyBase64: "" };
      },
    };
    await using web = await webServer(handlers);
    const stop = new AbortController();
    const response = await web.executor.fetch("http://origin/", { signal: stop.signal });
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("abc");
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(reader?.read()).rejects.toMatchObject({ name: "AbortError", code: "aborted", cause: reason, reason });
    await until(() => web.lines[1]?.closed !== undefined);
  });
});

describe("a body that goes wrong", () => {
  const begin =
    (then: (server: FakeExecServer, requestId: string) => void): Handler =>
    (params, server) => {
      setImmediate(() => then(server, asked(params).requestId));
      return { status: 200, headers: [], bodyBase64: "" };
    };

  test.each([
    ["jumps", (server: FakeExecServer, id: string) => delta(server, id, 2, "b")],
    [
      "repeats",
      (server: FakeExecServer, id: string) => {
        delta(server, id, 1, "a");
        delta(server, id, 1, "a");
      },
    ],
  ])("because its numbering %s fails as a breach of the protocol", async (_, then) => {
    await using web = await webServer({ "http/request": begin(then) });
    const response = await web.executor.fetch("http://origin/");
    await expect(response.text()).rejects.toMatchObject({ name: "HttpBodyError", code: "protocol" });
  });

  test("because its source broke off says why", async () => {
    const then = (server: FakeExecServer, id: string): void => {
      delta(server, id, 1, "a");
      delta(server, id, 2, "", { done: true, error: "error decoding response body" });
    };
    await using web = await webServer({ "http/request": begin(then) });
    const error = await (await web.executor.fetch("http://origin/")).text().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HttpBodyError);
    expect(error).toMatchObject({ code: "broken", message: "http/request: error decoding response body" });
  });

  test("because the line broke fails at once, read or not", async () => {
    await using web = await webServer({ "http/request": begin((server) => server.hangUp()) });
    const response = await web.executor.fetch("http://origin/");
    await expect(response.text()).rejects.toMatchObject({ name: "LinkError", code: "closed", delivery: "unknown" });
  });

  test("by pieces that are no base64 costs its line", async () => {
    const then = (server: FakeExecServer, requestId: string): void =>
      server.notify("http/request/bodyDelta", { requestId, seq: 1, deltaBase64: "a!!!", done: false });
    await using web = await webServer({ "http/request": begin(then) });
    const response = await web.executor.fetch("http://origin/");
    await expect(response.text()).rejects.toMatchObject({ name: "LinkError", code: "malformed" });
  });
});

describe("on the only line there is", () => {
  test("answers stream side by side, and pieces for nobody are ignored", async () => {
    await using there = await connected({ "http/request": streams(["a", "b"]) });
    const responses = await Promise.all([there.executor.fetch("http://one/"), there.executor.fetch("http://two/")]);
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(["ab", "ab"]);
    delta(there.server, "unheard-of", 1, "x");
    expect(await (await there.executor.fetch("http://three/")).text()).toBe("ab");
  });

  test("a body that nobody reads fails alone when too much waits", async () => {
    const piece = "x".repeat(1_048_576);
    const flood: Handler = (params, server) => {
      const { requestId, url } = asked(params);
      const count = url.endsWith("big") ? 17 : 1;
      setImmediate(() => {
        for (let seq = 1; seq <= count; seq += 1) delta(server, requestId, seq, piece);
        delta(server, requestId, count + 1, "", { done: true });
      });
      return { status: 200, headers: [], bodyBase64: "" };
    };
    await using there = await connected({ "http/request": flood });
    const big = await there.executor.fetch("http://origin/big");
    const small = await there.executor.fetch("http://origin/small");
    expect((await small.arrayBuffer()).byteLength).toBe(1_048_576);
    await expect(big.arrayBuffer()).rejects.toMatchObject({ name: "HttpBodyError", code: "overflow" });
    expect(there.executor.state).toBe("connected");
  });
});
