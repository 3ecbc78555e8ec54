import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { bodyOf, exchange, httpServer, proxied, rawClient, tcpServer } from "./proxied.ts";

function get(url: string, more = "") {
  return `GET ${url} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n${more}Connection: close\r\n\r\n`;
}

function echo() {
  return httpServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method, url, headers } = request;
      response.setHeader("x-up", "1").end(JSON.stringify({ method, url, headers, body }));
    });
  });
}

function split(answer: string) {
  const [head = "", ...body] = answer.split("\r\n\r\n");
  return { head, body: body.join("\r\n\r\n") };
}

describe("a plain request", () => {
  test("goes on to the host it names, without what belongs to the connection", async () => {
    await using upstream = await echo();
    await using proxy = await proxied({ upstream });
    const more = "X-Mine: 1\r\nX-Hop: 1\r\nConnection: x-hop\r\nProxy-Authorization: secret\r\nTE: trailers\r\n";
    const { head, body } = split(await exchange(proxy.httpPort, get("http://a.test:8000/x?y=1", more)));
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(/x-up: 1/);
    const seen = JSON.parse(body.slice(body.indexOf("{"), body.lastIndexOf("}") + 1));
    expect(seen).toMatchObject({ method: "GET", url: "/x?y=1", headers: { host: "a.test:8000", "x-mine": "1" } });
    expect(Object.keys(seen.headers)).toEqual(["host", "x-mine", "connection"]);
    expect(proxy.dialled).toEqual(["93.184.216.34:8000"]);
  });

  test("carries a body of known length, and one in chunks under any method", async () => {
    await using upstream = await echo();
    await using proxy = await proxied({ upstream });
    const head = (method: string, frame: string) =>
      `${method} http://a.test/ HTTP/1.1\r\nHost: a.test\r\n${frame}\r\nConnection: close\r\n\r\n`;
    const chunked = "4\r\nabcd\r\n0\r\n\r\n";
    for (const request of [
      `${head("POST", "Content-Length: 4")}abcd`,
      `${head("PUT", "Transfer-Encoding: chunked")}${chunked}`,
      `${head("GET", "Transfer-Encoding: chunked")}${chunked}`,
    ]) {
      expect(await exchange(proxy.httpPort, request)).toContain('"body":"abcd"');
    }
  });

  test("the end of a connection is not hidden in a body: what follows it is never sent on", async () => {
    const heads: string[] = [];
    await using upstream = await httpServer((request, response) => {
      heads.push(request.url ?? "");
      response.end("ok");
    });
    await using proxy = await proxied({ upstream });
    const smuggled =
      "GET http://a.test/first HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /second HTTP/1.1\r\nHost: b\r\n\r\n";
    expect(await exchange(proxy.httpPort, smuggled)).toMatch(/^HTTP\/1\.1 400 /);
    expect(heads).toEqual([]);
  });

  test("that nothing allows is blocked, and says so", async () => {
    await using proxy = await proxied({ allow: ["*.test"], deny: ["d.test"] });
    const { head, body } = split(await exchange(proxy.httpPort, get("http://x.example/")));
    expect(head).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(head).toContain("content-type: application/json\r\nx-proxy-error: blocked-by-allowlist");
    expect(body).toBe(
      '{"status":"blocked","host":"x.example","reason":"not_allowed","decision":"deny","source":"baseline_policy","protocol":"http","port":80,"message":"Domain not in allowlist."}',
    );
    const denied = split(await exchange(proxy.httpPort, get("http://D.test.:81/")));
    expect(denied.head).toContain("x-proxy-error: blocked-by-denylist");
    expect(JSON.parse(denied.body)).toMatchObject({ host: "d.test", reason: "denied", port: 81 });
    expect(proxy.dialled).toEqual([]);
  });

  test("never reaches this machine: not by address, not by name, not by its own port", async () => {
    const reached: string[] = [];
    await using inside = await httpServer((request, response) => {
      reached.push(request.url ?? "");
      response.end("secret");
    });
    const names = { "rebound.test": ["127.0.0.1"], "half.test": ["93.184.216.34", "::1"], localhost: ["127.0.0.1"] };
    await using proxy = await proxied({ allow: ["*"], names });
    const { port } = inside.address() as { port: number };
    const hosts = [
      "127.0.0.1",
      "localhost",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "2130706433",
      "0x7f.1",
      "0",
      "rebound.test",
      "half.test",
    ];
    for (const host of hosts) {
      for (const to of [port, proxy.httpPort]) {
        const answer = await exchange(
          proxy.httpPort,
          `GET http://${host}:${to}/ HTTP/1.1\r\nHost: ${host}:${to}\r\n\r\n`,
        );
        expect([host, JSON.parse(split(answer).body).reason]).toEqual([host, "not_allowed_local"]);
      }
    }
    expect(await exchange(proxy.httpPort, `GET / HTTP/1.1\r\nHost: 127.0.0.1:${proxy.httpPort}\r\n\r\n`)).toContain(
      "not_allowed_local",
    );
    expect([reached, proxy.dialled]).toEqual([[], []]);
  });

  test("asks for a name once: a second answer changes nothing", async () => {
    await using upstream = await echo();
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return asked === 1 ? ["93.184.216.34"] : ["127.0.0.1"];
    };
    await using proxy = await proxied({ upstream, options: { resolve } });
    expect(await exchange(proxy.httpPort, get("http://a.test/"))).toMatch(/^HTTP\/1\.1 200 /);
    expect(proxy.dialled).toEqual(["93.184.216.34:80"]);
    expect(await exchange(proxy.httpPort, get("http://a.test/"))).toContain("not_allowed_local");
    expect(proxy.dialled).toHaveLength(1);
  });

  test("limited lets through what only reads", async () => {
    await using upstream = await echo();
    await using proxy = await proxied({ upstream, mode: "limited" });
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      expect(await exchange(proxy.httpPort, get("http://a.test/").replace("GET", method))).toMatch(/^HTTP\/1\.1 200 /);
    }
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"]) {
      const { head, body } = split(await exchange(proxy.httpPort, get("http://a.test/").replace("GET", method)));
      expect(head).toContain("x-proxy-error: blocked-by-method-policy");
      expect(JSON.parse(body)).toMatchObject({ reason: "method_not_allowed", source: "mode_guard" });
    }
    expect(proxy.dialled).toHaveLength(3);
  });

  test.each([
    ["another scheme", "GET https://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"],
    ["a file", "GET file:///etc/passwd HTTP/1.1\r\nHost: a.test\r\n\r\n"],
    ["credentials", "GET http://u:p@a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"],
    ["two hosts", "GET http://a.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n"],
    ["two ports", "GET http://a.test/ HTTP/1.1\r\nHost: a.test:81\r\n\r\n"],
    ["no host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
    ["no request", "NONSENSE\r\n\r\n"],
    ["a socks greeting", "\x05\x01\x00"],
    ["a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00"],
  ])("with %s is refused", async (_what, request) => {
    await using proxy = await proxied({ allow: ["*"] });
    expect(await exchange(proxy.httpPort, request)).toMatch(/^HTTP\/1\.1 400 /);
    expect(proxy.dialled).toEqual([]);
  });

  test("with too large a head is refused", async () => {
    await using proxy = await proxied({ options: { limits: { maxHeaderBytes: 2_048 } } });
    expect(await exchange(proxy.httpPort, get("http://a.test/", `X: ${"x".repeat(3_000)}\r\n`))).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });

  test("that is never finished ends", async () => {
    await using proxy = await proxied({ options: { limits: { handshakeTimeoutMs: 50 } } });
    expect(await exchange(proxy.httpPort, "GET http://a.test/ HTTP/1.1\r\nHost: ")).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  test("to where nobody answers fails", async () => {
    await using proxy = await proxied();
    expect(await exchange(proxy.httpPort, get("http://a.test/"))).toMatch(/^HTTP\/1\.1 502 [\s\S]*upstream failure$/);
  });

  test("whose name is never resolved is blocked in time", async () => {
    const options = { resolve: () => new Promise<string[]>(() => {}), limits: { connectTimeoutMs: 30 } };
    await using proxy = await proxied({ options });
    expect(await exchange(proxy.httpPort, get("http://a.test/"))).toContain("not_allowed_local");
  });

  test.each([
    ["nonsense", "\x00\xff nonsense\r\n\r\n"],
    ["nothing", ""],
    ["a switch of protocols", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    ["endless headers", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(20_000)}`],
  ])("that is answered with %s fails", async (_what, answer) => {
    await using upstream = await tcpServer((socket) => {
      socket.once("data", () => socket.end(answer, "latin1"));
    });
    await using proxy = await proxied({ upstream });
    expect(await exchange(proxy.httpPort, get("http://a.test/"))).toMatch(/^HTTP\/1\.1 502 /);
  });

  test("whose answer breaks off does not look complete", async () => {
    await using upstream = await tcpServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n"));
    });
    await using proxy = await proxied({ upstream });
    const answer = await exchange(proxy.httpPort, get("http://a.test/"));
    expect(answer).toContain("abcd");
    expect(answer).not.toContain("\r\n0\r\n");
  });

  test("of a client that left is given up", async () => {
    let gone = false;
    await using upstream = await tcpServer((socket) => socket.once("end", () => (gone = true)).resume());
    await using proxy = await proxied({ upstream });
    const client = await rawClient(proxy.httpPort);
    client.socket.write(get("http://a.test/"));
    await until(() => proxy.dialled.length === 1);
    await client[Symbol.asyncDispose]();
    await until(() => gone);
  });
});

describe("a tunnel", () => {
  const open = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n";
  const OPENED = "HTTP/1.1 200 OK\r\n\r\n";

  test("carries bytes both ways, also those sent too early", async () => {
    await using upstream = await tcpServer((socket) => socket.pipe(socket));
    await using proxy = await proxied({ upstream });
    await using client = await rawClient(proxy.httpPort);
    client.socket.write(`${open}early `);
    await until(() => client.text().endsWith("early "));
    client.socket.end("late");
    await client.ended;
    expect(client.text()).toBe(`${OPENED}early late`);
    expect(proxy.dialled).toEqual(["93.184.216.34:443"]);
  });

  test("one direction may end before the other", async () => {
    await using upstream = await tcpServer((socket) => {
      const chunks: Buffer[] = [];
      socket.on("data", (chunk) => chunks.push(chunk));
      socket.on("end", () => socket.end(`got ${Buffer.concat(chunks).toString()}`));
    });
    await using proxy = await proxied({ upstream });
    await using client = await rawClient(proxy.httpPort);
    client.socket.write(open);
    await until(() => client.text() === OPENED);
    client.socket.end("all of it");
    await client.ended;
    expect(client.text()).toBe(`${OPENED}got all of it`);
  });

  test("the far side may end first", async () => {
    let got = "";
    await using upstream = await tcpServer((socket) => {
      socket.on("data", (chunk) => (got += chunk.toString()));
      socket.end("done");
    });
    await using proxy = await proxied({ upstream });
    await using client = await rawClient(proxy.httpPort);
    client.socket.write(open);
    await client.ended;
    expect(client.text()).toBe(`${OPENED}done`);
    client.socket.end("still here");
    await until(() => got === "still here");
  });

  test.each([
    ["that may still send", false],
    ["that has sent everything", true],
  ])("a slow reader %s holds the writer back, and gets every byte", async (_what, hasEnded) => {
    const sent = randomBytes(24 * 1024 * 1024);
    let written = 0;
    await using upstream = await tcpServer((socket) => {
      const pump = () => {
        while (written < sent.length) {
          const more = socket.write(sent.subarray(written, written + 65_536));
          written += 65_536;
          if (!more) return void socket.once("drain", pump);
        }
        socket.end();
      };
      pump();
    });
    await using proxy = await proxied({ upstream });
    await using client = await rawClient(proxy.httpPort);
    client.socket.pause();
    client.socket.write(open);
    if (hasEnded) client.socket.end();
    let before = -1;
    await until(() => {
      const stands = written > 0 && written === before;
      before = written;
      return stands;
    });
    expect(written).toBeLessThan(sent.length);
    client.socket.resume();
    await client.ended;
    expect(client.received().subarray(OPENED.length).equals(sent)).toBe(true);
  });

  test("a client that breaks off while it waits is not waited for", async () => {
    const attempts: Socket[] = [];
    const connect = () => {
      const socket = new Socket();
      attempts.push(socket);
      return socket;
    };
    await using proxy = await proxied({ options: { connect } });
    const client = await rawClient(proxy.httpPort);
    client.socket.write(open);
    await until(() => attempts.length === 1);
    client.socket.resetAndDestroy();
    await until(() => attempts[0]?.destroyed === true);
  });

  test("what breaks one side breaks the other", async () => {
    await using upstream = await tcpServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    await using proxy = await proxied({ upstream });
    await using client = await rawClient(proxy.httpPort);
    client.socket.write(open);
    await until(() => client.text() === OPENED);
    client.socket.write("x");
    await client.ended;
    expect(client.text()).toBe(OPENED);
  });

  test("silence ends it", async () => {
    await using upstream = await tcpServer((socket) => socket.resume());
    await using proxy = await proxied({ upstream, options: { limits: { idleTimeoutMs: 50 } } });
    expect(await exchange(proxy.httpPort, open)).toBe(OPENED);
  });

  test.each([
    ["nothing allows it", "CONNECT x.example:443", "403", "Domain not in allowlist."],
    ["it is denied", "CONNECT d.test:443", "403", "Domain denied by the sandbox policy."],
    ["it leads inside", "CONNECT 10.0.0.1:443", "403", "Sandbox policy blocks local/private network addresses."],
    ["it names no port", "CONNECT a.test", "400", "request target is no host and port"],
    ["it names a URL", "CONNECT http://a.test/", "400", "request target is no host and port"],
    ["nobody answers", "CONNECT a.test:443", "502", "upstream failure"],
  ])("is refused where %s", async (_what, line, status, body) => {
    await using proxy = await proxied({ deny: ["d.test"] });
    const { head, body: text } = split(await exchange(proxy.httpPort, `${line} HTTP/1.1\r\nHost: a.test\r\n\r\n`));
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(text).toBe(body);
  });

  test("there is none in limited mode, because nobody could look inside", async () => {
    await using proxy = await proxied({ mode: "limited" });
    const answer = await exchange(proxy.httpPort, open);
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*blocked-by-mitm-required/);
    expect(proxy.dialled).toEqual([]);
  });
});
