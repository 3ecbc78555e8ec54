import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { exchange, proxied, rawClient, tcpServer } from "./proxied.ts";

const GREETING = Buffer.of(5, 1, 0);
const WELCOME = Buffer.of(5, 0);

function connectTo(host: string | readonly number[], port = 443, command = 1): Buffer {
  const name = Buffer.from(typeof host === "string" ? host : "", "latin1");
  const address = typeof host === "string" ? [3, name.length, ...name] : [host.length === 4 ? 1 : 4, ...host];
  return Buffer.of(5, command, 0, ...address, port >> 8, port & 0xff);
}

function reply(code: number) {
  return Buffer.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0);
}

async function answerTo(port: number | undefined, ...messages: Buffer[]): Promise<Buffer> {
  return Buffer.from(await exchange(port ?? 0, Buffer.concat(messages)), "latin1");
}

describe("a SOCKS5 connection", () => {
  test("carries bytes both ways, also those sent too early, and each direction ends by itself", async () => {
    await using upstream = await tcpServer((socket) => socket.pipe(socket));
    await using proxy = await proxied({ upstream });
    await using client = await rawClient(proxy.socksPort ?? 0);
    client.socket.write(Buffer.concat([GREETING, connectTo("A.test"), Buffer.from("early ")]));
    await until(() => client.text().endsWith("early "));
    client.socket.end("late");
    await client.ended;
    expect(client.received()).toEqual(Buffer.concat([WELCOME, reply(0), Buffer.from("early late")]));
    expect(proxy.dialled).toEqual(["93.184.216.34:443"]);
  });

  test("a handshake may come byte by byte", async () => {
    await using upstream = await tcpServer((socket) => socket.end("hello"));
    await using proxy = await proxied({ upstream });
    await using client = await rawClient(proxy.socksPort ?? 0);
    client.socket.setNoDelay(true);
    for (const byte of Buffer.concat([GREETING, connectTo("a.test")])) {
      await new Promise((resolve) => client.socket.write(Buffer.of(byte), resolve));
    }
    await client.ended;
    expect(client.received()).toEqual(Buffer.concat([WELCOME, reply(0), Buffer.from("hello")]));
  });

  test("addresses are taken as well as names", async () => {
    await using upstream = await tcpServer((socket) => socket.end());
    await using proxy = await proxied({ upstream, allow: ["93.184.216.34"] });
    expect(await answerTo(proxy.socksPort, GREETING, connectTo([93, 184, 216, 34]))).toEqual(
      Buffer.concat([WELCOME, reply(0)]),
    );
  });

  test.each<[string, Buffer, number]>([
    ["what nothing allows", connectTo("x.example"), 2],
    ["what is denied", connectTo("d.test"), 2],
    ["loopback", connectTo([127, 0, 0, 1]), 2],
    ["loopback in IPv6", connectTo([...Array(15).fill(0), 1]), 2],
    ["loopback inside IPv6", connectTo([...Array(10).fill(0), 255, 255, 127, 0, 0, 1]), 2],
    ["loopback as a number", connectTo("2130706433"), 2],
    ["a name that leads inside", connectTo("in.test"), 2],
    ["where nobody answers", connectTo("a.test"), 4],
    ["listening", connectTo("a.test", 443, 2), 7],
    ["datagrams", connectTo("a.test", 443, 3), 7],
    ["port 0", connectTo("a.test", 0), 1],
    ["an empty name", connectTo(""), 1],
    ["a name that is none", connectTo("a b"), 1],
    ["a name with a NUL", connectTo("a.test\0.x"), 1],
    ["an unknown kind of address", Buffer.of(5, 1, 0, 9, 0, 0), 8],
  ])("%s is refused", async (_what, request, code) => {
    const names = { "a.test": ["93.184.216.34"], "in.test": ["192.168.0.1"] };
    await using proxy = await proxied({ allow: ["*"], deny: ["d.test"], names });
    expect(await answerTo(proxy.socksPort, GREETING, request)).toEqual(Buffer.concat([WELCOME, reply(code)]));
  });

  test("limited mode has none", async () => {
    await using proxy = await proxied({ mode: "limited" });
    expect(await answerTo(proxy.socksPort, GREETING, connectTo("a.test"))).toEqual(Buffer.concat([WELCOME, reply(2)]));
    expect(proxy.dialled).toEqual([]);
  });

  test("a client that insists on a password is told that there is none", async () => {
    await using proxy = await proxied();
    expect(await answerTo(proxy.socksPort, Buffer.of(5, 1, 2))).toEqual(Buffer.of(5, 0xff));
  });

  test.each([
    ["SOCKS4", Buffer.of(4, 1, 0, 80, 127, 0, 0, 1, 0)],
    ["HTTP", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ])("%s ends without an answer", async (_what, bytes) => {
    await using proxy = await proxied();
    expect(await answerTo(proxy.socksPort, bytes)).toEqual(Buffer.alloc(0));
  });

  test("a handshake that is never finished ends", async () => {
    await using proxy = await proxied({ options: { limits: { handshakeTimeoutMs: 50 } } });
    expect(await answerTo(proxy.socksPort, GREETING)).toEqual(WELCOME);
  });

  test("a client that ends in the middle is let go", async () => {
    await using proxy = await proxied();
    await using client = await rawClient(proxy.socksPort ?? 0);
    client.socket.end(Buffer.concat([GREETING, Buffer.of(5, 1)]));
    await client.ended;
    expect(client.received()).toEqual(WELCOME);
  });
});
