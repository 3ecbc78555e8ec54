import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connectWebSocket, listenWebSocket, tokenCheck, tokenDigestCheck } from "@holdfast/rpc/websocket";
import { describe, expect, test } from "vitest";
import { connectPlatformWebSocket } from "../../src/websocket/platform-connect.ts";
import { protocolsWithToken } from "../../src/websocket/token-protocol.ts";
import { exchange, handshake } from "./raw.ts";

const TOKEN = "grün-and-secret+/=";
const APP = "https://app.example";

/** A listener that lets pages of one origin in, with the token, and everyone else who has it. */
function listen(allowedOrigins: readonly string[] = [APP]) {
  const check = tokenCheck(TOKEN);
  return listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    onPort: (port) => port.open({ frame: () => {}, drained: () => {}, closed: () => {} }),
    allowedOrigins,
    authorize: (request: IncomingMessage) => {
      const refusal = check(request);
      return refusal === undefined ? { principal: { name: "token" } } : { refusal };
    },
  });
}

function asked(headers: readonly string[]): string {
  return handshake("/", headers);
}

const offered = (token: string) => `Sec-WebSocket-Protocol: ${protocolsWithToken(token).join(", ")}`;

describe("a listener that asks for a token", () => {
  test.each([
    ["no token", [], "401"],
    ["another token", [offered("other")], "401"],
    ["a part of the token", [offered(TOKEN.slice(0, -1))], "401"],
    ["an empty one", ["Sec-WebSocket-Protocol: holdfast, holdfast.token."], "401"],
    ["another one in a header", ["Authorization: Bearer other"], "401"],
    ["another scheme", [`Authorization: Basic ${TOKEN}`], "401"],
    ["two, one of them right", [offered("other"), `Authorization: Bearer ${TOKEN}`], "401"],
    ["a page of another origin, with the token", ["Origin: https://evil.example", offered(TOKEN)], "403"],
    ["a page of an origin that only begins alike", [`Origin: ${APP}.evil.example`, offered(TOKEN)], "403"],
    ["a page of the other scheme", ["Origin: http://app.example", offered(TOKEN)], "403"],
    ["a page without an origin of its own", ["Origin: null", offered(TOKEN)], "403"],
    ["a page of two origins", [`Origin: ${APP}`, `Origin: ${APP}`, offered(TOKEN)], "403"],
    ["a page that may, without the token", [`Origin: ${APP}`, "Sec-Fetch-Site: cross-site"], "401"],
    ["a site without an origin", ["Sec-Fetch-Site: cross-site", offered(TOKEN)], "403"],
  ])("answers %s", async (_, headers, status) => {
    await using listener = await listen();
    expect(await exchange(listener.url, asked(headers))).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test("never sends the token back, in a refusal or an acceptance", async () => {
    await using listener = await listen();
    const base64url = protocolsWithToken(TOKEN)[1] ?? "";
    const refused = await exchange(listener.url, asked([offered(`${TOKEN}x`)]));
    expect(refused).not.toContain(base64url);
    const webSocket = new WebSocket(listener.url, [...protocolsWithToken(TOKEN)]);
    await once(webSocket, "open");
    expect(webSocket.protocol).toBe("holdfast");
    webSocket.close();
  });

  test("lets in who brings it: by a header, and by subprotocols as a page does", async () => {
    await using listener = await listen();
    for (const connect of [connectWebSocket, connectPlatformWebSocket]) {
      const port = await connect(listener.url, { token: TOKEN });
      port.destroy("done");
      await expect(connect(listener.url, { token: "other" })).rejects.toMatchObject({ code: "closed" });
      await expect(connect(listener.url)).rejects.toMatchObject({ code: "closed" });
    }
  });

  test("serves a page of the origin that may, with the token", async () => {
    await using listener = await listen();
    const { headers } = { headers: { Origin: APP } };
    const port = await connectWebSocket(listener.url, { headers, token: TOKEN });
    port.destroy("done");
  });
});

test("pages may connect only where something asks them for a secret", async () => {
  const options = { host: "127.0.0.1", port: 0, onPort: () => {}, allowedOrigins: [APP] };
  await expect(listenWebSocket(options)).rejects.toThrow("allowedOrigins needs authorize");
});

test.each([
  "*",
  "https://*.example",
  "app.example",
  "https://app.example/",
  "https://app.example:443",
  "HTTPS://app.example",
  "https://App.example",
  "https://bücher.example",
  "https://user@app.example",
  "ws://app.example",
  "null",
  "",
])("takes no pattern and nothing else for an origin: %j", async (origin) => {
  await expect(listen([origin])).rejects.toThrow("is no origin");
});

test.each(["one\ntwo", "tab\t", " blank", "blank ", "漢字", "\ud800"])(
  "takes no token that no header could bring: %j",
  (token) => {
    expect(() => tokenCheck(token)).toThrow("one line of characters that a header can bring");
  },
);

test.each(["", "x".repeat(8_193)])("takes no token that is empty or long", (token) => {
  expect(() => tokenCheck(token)).toThrow("from 1 to 8192 bytes");
});

test("knows a token by its SHA-256 alone", () => {
  const check = tokenDigestCheck(createHash("sha256").update("secret").digest());
  const request = (authorization: string) => ({ headers: { authorization } }) as IncomingMessage;
  expect(check(request("Bearer secret"))).toBeUndefined();
  expect(check(request("Bearer other"))).toMatchObject({ status: 401, body: "invalid websocket bearer token" });
  expect(() => tokenDigestCheck(Buffer.alloc(31))).toThrow("has 32 bytes");
});

test.each([
  [undefined, "missing websocket bearer token"],
  ["", "invalid authorization header"],
  ["secret", "invalid authorization header"],
  ["Basic secret", "invalid authorization header"],
  ["Bearer", "invalid authorization header"],
  ["Bearer ", "invalid authorization header"],
  ["Bearer\tsecret", "invalid authorization header"],
  ["Bearersecret", "invalid authorization header"],
  ["Bearer secret secret", "invalid websocket bearer token"],
  ["Bearer secret, Bearer secret", "invalid websocket bearer token"],
  ["Bearer s\u00e9cret", "invalid authorization header"],
  ["bEARER   secret  ", undefined],
])("says of the header %j what is wrong with it", (authorization, body) => {
  const refusal = tokenCheck("secret")({ headers: { authorization } } as IncomingMessage);
  expect(refusal?.body).toBe(body);
  expect(refusal?.status).toBe(body === undefined ? undefined : 401);
});

test("takes a token of several words", () => {
  expect(
    tokenCheck("two words")({ headers: { authorization: "Bearer two words" } } as IncomingMessage),
  ).toBeUndefined();
});

test.each(["http://localhost:5173", "http://[::1]:5173", "https://127.0.0.1", "https://xn--bcher-kva.example:8443"])(
  "takes an origin as a browser sends it, and no other port of its host: %s",
  async (origin) => {
    await using listener = await listen([origin]);
    const port = await connectWebSocket(listener.url, { headers: { Origin: origin }, token: TOKEN });
    port.destroy("done");
    const other = new URL(origin);
    other.port = "81";
    const answer = await exchange(listener.url, asked([`Origin: ${other.origin}`, offered(TOKEN)]));
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  },
);
