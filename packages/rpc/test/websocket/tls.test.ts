import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { framePortContract, RecordingReceiver } from "@holdfast/rpc/testing";
import { connectWebSocket, type ListenWebSocketOptions, listenWebSocket } from "@holdfast/rpc/websocket";
import {
  CLIENT_CERTIFICATE,
  SECOND_SERVER_CERTIFICATE,
  SERVER_CERTIFICATE,
  STRANGER_CERTIFICATE,
  TEST_CA,
  until,
} from "@holdfast/testkit";
import { expect, test } from "vitest";
import { webSocketPair } from "./pair.ts";

framePortContract(
  "TLS",
  (options) => webSocketPair(options, { host: "127.0.0.1", port: 0, tls: SERVER_CERTIFICATE }, { ca: TEST_CA }),
  { carriesClose: true, carriesBinary: true },
);

function listen(options: Partial<ListenWebSocketOptions> = {}) {
  return listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    tls: SERVER_CERTIFICATE,
    onPort: (port) => port.open(new RecordingReceiver()),
    ...options,
  });
}

/** The name in the certificate that a new connection is shown. */
async function shownName(url: string): Promise<unknown> {
  const socket = connectTls({ host: "127.0.0.1", port: Number(new URL(url).port), ca: TEST_CA });
  await once(socket, "secureConnect");
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN;
}

test("a client trusts the authority that it was given, and else that of nobody here", async () => {
  await using listener = await listen();
  expect(listener.url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/);
  const port = await connectWebSocket(listener.url, { ca: TEST_CA });
  port.destroy("done");
  await expect(connectWebSocket(listener.url)).rejects.toMatchObject({ code: "closed", delivery: "not-sent" });
  await expect(connectWebSocket(listener.url.replace("wss:", "ws:"))).rejects.toMatchObject({ code: "closed" });
});

test("asks clients for a certificate, tells authorize its subject, and refuses those without a good one", async () => {
  const subjects: (string | undefined)[] = [];
  const refused: string[] = [];
  await using listener = await listen({
    tls: { ...SERVER_CERTIFICATE, clientCa: TEST_CA },
    authorize: (_, connection) => {
      subjects.push("local" in connection ? connection.clientSubject : undefined);
      return { principal: { name: "ci" } };
    },
    onRefused: ({ status, body }, peerName) => refused.push(`${status} ${peerName.replace(/:\d+$/, "")} ${body}`),
  });
  const port = await connectWebSocket(listener.url, { ca: TEST_CA, clientCertificate: CLIENT_CERTIFICATE });
  port.destroy("done");
  expect(subjects).toEqual(["O=Example, CN=ci"]);
  for (const clientCertificate of [undefined, STRANGER_CERTIFICATE]) {
    await expect(connectWebSocket(listener.url, { ca: TEST_CA, clientCertificate })).rejects.toThrow("cannot connect");
  }
  await until(() => refused.length === 2);
  expect(refused.every((each) => each.startsWith("0 127.0.0.1 the TLS handshake failed: "))).toBe(true);
  expect(subjects).toHaveLength(1);
});

test("shows another certificate from the next connection on, and keeps the one it has when the other can not be used", async () => {
  await using listener = await listen();
  const before = await connectWebSocket(listener.url, { ca: TEST_CA });
  const received = new RecordingReceiver();
  before.open(received);
  expect(await shownName(listener.url)).toBe("first");
  listener.setTls(SECOND_SERVER_CERTIFICATE);
  expect(await shownName(listener.url)).toBe("second");
  expect(() => listener.setTls({ ...SERVER_CERTIFICATE, key: SECOND_SERVER_CERTIFICATE.key })).toThrow();
  expect(() => listener.setTls({ cert: "nonsense", key: "nonsense" })).toThrow();
  expect(await shownName(listener.url)).toBe("second");
  expect(before.isEnding).toBe(false);
  before.destroy("done");
});

test("goes on to ask clients for a certificate of the same authority when it is given another one of its own", async () => {
  await using listener = await listen({ tls: { ...SERVER_CERTIFICATE, clientCa: TEST_CA } });
  expect(() => listener.setTls(SECOND_SERVER_CERTIFICATE)).toThrow("say whose");
  listener.setTls({ ...SECOND_SERVER_CERTIFICATE, clientCa: STRANGER_CERTIFICATE.cert });
  await expect(connectWebSocket(listener.url, { ca: TEST_CA, clientCertificate: CLIENT_CERTIFICATE })).rejects.toThrow(
    "cannot connect",
  );
});

test("refuses what is no certificate, and TLS where it has no place", async () => {
  await expect(listen({ tls: { cert: "x", key: "y" } })).rejects.toThrow();
  const place = { host: undefined, port: undefined, path: "/tmp/none" };
  await expect(listen(place)).rejects.toThrow("a unix socket does not need tls");
  await using plain = await listen({ tls: undefined });
  expect(() => plain.setTls(SERVER_CERTIFICATE)).toThrow("does not speak TLS");
});

test("drops the oldest of many that connect and say nothing, and lets others in", async () => {
  await using listener = await listen({ maxHalfOpen: 4 });
  const { port } = new URL(listener.url);
  const silent: Socket[] = [];
  let ended = 0;
  for (let count = 0; count < 6; count += 1) {
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("close", () => (ended += 1)).on("error", () => {});
    await once(socket, "connect");
    silent.push(socket);
  }
  await until(() => ended === 2);
  const ports = [];
  for (let count = 0; count < 6; count += 1) ports.push(await connectWebSocket(listener.url, { ca: TEST_CA }));
  expect(ports.every((each) => !each.isEnding)).toBe(true);
  expect(listener.connectionCount).toBe(6);
  for (const each of [...ports]) each.destroy("done");
  for (const socket of silent) socket.destroy();
});

test("drops a client that does not finish the TLS handshake in time", async () => {
  await using listener = await listen({ handshakeTimeoutMs: 200 });
  const socket = connect(Number(new URL(listener.url).port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "close");
});
