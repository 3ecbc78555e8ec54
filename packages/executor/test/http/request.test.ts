import { FakeClock, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { Line } from "../wire/line.ts";
import { Origin, redirect, type Seen } from "./origin.ts";

const ENV = { PATH: "/usr/bin:/bin", REGION: "north", EMPTY: "", OPENAI_API_KEY: "secret" };

async function ask(line: Line, params: object): Promise<{ status: number; headers: [string, string][]; body: string }> {
  const answer = await line.call("http/request", { method: "GET", requestId: "r", ...params });
  const headers = answer.headers.map(({ name, value }: { name: string; value: string }) => [name, value]);
  return { status: answer.status, headers, body: Buffer.from(answer.bodyBase64, "base64").toString("utf8") };
}

async function echoed(line: Line, params: object): Promise<Seen> {
  return JSON.parse((await ask(line, params)).body) as Seen;
}

test("sends method, headers and body as they are given, and adds only what HTTP needs", async () => {
  await using origin = await Origin.with();
  await using line = await Line.ready();
  const seen = await echoed(line, {
    url: `${origin.url}/echo`,
    method: "POST",
    headers: [
      { name: "X-Twice", value: "one" },
      { name: "x-twice", value: "two" },
      { name: "x-word", value: "caf\u00e9" },
    ],
    bodyBase64: Buffer.from("hello").toString("base64"),
  });
  expect(seen.method).toBe("POST");
  expect(seen.body).toBe("hello");
  const pairs = seen.headers.flatMap((name, index) => (index % 2 === 0 ? [[name, seen.headers[index + 1]]] : []));
  expect(pairs).toContainEqual(["x-twice", "one"]);
  expect(pairs).toContainEqual(["x-twice", "two"]);
  expect(pairs).toContainEqual(["x-word", Buffer.from("caf\u00e9", "utf8").toString("latin1")]);
  expect(pairs).toContainEqual(["accept", "*/*"]);
  expect(pairs).toContainEqual(["content-length", "5"]);
  const names = pairs.map(([name]) => name).filter((name) => !["host", "connection"].includes(name ?? ""));
  expect(names.sort()).toEqual(["accept", "content-length", "x-twice", "x-twice", "x-word"]);
});

test("user information of the URL becomes basic credentials and is not sent otherwise", async () => {
  await using origin = await Origin.with();
  await using line = await Line.ready();
  const { headers } = await echoed(line, { url: `${origin.url.replace("//", "//us%20er:p%40w@")}/echo` });
  expect(headers[headers.indexOf("authorization") + 1]).toBe(`Basic ${Buffer.from("us er:p@w").toString("base64")}`);
});

test("an error status is a result, repeated headers are kept in order, and what is not text is left out", async () => {
  await using origin = await Origin.with({
    "/odd": (_, response) => {
      response.writeHead(418, ["X-A", "1", "x-a", "2", "X-Bad", "caf\u00e9", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]);
      response.end("short");
    },
  });
  await using line = await Line.ready();
  const { status, headers, body } = await ask(line, { url: `${origin.url}/odd` });
  expect([status, body]).toEqual([418, "short"]);
  const told = headers.filter(([name]) => name.startsWith("x-") || name === "set-cookie");
  expect(told).toEqual([
    ["x-a", "1"],
    ["x-a", "2"],
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
  ]);
});

test("a compressed body arrives as it was sent", async () => {
  await using origin = await Origin.with({
    "/gz": (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("not really"),
  });
  await using line = await Line.ready();
  expect((await ask(line, { url: `${origin.url}/gz` })).body).toBe("not really");
});

test.each([
  ["", "http/request url is invalid: relative URL without a base"],
  ["/x", "http/request url is invalid: relative URL without a base"],
  ["http://", "http/request url is invalid: empty host"],
  ["http://:80/", "http/request url is invalid: empty host"],
  ["http://a:99999/", "http/request url is invalid: invalid port number"],
  ["http://a:b/", "http/request url is invalid: invalid port number"],
  ["http://a b/", "http/request url is invalid: invalid international domain name"],
  ["http://exa%mple/", "http/request url is invalid: invalid international domain name"],
  ["http://[::1", "http/request url is invalid: invalid IPv6 address"],
  ["http://1.2.3.4.5/", "http/request url is invalid: invalid IPv4 address"],
  ["ftp://x/", "http/request only supports http and https URLs, got ftp"],
  ["file:///etc/passwd", "http/request only supports http and https URLs, got file"],
])("refuses the URL %j", async (url, message) => {
  await using line = await Line.ready();
  await expect(ask(line, { url })).rejects.toMatchObject({ code: -32602, message });
});

test.each([
  [{ method: "GE T" }, "http/request method is invalid: invalid HTTP method"],
  [{ method: "" }, "http/request method is invalid: invalid HTTP method"],
  [{ headers: [{ name: "X Y", value: "" }] }, "http/request header name is invalid: invalid HTTP header name"],
  [
    { headers: [{ name: "x", value: "a\nb" }] },
    "http/request header value is invalid for x: failed to parse header value",
  ],
  [
    { headers: [{ name: "X", value: "", valueEnvVar: "NOPE" }] },
    "http/request header X requires executor environment variable NOPE",
  ],
  [
    { headers: [{ name: "X", value: "", valueEnvVar: "EMPTY" }] },
    "http/request header X requires a non-empty executor environment variable EMPTY",
  ],
  [
    { headers: [{ name: "X", value: "", valueEnvVar: "openai_api_key" }] },
    "http/request header X cannot use executor environment variable openai_api_key",
  ],
  [
    { headers: [{ name: "X", value: "", valueEnvVar: "toString" }] },
    "http/request header X requires executor environment variable toString",
  ],
])("refuses %j before anything is sent", async (wrong, message) => {
  await using origin = await Origin.with();
  await using line = await Line.ready({ env: ENV });
  await expect(ask(line, { url: `${origin.url}/echo`, ...wrong })).rejects.toMatchObject({ code: -32602, message });
  expect(await origin.connections()).toBe(0);
});

test("url and headers have bounds, which are told before anything is sent", async () => {
  await using origin = await Origin.with();
  await using line = await Line.ready();
  const url = `${origin.url}/echo`;
  const header = (value: string, index = 0) => ({ name: `x-${index}`, value });
  const headers = (count: number, value: string) => Array.from({ length: count }, (_, index) => header(value, index));
  const refused = (params: object) => ask(line, { url, ...params }).then(undefined, ({ message }: Error) => message);
  expect(await refused({ url: `${url}?${"x".repeat(65_534)}` })).toMatch(
    /^http\/request url is invalid: it has 655\d\d characters, at most 65534 are possible$/,
  );
  expect(await refused({ headers: headers(16_385, "") })).toBe(
    "http/request has 16385 headers, at most 16384 are possible",
  );
  expect(await refused({ headers: headers(2, "x".repeat(600_000)) })).toBe(
    "http/request has headers of 1200006 characters, at most 1048576 are possible",
  );
  expect(await origin.connections()).toBe(0);
});

test("a header takes the value of a variable of the executor", async () => {
  await using origin = await Origin.with();
  await using line = await Line.ready({ env: ENV });
  const { headers } = await echoed(line, {
    url: `${origin.url}/echo`,
    headers: [{ name: "x-region", value: "eu-", valueEnvVar: "REGION" }],
  });
  expect(headers[headers.indexOf("x-region") + 1]).toBe("eu-north");
});

test.each([
  [301, "POST", "GET", ""],
  [302, "POST", "GET", ""],
  [303, "POST", "GET", ""],
  [307, "POST", "POST", "hi"],
  [308, "POST", "POST", "hi"],
  [302, "PUT", "PUT", "hi"],
  [303, "PUT", "GET", ""],
])("follows a %i of a %s by a %s", async (status, method, followed, body) => {
  await using origin = await Origin.with({ "/r": redirect });
  await using line = await Line.ready();
  const seen = await echoed(line, {
    url: `${origin.url}/r?c=${status}`,
    method,
    bodyBase64: Buffer.from("hi").toString("base64"),
    headers: [
      { name: "content-type", value: "text/plain" },
      { name: "authorization", value: "mine" },
    ],
  });
  expect([seen.method, seen.body]).toEqual([followed, body]);
  expect(seen.headers).toContain("authorization");
  expect(seen.headers.includes("content-type")).toBe(body !== "");
  expect(seen.headers[seen.headers.indexOf("referer") + 1]).toBe(`${origin.url}/r?c=${status}`);
});

test("credentials stay with the origin that they were given for", async () => {
  await using other = await Origin.with();
  await using origin = await Origin.with({ "/r": redirect });
  await using line = await Line.ready();
  const seen = await echoed(line, {
    url: `${origin.url}/r?c=302&to=${encodeURIComponent(`${other.url}/echo`)}`,
    headers: [
      { name: "authorization", value: "mine" },
      { name: "cookie", value: "a=b" },
      { name: "x-kept", value: "1" },
    ],
  });
  expect(seen.headers).not.toContain("authorization");
  expect(seen.headers).not.toContain("cookie");
  expect(seen.headers).toContain("x-kept");
});

test("what a header has from the executor's environment stays with its origin too, another port being another origin", async () => {
  await using other = await Origin.with();
  await using origin = await Origin.with({ "/r": redirect });
  await using line = await Line.ready({ env: ENV });
  const headers = [
    { name: "x-region", value: "eu-", valueEnvVar: "REGION" },
    { name: "x-plain", value: "1", valueEnvVar: null },
  ];
  const to = (url: string) => `${origin.url}/r?c=307&to=${encodeURIComponent(url)}`;
  const away = await echoed(line, { url: to(`${other.url}/echo`), headers });
  expect(away.headers).not.toContain("x-region");
  expect(away.headers).toContain("x-plain");
  const home = await echoed(line, { url: to(`${origin.url}/echo`), headers });
  expect(home.headers[home.headers.indexOf("x-region") + 1]).toBe("eu-north");
});

test("ten redirects are followed, an eleventh is one too many", async () => {
  let hops = 0;
  await using origin = await Origin.with({
    "/loop": (_, response) => {
      hops += 1;
      response.writeHead(302, { location: "/loop" }).end();
    },
  });
  await using line = await Line.ready();
  const refusal = { code: -32603, message: "http/request failed: too many redirects" };
  await expect(ask(line, { url: `${origin.url}/loop` })).rejects.toMatchObject(refusal);
  expect(hops).toBe(11);
});

test("a redirect that leads out of the web fails, one that leads nowhere is the answer", async () => {
  await using origin = await Origin.with({ "/r": redirect });
  await using line = await Line.ready();
  await expect(ask(line, { url: `${origin.url}/r?c=302&to=ftp://x/` })).rejects.toMatchObject({
    code: -32603,
    message: "http/request failed: redirect target uses unsupported URL scheme: ftp",
  });
  expect((await ask(line, { url: `${origin.url}/r?c=302&to=http://` })).status).toBe(302);
  expect((await ask(line, { url: `${origin.url}/r?c=302`, redirectPolicy: "stop" })).status).toBe(302);
});

test("what can not be reached is told with its URL and the reason", async () => {
  await using line = await Line.ready();
  await expect(ask(line, { url: "http://user:pw@127.0.0.1:1/x" })).rejects.toMatchObject({
    code: -32603,
    message: expect.stringMatching(
      /^http\/request failed: error sending request for url \(http:\/\/127\.0\.0\.1:1\/x\): .*ECONNREFUSED/,
    ),
  });
});

test("a body that breaks off, lies about its length or takes too long fails, and says why", async () => {
  await using origin = await Origin.with({
    "/cut": (_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("abc", () => response.destroy());
    },
    "/never": () => {},
  });
  await using line = await Line.ready();
  const broken = { code: -32603, message: expect.stringMatching(/^failed to read http\/request response body: error/) };
  await expect(ask(line, { url: `${origin.url}/cut` })).rejects.toMatchObject(broken);
  for (const timeoutMs of [0, 30]) {
    await expect(ask(line, { url: `${origin.url}/never`, timeoutMs })).rejects.toMatchObject({
      code: -32603,
      message: `http/request failed: error sending request for url (${origin.url}/never): no end within ${timeoutMs} ms`,
    });
  }
});

test("a body that takes too long after its head fails, and says that it was the body", async () => {
  let taken = 0;
  await using origin = await Origin.with({
    // More than sockets hold: what is gone was read on the other side, and the head before it.
    "/slow": (_, response) => {
      response.writeHead(200).write(Buffer.alloc(32 * 1_048_576), () => {
        taken += 1;
      });
    },
  });
  const clock = new FakeClock();
  await using line = await Line.ready({ clock, limits: { maxHttpBufferedBytes: 64 * 1_048_576 } });
  const asked = expect(ask(line, { url: `${origin.url}/slow`, timeoutMs: 30 })).rejects.toMatchObject({
    code: -32603,
    message: expect.stringMatching(/^failed to read http\/request response body: error/),
  });
  await until(() => taken === 1);
  await clock.advance(30);
  await asked;
});

test("a whole body beyond the limit is refused with the limit and the way out", async () => {
  await using origin = await Origin.with({ "/big": (_, response) => response.end(Buffer.alloc(2_000)) });
  await using line = await Line.ready({ limits: { maxHttpBufferedBytes: 1_999 } });
  await expect(ask(line, { url: `${origin.url}/big` })).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining("it exceeds 1999 bytes, the most for one answer; set streamResponse"),
  });
  await using roomy = await Line.ready({ limits: { maxHttpBufferedBytes: 2_000 } });
  expect((await ask(roomy, { url: `${origin.url}/big` })).body).toHaveLength(2_000);
});

test("a body that is no base64 is refused with the place", async () => {
  await using line = await Line.ready();
  const wrong = { url: "http://127.0.0.1:1/", bodyBase64: "a!" };
  await expect(ask(line, wrong)).rejects.toMatchObject({
    code: -32602,
    message: expect.stringMatching(/^Invalid symbol 33, offset 1\./),
  });
});
