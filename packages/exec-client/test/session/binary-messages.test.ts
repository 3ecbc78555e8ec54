import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { connect } from "../../src/connect.ts";
import type { Executor } from "../../src/executor.ts";
import { type BinaryPlan, BinaryServers, binaryMessage, CONTENT, type SeenMessage } from "../support/binary-server.ts";
import { settle } from "../support/connected.ts";

const BLOCK = Buffer.alloc(8_192, "b");

async function connectedTo(...plans: BinaryPlan[]) {
  const servers = new BinaryServers(...plans);
  const clock = new FakeClock();
  const executor = await connect(servers, { clock, processConnections: "shared" });
  return { servers, clock, executor, [Symbol.asyncDispose]: () => executor.close() };
}

async function writeAndRead(executor: Executor): Promise<Uint8Array> {
  const file = await executor.fs.open("/srv/file", { mode: "replace" });
  await file.write(0, BLOCK);
  await file.write(BLOCK.length, Buffer.from("short"));
  const { data } = await file.read(0, CONTENT.length);
  await file.close();
  return data;
}

/** Methods of the messages that came as binary ones. */
function binaries(line: readonly SeenMessage[] | undefined): (string | undefined)[] {
  return (line ?? []).filter(({ kind }) => kind === "binary").map(({ method }) => method);
}

describe("a client", () => {
  test.each<[string, BinaryPlan]>([
    ["an executor that does not say that it reads them", { advertises: false }],
    ["one that does, over a line that carries none", { advertises: true, carries: false }],
  ])("sends no binary message to %s", async (_what, plan) => {
    await using connection = await connectedTo(plan);
    expect(Buffer.from(await writeAndRead(connection.executor))).toEqual(CONTENT);
    expect(connection.servers.lines.length).toBe(1);
    expect(binaries(connection.servers.lines[0])).toEqual([]);
    const written = connection.servers.lines[0]?.find(({ method }) => method === "fs/writeBlock");
    expect(written?.params?.chunk).toBe(BLOCK.toString("base64"));
  });

  test("tells an executor that reads them that it does so too, and sends long bytes as they are", async () => {
    await using connection = await connectedTo({ advertises: true });
    expect(Buffer.from(await writeAndRead(connection.executor))).toEqual(CONTENT);
    const [line] = connection.servers.lines;
    expect(line?.slice(0, 2).map(({ kind, method }) => [kind, method])).toEqual([
      ["text", "initialize"],
      ["binary", "initialized"],
    ]);
    expect(binaries(line)).toEqual(["initialized", "fs/writeBlock"]);
    const written = line?.find(({ method }) => method === "fs/writeBlock");
    expect(written).toMatchObject({ bytes: "chunk", params: { offset: 0 } });
    expect(written?.params).not.toHaveProperty("chunk");
    expect(written?.behind).toEqual(BLOCK);
  });

  test("reads what such an executor answers with bytes behind it", async () => {
    const answer = (id: number) => binaryMessage({ id, result: { eof: true }, bytes: "chunk" }, CONTENT);
    await using connection = await connectedTo({ advertises: true, answer });
    expect(Buffer.from(await writeAndRead(connection.executor))).toEqual(CONTENT);
  });

  test.each([
    [
      "bytes of nothing",
      (id: number) => binaryMessage({ id, result: { eof: true } }, CONTENT),
      "does not say what the 9000 bytes",
    ],
    [
      "a member that holds none",
      (id: number) => binaryMessage({ id, result: { eof: true }, bytes: "eof" }, CONTENT),
      "names a member that has no bytes",
    ],
  ])("ends the line, by what is wrong, when the answer has %s", async (_what, answer, reason) => {
    const servers = new BinaryServers({ advertises: true, answer });
    await using executor = await connect(await servers.dial(), { clock: new FakeClock() });
    await expect(writeAndRead(executor)).rejects.toThrow(reason);
  });

  test("refuses an answer whose bytes are those of another member", async () => {
    const answer = (id: number) => binaryMessage({ id, result: { eof: true }, bytes: "dataBase64" }, CONTENT);
    await using connection = await connectedTo({ advertises: true, answer });
    await expect(writeAndRead(connection.executor)).rejects.toThrow("missing field `chunk`");
  });

  test.each([
    ["an older executor on the next line", [true, false]],
    ["a newer executor on the next line", [false, true]],
  ])("begins anew with each connection: %s", async (_what, advertised) => {
    await using connection = await connectedTo(...advertised.map((advertises) => ({ advertises })));
    await writeAndRead(connection.executor);
    connection.servers.cut();
    await settle();
    await connection.clock.advance(1_000);
    await settle();
    await writeAndRead(connection.executor);
    const { lines } = connection.servers;
    expect(lines.map((line) => binaries(line))).toEqual(
      advertised.map((isBinary) => (isBinary ? ["initialized", "fs/writeBlock"] : [])),
    );
  });
});
