import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { farSocket } from "../../src/admission/far-socket.ts";
import { findInSocketTables } from "../../src/admission/socket-table.ts";

const ownAddress = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;
const hasIpv6 = networkInterfaces().lo?.some(({ family }) => family === "IPv6") === true;

/** A connection, seen from both of its ends. */
async function connected(listenOn: string, to: string) {
  const server = createServer();
  server.listen(0, listenOn);
  await once(server, "listening");
  const client = connect((server.address() as AddressInfo).port, to);
  const [accepted] = (await once(server, "connection")) as [Socket];
  if (client.connecting) await once(client, "connect");
  accepted.on("error", () => {});
  client.on("error", () => {});
  const ends = {
    local: { address: accepted.localAddress ?? "", port: accepted.localPort ?? 0 },
    remote: { address: accepted.remoteAddress ?? "", port: accepted.remotePort ?? 0 },
  };
  return {
    client,
    accepted,
    ends,
    [Symbol.dispose]() {
      client.destroy();
      accepted.destroy();
      server.close();
    },
  };
}

describe.skipIf(process.platform !== "linux")("the socket at the far end of a connection", () => {
  test.each([
    ["IPv4", "127.0.0.1", "127.0.0.1"],
    ["another address of the loopback", "0.0.0.0", "127.9.9.9"],
    ...(hasIpv6
      ? [
          ["IPv6", "::1", "::1"],
          ["IPv4 on an IPv6 socket", "::", "127.0.0.1"],
          ["IPv4 on IPv6 sockets on both sides", "::", "::ffff:127.0.0.1"],
        ]
      : []),
    ...(ownAddress === undefined ? [] : [["an address that others can reach", "0.0.0.0", ownAddress]]),
  ])("is of this user (%s)", async (_, listenOn, to) => {
    using connection = await connected(listenOn, to);
    const far = await farSocket(connection.ends);
    expect(far).toEqual({ kind: "owned", uid: process.geteuid?.(), inode: expect.any(Number) });
    expect(far.kind === "owned" && far.inode > 0).toBe(true);
  });

  test("is told alike by the tables of /proc", async () => {
    using connection = await connected("127.0.0.1", "127.0.0.1");
    const { local, remote } = connection.ends;
    const end = ({ port }: { port: number }) => ({ address: Buffer.from([127, 0, 0, 1]), port });
    const found = await findInSocketTables(end(remote), end(local));
    expect({ kind: "owned", ...found }).toEqual(await farSocket(connection.ends));
  });

  test("has no owner any more when it was closed, whatever was sent through it", async () => {
    using connection = await connected("127.0.0.1", "127.0.0.1");
    connection.client.write("something to read");
    connection.client.end();
    connection.client.destroy();
    await once(connection.client, "close");
    expect(await farSocket(connection.ends)).toEqual({ kind: "orphaned" });
  });

  test("has no owner when it never was, though somebody listens on its port", async () => {
    using connection = await connected("127.0.0.1", "127.0.0.1");
    const { local } = connection.ends;
    expect(await farSocket({ local: { ...local, port: 1 }, remote: local })).toEqual({ kind: "orphaned" });
    expect(await farSocket({ local, remote: { ...local, port: 1 } })).toEqual({ kind: "orphaned" });
    expect(await farSocket({ local: { ...local, address: "" }, remote: local })).toEqual({ kind: "orphaned" });
  });

  test("is elsewhere when its address is of no interface here", async () => {
    using connection = await connected("127.0.0.1", "127.0.0.1");
    const remote = { address: "192.0.2.7", port: 40_000 };
    expect(await farSocket({ ...connection.ends, remote })).toEqual({ kind: "elsewhere" });
    expect(await farSocket({ ...connection.ends, remote: { ...remote, address: "::ffff:192.0.2.7" } })).toEqual({
      kind: "elsewhere",
    });
  });

  test("stays this user's when the near end has nothing left to say", async () => {
    using connection = await connected("127.0.0.1", "127.0.0.1");
    connection.accepted.end();
    await until(async () => (await farSocket(connection.ends)).kind === "owned");
  });
});
