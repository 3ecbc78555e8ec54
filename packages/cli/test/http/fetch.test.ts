import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, type Executor } from "@holdfast/exec-client";
import { BadLine, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { serve } from "../support/cli.ts";
import { collectGarbage } from "../support/collect-garbage.ts";
import { sharedServer } from "../support/shared-server.ts";
import { pourForever, rawOrigin, webOrigin } from "./web-origin.ts";

const MIB = 1024 * 1024;

/** A client over a websocket of the program that serves all cases here, or of one of its own with this environment. */
async function served(env?: Record<string, string>) {
  const server = env === undefined ? await sharedServer() : await serve({ env });
  const line = await BadLine.to(server.url);
  const executor = await connect(line.url, { recovery: { retryIntervalMs: 10 } });
  const { pid } = server.child;
  return {
    executor,
    line,
    /** Memory of the serving program. */
    residentBytes: (): number => 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]),
    [Symbol.asyncDispose]: async () => {
      await executor.close();
      await line[Symbol.asyncDispose]();
      if (env !== undefined) await server[Symbol.asyncDispose]();
    },
  };
}

async function textOf(executor: Executor, url: string): Promise<string> {
  return (await executor.fetch(url)).text();
}

describe("a server that lies about its length", () => {
  const LIES: Readonly<Record<string, string>> = {
    "/too-short": "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc",
    "/broken-chunk": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nZZ\r\n",
    "/cut-chunk": "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\nab",
    "/two-lengths": "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
    "/negative": "HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\nabc",
    "/no-answer": "garbage\r\n\r\n",
    "/endless-head": `HTTP/1.1 200 OK\r\nx: ${"y".repeat(300_000)}`,
  };

  test.each(Object.keys(LIES))(
    "is found out, by an error that says why, and the next request is fine: %s",
    async (path) => {
      await using origin = await rawOrigin((asked, socket) =>
        socket.end(LIES[asked] ?? "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine"),
      );
      await using there = await served();
      const failure = await textOf(there.executor, origin.url + path).then(
        (text) => expect.unreachable(`read ${text}`),
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({
        message: expect.stringMatching(
          /error decoding response body: (the server closed before its end|Response does not match)|error sending request for url \(http.*\): (Response|the body is not as long as|the headers of the answer exceed 262144)/,
        ),
      });
      expect(await textOf(there.executor, `${origin.url}/fine`)).toBe("fine");
    },
  );

  test("by more than it said is cut off there, and the rest is never taken for another answer", async () => {
    const evil = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
    await using origin = await rawOrigin((path, socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n${path === "/first" ? `good${evil}` : "next"}`),
    );
    await using there = await served();
    expect(await textOf(there.executor, `${origin.url}/first`)).toBe("good");
    expect(await textOf(there.executor, `${origin.url}/next`)).toBe("next");
  });
});

describe("a server that sends forever", () => {
  test("is held back while nobody reads: neither side's memory grows, and others are served", async () => {
    let poured = 0;
    await using origin = await webOrigin((request, response) => {
      if (request.url === "/forever") pourForever(response, (bytes) => (poured += bytes));
      else response.end("short");
    });
    await using there = await served({});
    expect(await textOf(there.executor, `${origin.url}/short`)).toBe("short");
    const before = { serving: there.residentBytes(), here: process.memoryUsage().rss };
    const response = await there.executor.fetch(`${origin.url}/forever`);
    let last = -1;
    // It stands still: what is on its way fits into sockets and windows.
    await until(
      () => {
        const stands = poured === last;
        last = poured;
        return stands;
      },
      { intervalMs: 200 },
    );
    expect(poured).toBeLessThan(64 * MIB);
    expect(there.residentBytes() - before.serving).toBeLessThan(96 * MIB);
    expect(process.memoryUsage().rss - before.here).toBeLessThan(96 * MIB);
    expect(await textOf(there.executor, `${origin.url}/short`)).toBe("short");
    expect((await there.executor.run(["echo", "on"], { cwd: "/" })).stdout).toBe("on\n");
    const reader = response.body?.getReader();
    for (let read = 0; read < last + MIB && reader !== undefined; )
      read += (await reader.read()).value?.byteLength ?? 0;
    expect(poured).toBeGreaterThan(last);
    await reader?.cancel();
    await until(() => origin.openSockets <= 1);
  });

  test.each(["the signal", "cancel", "a response that nobody holds any more", "the end of the session", "a lost line"])(
    "is left by %s: its socket closes",
    async (how) => {
      await using origin = await webOrigin((_, response) => pourForever(response, () => {}));
      await using there = await served();
      const stop = new AbortController();
      const begin = async (): Promise<Response | undefined> => {
        const response = await there.executor.fetch(origin.url, { signal: stop.signal });
        const reader = response.body?.getReader();
        expect((await reader?.read())?.value?.byteLength).toBeGreaterThan(0);
        reader?.releaseLock();
        return how.startsWith("a response") ? undefined : response;
      };
      const response = await begin();
      expect(origin.openSockets).toBe(1);
      if (how === "the signal") {
        stop.abort(new Error("enough"));
        await expect(response?.body?.getReader().read()).rejects.toThrow("enough");
      } else if (how === "cancel") await response?.body?.cancel();
      else if (how === "the end of the session") await there.executor.close();
      else if (how === "a lost line") {
        const rest = response?.body?.pipeTo(new WritableStream());
        const reading = expect(rest).rejects.toMatchObject({ name: "LinkError", code: "closed" });
        there.line.cut();
        await reading;
      }
      await until(() => {
        if (how.startsWith("a response")) collectGarbage();
        return origin.openSockets === 0;
      });
    },
  );
});

describe("a line that breaks in the middle of a body", () => {
  test("fails the body at once although its origin is silent, and the next request finds the next line", async () => {
    await using origin = await webOrigin((request, response) => {
      if (request.url === "/silent") response.writeHead(200).write("first");
      else response.end("whole");
    });
    await using there = await served();
    const response = await there.executor.fetch(`${origin.url}/silent`);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("first");
    const next = expect(reader?.read()).rejects.toMatchObject({ name: "LinkError", delivery: "unknown" });
    there.line.cut();
    await next;
    await until(() => origin.openSockets === 0);
    expect(await textOf(there.executor, `${origin.url}/whole`)).toBe("whole");
  });

  test("never ends a body as if it were whole, wherever it breaks", async () => {
    const body = randomBytes(3 * MIB);
    await using origin = await webOrigin((_, response) => response.end(body));
    await using there = await served();
    for (const bytes of [1, 500, 5_000, MIB, 2 * MIB + 77, 4 * MIB - 1]) {
      const response = await there.executor.fetch(origin.url).catch(() => undefined);
      there.line.cutAfter("down", bytes);
      const got = await response?.arrayBuffer().catch((error: unknown) => error);
      if (got instanceof ArrayBuffer) expect(Buffer.from(got).equals(body)).toBe(true);
      else expect(got).toMatchObject({ name: "LinkError", code: "closed" });
    }
    there.line.cutAfter("down", Number.POSITIVE_INFINITY);
    const whole = await (await there.executor.fetch(origin.url)).arrayBuffer();
    expect(Buffer.from(whole).equals(body)).toBe(true);
  });
});

describe("what goes through", () => {
  test("headers repeat in both directions", async () => {
    const seen: string[][] = [];
    await using origin = await webOrigin((request, response) => {
      seen.push(request.rawHeaders);
      response.writeHead(200, ["Set-Cookie", "a=1", "X-Twice", "1", "Set-Cookie", "b=2", "x-twice", "2"]).end();
    });
    await using there = await served();
    const headers: [string, string][] = [
      ["x-word", "one"],
      ["X-Word", "two"],
    ];
    const response = await there.executor.fetch(origin.url, { headers });
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("x-twice")).toBe("1, 2");
    const [lines = []] = seen;
    expect(lines[lines.indexOf("x-word") + 1]).toBe("one, two");
  });

  test("130 answers at a time, each with its own body", async () => {
    let waiting: (() => void)[] = [];
    await using origin = await webOrigin((request, response) => {
      waiting.push(() => response.end(request.url?.repeat(5_000)));
      // None is answered before all have asked.
      if (waiting.length < 130) return;
      for (const answer of waiting) answer();
      waiting = [];
    });
    await using there = await served();
    const bodies = await Promise.all(
      Array.from({ length: 130 }, (_, index) => textOf(there.executor, `${origin.url}/${index}`)),
    );
    expect(bodies.map((body) => body.slice(0, body.length / 5_000))).toEqual(
      Array.from({ length: 130 }, (_, index) => `/${index}`),
    );
  });

  test("a request of 11 MiB and an answer of 96 MiB, byte for byte, in flat memory", async () => {
    const sent = randomBytes(11 * MIB);
    const piece = randomBytes(MIB);
    const expected = createHash("sha256");
    for (let count = 0; count < 96; count += 1) expected.update(piece);
    await using origin = await webOrigin((request, response) => {
      const got = createHash("sha256");
      request.on("data", (chunk: Buffer) => got.update(chunk));
      request.on("end", () => {
        response.writeHead(200, { "x-sha256": got.digest("hex") });
        let left = 96;
        const pour = (): void => {
          while (left > 0) {
            left -= 1;
            if (!response.write(piece)) return void response.once("drain", pour);
          }
          response.end();
        };
        pour();
      });
    });
    await using there = await served({});
    const response = await there.executor.fetch(origin.url, { method: "POST", body: sent });
    expect(response.headers.get("x-sha256")).toBe(createHash("sha256").update(sent).digest("hex"));
    const before = there.residentBytes();
    const got = createHash("sha256");
    for await (const chunk of response.body ?? []) got.update(chunk);
    expect(got.digest("hex")).toBe(expected.digest("hex"));
    expect(there.residentBytes() - before).toBeLessThan(128 * MIB);
  });

  test("a header from a variable of the executor, whose value is never here", async () => {
    const seen: string[][] = [];
    await using origin = await webOrigin((request, response) => {
      seen.push(request.rawHeaders);
      response.end();
    });
    await using there = await served({ HOLDFAST_TEST_TOKEN: "s3cret", HOLDFAST_TEST_EMPTY: "" });
    const headersFromEnv = { authorization: { prefix: "Bearer ", variable: "HOLDFAST_TEST_TOKEN" } };
    await (await there.executor.fetch(origin.url, { headersFromEnv })).text();
    await (await there.executor.fetch(origin.url, { headersFromEnv: { "x-key": "HOLDFAST_TEST_TOKEN" } })).text();
    const [first = [], second = []] = seen;
    expect(first[first.indexOf("authorization") + 1]).toBe("Bearer s3cret");
    expect(second[second.indexOf("x-key") + 1]).toBe("s3cret");
    for (const [variable, rule] of [
      ["HOLDFAST_TEST_UNSET", /header x-key requires executor environment variable HOLDFAST_TEST_UNSET/],
      ["HOLDFAST_TEST_EMPTY", /requires a non-empty executor environment variable HOLDFAST_TEST_EMPTY/],
      ["OPENAI_API_KEY", /header x-key cannot use executor environment variable OPENAI_API_KEY/],
    ] as const) {
      await expect(there.executor.fetch(origin.url, { headersFromEnv: { "x-key": variable } })).rejects.toMatchObject({
        name: "FetchError",
        code: "refused",
        cause: { code: -32602 },
        message: expect.stringMatching(rule),
      });
    }
    expect(seen).toHaveLength(2);
  });
});

describe("time", () => {
  test("holds for the whole exchange, the body included, and no longer one fires early", async () => {
    await using origin = await webOrigin((request, response) => {
      if (request.url === "/head") response.writeHead(200).write("first");
      if (request.url === "/whole") setTimeout(() => response.end("whole"), 20);
    });
    await using there = await served();
    const late = there.executor.fetch(`${origin.url}/never`, { timeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ name: "TimeoutError", code: "timeout" });
    const begun = await there.executor.fetch(`${origin.url}/head`, { timeoutMs: 200 });
    await expect(begun.text()).rejects.toMatchObject({
      name: "TimeoutError",
      code: "timeout",
      message: "http/request took more than 200 ms",
    });
    for (const timeoutMs of [2_147_483_648, Number.MAX_SAFE_INTEGER]) {
      expect(await (await there.executor.fetch(`${origin.url}/whole`, { timeoutMs })).text()).toBe("whole");
    }
    await until(() => origin.openSockets <= 1);
  });
});
