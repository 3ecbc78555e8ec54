import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { until } from "@holdfast/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exchange, proxied, rawClient, tcpServer } from "./proxied.ts";

const BLOCKED = "GET http://x.example/ HTTP/1.1\r\nHost: x.example\r\nConnection: close\r\n\r\n";

describe("a managed proxy", () => {
  test("says the same in its environment and to the sandbox", async () => {
    await using proxy = await proxied({ allowLocalBinding: true });
    expect(proxy.access).toEqual({ loopbackPorts: [proxy.httpPort, proxy.socksPort], allowLocalBinding: true });
    expect(proxy.environment).toMatchObject({
      HTTPS_PROXY: `http://127.0.0.1:${proxy.httpPort}`,
      ALL_PROXY: `socks5h://127.0.0.1:${proxy.socksPort}`,
      CODEX_NETWORK_ALLOW_LOCAL_BINDING: "1",
    });
  });

  test("has no SOCKS port where that is off", async () => {
    await using proxy = await proxied({ enableSocks5: false });
    expect(proxy.socksPort).toBeUndefined();
    expect(proxy.access.loopbackPorts).toEqual([proxy.httpPort]);
    expect(proxy.environment).toMatchObject({ ALL_PROXY: `http://127.0.0.1:${proxy.httpPort}` });
  });

  const outside = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4")?.address;

  test.skipIf(outside === undefined)("listens on the loopback only", async () => {
    await using proxy = await proxied();
    for (const port of proxy.access.loopbackPorts) {
      const socket = connect({ host: outside ?? "", port });
      const [error] = await once(socket, "error");
      expect((error as NodeJS.ErrnoException).code).toBe("ECONNREFUSED");
    }
  });

  test("survives whatever is sent to it", async () => {
    await using upstream = await tcpServer((socket) => socket.pipe(socket));
    await using proxy = await proxied({ upstream, options: { limits: { handshakeTimeoutMs: 20, idleTimeoutMs: 20 } } });
    const starts = [
      "",
      "CONNECT a.test:1 HTTP/1.1\r\n\r\n",
      "GET http://a.test/ HTTP/1.1\r\n",
      "CONNECT ",
      "\x05\x01\x00\x05\x01\x00\x03",
      "\x05",
    ];
    const bytes = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), fc.boolean());
    const attack = async (port: number, start: string, rest: Uint8Array, ends: boolean) => {
      await using client = await rawClient(port);
      client.socket.write(Buffer.concat([Buffer.from(start, "latin1"), rest]));
      if (ends) client.socket.end();
      else await client.ended;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 8, maxLength: 8 }), async (attacks) => {
        await Promise.all(
          attacks.flatMap(([start, rest, ends]) =>
            proxy.access.loopbackPorts.map((port) => attack(port, start, rest, ends)),
          ),
        );
      }),
      { numRuns: 30 },
    );
    expect(await exchange(proxy.httpPort, BLOCKED)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("serves many at once, and turns away those beyond its bound", async () => {
    await using upstream = await tcpServer((socket) => socket.pipe(socket));
    await using proxy = await proxied({ upstream, options: { limits: { maxConnections: 100 } } });
    const open = "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n";
    const clients = await Promise.all(Array.from({ length: 100 }, () => rawClient(proxy.httpPort)));
    for (const [index, { socket }] of clients.entries()) socket.write(`${open}<${index}>`);
    await until(() => clients.every((client, index) => client.text().endsWith(`<${index}>`)));
    expect(await exchange(proxy.httpPort, BLOCKED)).toBe("");
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
    await until(async () => (await exchange(proxy.httpPort, BLOCKED)).startsWith("HTTP/1.1 403 "));
  });

  test("ends with every connection, and a second time does nothing", async () => {
    let isOpen = false;
    await using upstream = await tcpServer((socket) => {
      isOpen = true;
      socket.once("close", () => (isOpen = false)).resume();
      socket.once("end", () => socket.end());
    });
    const proxy = await proxied({ upstream });
    const waiting = await rawClient(proxy.httpPort);
    const tunnelled = await rawClient(proxy.socksPort ?? 0);
    tunnelled.socket.write(
      Buffer.concat([Buffer.of(5, 1, 0, 5, 1, 0, 3, 6), Buffer.from("a.test"), Buffer.of(1, 187)]),
    );
    await until(() => isOpen);
    await proxy.close();
    await Promise.all([waiting.ended, tunnelled.ended, proxy.close()]);
    await until(() => !isOpen);
    for (const port of proxy.access.loopbackPorts) {
      const [error] = await once(connect({ host: "127.0.0.1", port }), "error");
      expect((error as NodeJS.ErrnoException).code).toBe("ECONNREFUSED");
    }
    await Promise.all([waiting, tunnelled].map((client) => client[Symbol.asyncDispose]()));
  });
});
