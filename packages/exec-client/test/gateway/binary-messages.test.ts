import type { BinaryFrame, FramePort } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { createGateway } from "../../src/gateway/index.ts";
import {
  type BinaryPlan,
  BinaryServers,
  binaryMessage,
  CONTENT,
  type SeenMessage,
  seenMessage,
} from "../support/binary-server.ts";

const BLOCK = Buffer.alloc(8_192, "b");

class Client {
  readonly seen: SeenMessage[] = [];
  readonly #port: FramePort;

  constructor(port: FramePort) {
    this.#port = port;
    port.open({ frame: (frame) => this.seen.push(seenMessage(frame)), drained: () => {}, closed: () => {} });
  }

  send(frame: object | BinaryFrame): void {
    this.#port.send("parts" in frame ? frame : JSON.stringify(frame));
  }

  async answer(id: number): Promise<SeenMessage> {
    await until(() => this.seen.some((message) => message.id === id));
    return this.seen.find((message) => message.id === id) as SeenMessage;
  }
}

async function behind(plan: BinaryPlan, says: "text" | "binary") {
  const servers = new BinaryServers(plan);
  const gateway = createGateway(servers, { clock: new FakeClock() });
  const [near, far] = memoryLink();
  gateway.accept(far);
  const client = new Client(near);
  client.send({ id: 1, method: "initialize", params: { clientName: "raw" } });
  const opened = await client.answer(1);
  client.send(says === "text" ? { method: "initialized" } : binaryMessage({ method: "initialized" }));
  client.send({ id: 2, method: "fs/open", params: { handleId: "h", path: "file:///srv/file" } });
  await client.answer(2);
  return { servers, client, opened, [Symbol.asyncDispose]: () => gateway.close() };
}

function kindsAt({ lines }: BinaryServers): (string | undefined)[] {
  return (lines[0] ?? []).filter(({ kind }) => kind === "binary").map(({ method }) => method);
}

/** The bytes of a message, whichever way they came. */
function chunkOf(part: SeenMessage["params"], message: SeenMessage | undefined): Buffer {
  return message?.kind === "binary" ? message.behind : Buffer.from(String(part?.chunk), "base64");
}

const answer = (id: number) => binaryMessage({ id, result: { eof: true }, bytes: "chunk" }, CONTENT);
const writeBlock = { id: 3, method: "fs/writeBlock", params: { handleId: "h", offset: 0 } };
const readBlock = { id: 4, method: "fs/readBlock", params: { handleId: "h", offset: 0, len: 9_000 } };

test("a gateway passes bytes on as bytes, both ways, where both sides take them", async () => {
  await using line = await behind({ advertises: true, answer }, "binary");
  expect(line.opened.result).toMatchObject({ environmentInfo: { capabilities: { holdfastBinaryMessages: true } } });
  line.client.send(binaryMessage({ ...writeBlock, bytes: "chunk" }, BLOCK));
  expect(await line.client.answer(3)).toMatchObject({ result: {} });
  line.client.send(readBlock);
  const block = await line.client.answer(4);
  expect([block.kind, block.bytes, block.behind.equals(CONTENT)]).toEqual(["binary", "chunk", true]);
  expect(kindsAt(line.servers)).toEqual(["initialized", "fs/writeBlock"]);
  const written = line.servers.lines[0]?.find(({ method }) => method === "fs/writeBlock");
  expect(written?.behind.equals(BLOCK)).toBe(true);
});

test("a client that sends none gets none, whatever the executor sends", async () => {
  await using line = await behind({ advertises: true, answer }, "text");
  line.client.send({ ...writeBlock, params: { ...writeBlock.params, chunk: BLOCK.toString("base64") } });
  await line.client.answer(3);
  line.client.send(readBlock);
  expect((await line.client.answer(4)).result).toEqual({ eof: true, chunk: CONTENT.toString("base64") });
  expect(line.client.seen.map(({ kind }) => kind)).not.toContain("binary");
  const written = line.servers.lines[0]?.find(({ method }) => method === "fs/writeBlock");
  expect(chunkOf(written?.params, written).equals(BLOCK)).toBe(true);
});

test("an executor that does not read them is sent none, and its clients are not told of any", async () => {
  await using line = await behind({ advertises: false }, "text");
  const info = line.opened.result?.environmentInfo as { readonly capabilities: object };
  expect(info.capabilities).not.toHaveProperty("holdfastBinaryMessages");
  line.client.send({ ...writeBlock, params: { ...writeBlock.params, chunk: BLOCK.toString("base64") } });
  await line.client.answer(3);
  expect(kindsAt(line.servers)).toEqual([]);
});

test("over lines of text to the executor, its clients may send binary messages all the same", async () => {
  await using line = await behind({ advertises: true, carries: false }, "binary");
  line.client.send(binaryMessage({ ...writeBlock, bytes: "chunk" }, BLOCK));
  await line.client.answer(3);
  line.client.send(readBlock);
  const block = await line.client.answer(4);
  expect(chunkOf(block.result, block).equals(CONTENT)).toBe(true);
  const written = line.servers.lines[0]?.find(({ method }) => method === "fs/writeBlock");
  expect([written?.kind, written?.params?.chunk]).toEqual(["text", BLOCK.toString("base64")]);
});
