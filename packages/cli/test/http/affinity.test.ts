import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer as createWebServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect as connectSocket, type Server, type Socket } from "node:net";
import { connect } from "@holdfast/exec-client";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { serve } from "../support/cli.ts";
import { CERTIFICATE, KEY } from "./certificate.ts";

const SET_COOKIES = [
  "__cflb=lane-7; Path=/; Secure; HttpOnly",
  "_cfuvid=visitor; Path=/only/here; Secure",
  "__cf_bm=wide; Domain=chatgpt.com; Path=/; Secure",
  "session=secret; Path=/; Secure",
  "__Secure-next-auth.session-token=secret; Path=/; Secure",
  "__cfruid=foreign; Domain=example.com; Path=/; Secure",
  "__cfseq=gone; Max-Age=0; Path=/; Secure",
];

interface Web extends AsyncDisposable {
  readonly proxyUrl: string;
  /** The cookies that came with each request, by scheme, host and path. */
  readonly seen: [where: string, cookie: string | undefined][];
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A web of two servers behind a proxy: whatever the host, port 443 leads to the one with TLS, any other to the plain one. */
async function startWeb(): Promise<Web> {
  const seen: Web["seen"] = [];
  const sockets = new Set<Socket>();
  const answer =
    (scheme: string) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      seen.push([`${scheme}://${request.headers.host}${request.url}`, request.headers.cookie]);
      if (request.url === "/away") response.setHeader("location", "https://example.com/landed");
      response.writeHead(request.url === "/away" ? 302 : 200, { "set-cookie": SET_COOKIES }).end("ok");
    };
  const secure = createTlsServer({ cert: CERTIFICATE, key: KEY }, answer("https"));
  const plain = createWebServer(answer("http"));
  const proxy = createWebServer();
  proxy.on("connect", (request, near: Socket) => {
    const far = connectSocket(portOf(request.url?.endsWith(":443") ? secure : plain), "127.0.0.1", () => {
      near.write("HTTP/1.1 200 Connection established\r\n\r\n");
      near.pipe(far).pipe(near);
    });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
  });
  const servers = [secure, plain, proxy];
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    proxyUrl: `http://127.0.0.1:${portOf(proxy)}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) await once(server.close(), "close");
    },
  };
}

describe("cookies of requests through an executor", () => {
  test("keep those that name a server, for their own hosts, over HTTPS only, and never another", async () => {
    await using folder = await tempDir();
    await using web = await startWeb();
    await writeFile(folder.join("ca.pem"), CERTIFICATE);
    const env = { HTTP_PROXY: web.proxyUrl, HTTPS_PROXY: web.proxyUrl, NODE_EXTRA_CA_CERTS: folder.join("ca.pem") };
    await using server = await serve({ env });
    await using executor = await connect(server.url);
    const get = async (url: string, headers: Record<string, string> = {}): Promise<void> => {
      const response = await executor.fetch(url, { headers });
      // They are told to whoever asked, all of them; only what is kept is chosen.
      expect(response.headers.getSetCookie()).toHaveLength(SET_COOKIES.length);
      expect(await response.text()).toBe("ok");
    };
    await get("http://chatgpt.com/plain");
    await get("https://example.com/other");
    await get("https://chatgpt.com/first");
    await get("https://chatgpt.com/second");
    await get("https://chatgpt.com/only/here");
    await get("https://api.chatgpt.com/below");
    await get("https://example.com/other");
    await get("http://chatgpt.com/plain");
    await get("https://chatgpt.com/own", { cookie: "mine=1" });
    await get("https://chatgpt.com/away");
    expect(web.seen).toEqual([
      ["http://chatgpt.com/plain", undefined],
      ["https://example.com/other", undefined],
      ["https://chatgpt.com/first", undefined],
      ["https://chatgpt.com/second", "__cflb=lane-7; __cf_bm=wide"],
      ["https://chatgpt.com/only/here", "__cflb=lane-7; _cfuvid=visitor; __cf_bm=wide"],
      ["https://api.chatgpt.com/below", "__cf_bm=wide"],
      ["https://example.com/other", undefined],
      ["http://chatgpt.com/plain", undefined],
      ["https://chatgpt.com/own", "mine=1"],
      ["https://chatgpt.com/away", expect.stringContaining("__cflb=lane-7")],
      ["https://example.com/landed", undefined],
    ]);
  });
});
