import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BinaryFrame, type FramePort, type InboundFrame } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { connectWebSocket, listenWebSocket } from "@holdfast/rpc/websocket";
import { until } from "@holdfast/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Executor } from "../../src/index.ts";
import { newExecutor } from "./line.ts";

const MIB = 1024 * 1024;

type Message = Readonly<Record<string, unknown>> & {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
  readonly bytes?: string;
};

/** A message as it stood on the wire, and what came behind its JSON. */
interface Arrived {
  readonly kind: "text" | "binary";
  readonly message: Message;
  readonly behind: Buffer;
}

function binary(message: object, behind: Uint8Array = new Uint8Array(0)): BinaryFrame {
  const json = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(json.length);
  return new BinaryFrame([Buffer.concat([head, json, behind])]);
}

function read(frame: InboundFrame): Arrived {
  if (!(frame instanceof BinaryFrame)) {
    const text = typeof frame === "string" ? frame : Buffer.from(frame).toString();
    return { kind: "text", message: JSON.parse(text) as Message, behind: Buffer.alloc(0) };
  }
  const whole = Buffer.from(frame.whole());
  const end = 4 + whole.readUInt32BE(0);
  const message = JSON.parse(whole.toString("utf8", 4, end)) as Message;
  return { kind: "binary", message, behind: whole.subarray(end) };
}

/** A client at the level of the wire, which sees what came as what. */
class Client {
  readonly arrived: Arrived[] = [];
  readonly #port: FramePort;
  #id = 0;

  constructor(port: FramePort) {
    this.#port = port;
    port.open({ frame: (frame) => this.arrived.push(read(frame)), drained: () => {}, closed: () => {} });
  }

  send(frame: string | BinaryFrame): void {
    this.#port.send(frame);
  }

  async answer(id: number): Promise<Arrived> {
    await until(() => this.arrived.some(({ message }) => message.id === id && message.method === undefined));
    const found = this.arrived.find(({ message }) => message.id === id && message.method === undefined);
    if (found === undefined) throw new Error("unreachable: it was waited for");
    return found;
  }

  call(method: string, params: object): Promise<Arrived> {
    this.#id += 1;
    this.send(JSON.stringify({ id: this.#id, method, params }));
    return this.answer(this.#id);
  }

  callWith(method: string, params: object, member: string, bytes: Uint8Array): Promise<Arrived> {
    this.#id += 1;
    this.send(binary({ id: this.#id, method, params, bytes: member }, bytes));
    return this.answer(this.#id);
  }

  /** @param says - How the client says that it is there. */
  async begin(says: "text" | "binary", more: object = {}): Promise<Arrived> {
    const opened = await this.call("initialize", { clientName: "test", ...more });
    const initialized = { method: "initialized", params: {} };
    this.send(says === "text" ? JSON.stringify(initialized) : binary(initialized));
    return opened;
  }

  close(): void {
    this.#port.close(1000, "");
  }
}

let executor: Executor;
let folder: string;
let listener: Awaited<ReturnType<typeof listenWebSocket>>;
const bugs: string[] = [];

beforeEach(async () => {
  bugs.length = 0;
  executor = newExecutor({ log: { debug: () => {}, warn: (message) => bugs.push(message) } });
  listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort: (port) => executor.accept(port) });
  folder = await mkdtemp(join(tmpdir(), "binary-messages-"));
});
afterEach(async () => {
  await executor.close();
  await listener.close();
  await rm(folder, { recursive: true });
  expect(bugs).toEqual([]);
});

function overMemory(): Promise<Client> {
  const [near, far] = memoryLink();
  executor.accept(far);
  return Promise.resolve(new Client(near));
}

async function overWebSocket(): Promise<Client> {
  return new Client(await connectWebSocket(listener.url));
}

async function fileOf(bytes: Uint8Array): Promise<string> {
  const path = join(folder, "file");
  await writeFile(path, bytes);
  return pathToFileURL(path).href;
}

function random(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
}

describe.each([
  ["a websocket", overWebSocket],
  ["memory", overMemory],
])("over %s", (_line, open) => {
  test("a client that sends no binary message gets none, whatever it asks for", async () => {
    const client = await open();
    const { message } = await client.begin("text");
    expect(message.result).toMatchObject({ environmentInfo: { capabilities: { holdfastBinaryMessages: true } } });
    const path = await fileOf(random(MIB));
    await client.call("fs/open", { handleId: "h", path });
    const block = await client.call("fs/readBlock", { handleId: "h", offset: 0, len: MIB });
    expect(Buffer.from(String(block.message.result?.chunk), "base64")).toEqual(random(MIB));
    await printed(client, 300_000);
    expect(client.arrived.map(({ kind }) => kind)).not.toContain("binary");
  });

  test("one that has sent one gets its blocks, files and output as bytes, and what is short as text", async () => {
    const client = await open();
    const opened = await client.begin("binary");
    expect(opened.kind).toBe("text");
    const content = random(MIB);
    const path = await fileOf(content);
    await client.call("fs/open", { handleId: "h", path });
    const block = await client.call("fs/readBlock", { handleId: "h", offset: 0, len: MIB });
    expect(block).toMatchObject({ kind: "binary", message: { result: { eof: false }, bytes: "chunk" } });
    expect(block.message.result).not.toHaveProperty("chunk");
    expect(block.behind.equals(content)).toBe(true);
    const file = await client.call("fs/readFile", { path });
    expect([file.kind, file.message.bytes, file.behind.equals(content)]).toEqual(["binary", "dataBase64", true]);
    const end = await client.call("fs/readBlock", { handleId: "h", offset: MIB - 3, len: 10 });
    expect(end).toMatchObject({
      kind: "text",
      message: { result: { chunk: content.subarray(-3).toString("base64") } },
    });
    const output = await printed(client, 300_000);
    expect(output.length).toBe(300_000);
    const notices = client.arrived.filter(({ message }) => message.method === "process/output");
    expect(notices.some(({ kind }) => kind === "binary")).toBe(true);
  });

  test("bytes that come behind a call are written as they are", async () => {
    const client = await open();
    await client.begin("binary");
    const path = await fileOf(Buffer.alloc(0));
    const content = random(MIB);
    await client.call("fs/open", { handleId: "w", path, mode: "replace" });
    expect(await client.callWith("fs/writeBlock", { handleId: "w", offset: 0 }, "chunk", content)).toMatchObject({
      message: { result: {} },
    });
    await client.callWith("fs/writeBlock", { handleId: "w", offset: MIB }, "chunk", Buffer.from("short"));
    await client.call("fs/close", { handleId: "w" });
    const { behind } = await client.call("fs/readFile", { path });
    expect(behind.equals(Buffer.concat([content, Buffer.from("short")]))).toBe(true);
    const other = pathToFileURL(join(folder, "other")).href;
    await client.callWith("fs/writeFile", { path: other }, "dataBase64", content);
    expect((await client.call("fs/readFile", { path: other })).behind.equals(content)).toBe(true);
    await client.callWith("fs/writeFile", { path: other }, "dataBase64", Buffer.alloc(0));
    expect((await client.call("fs/readFile", { path: other })).message.result).toEqual({ dataBase64: "" });
  });

  test("blocks that are asked for at once stay apart, though their memory is used again", async () => {
    const client = await open();
    await client.begin("binary");
    const content = random(8 * MIB);
    const path = await fileOf(content);
    await client.call("fs/open", { handleId: "h", path });
    for (let round = 0; round < 4; round += 1) {
      const asked = Array.from({ length: 8 }, (_, at) =>
        client.call("fs/readBlock", { handleId: "h", offset: at * MIB, len: MIB }),
      );
      for (const [at, { behind }] of (await Promise.all(asked)).entries()) {
        expect(behind.equals(content.subarray(at * MIB, (at + 1) * MIB))).toBe(true);
      }
    }
  });

  test("a message that is none is answered by what is wrong with it, and the line goes on", async () => {
    const client = await open();
    await client.begin("binary");
    const malformed = async (frame: BinaryFrame): Promise<string> => {
      const before = client.arrived.length;
      client.send(frame);
      await until(() => client.arrived.length > before);
      const { message } = client.arrived.at(-1) as Arrived;
      expect(message).toMatchObject({ id: -1, error: { code: -32600 } });
      return message.error?.message ?? "";
    };
    const call = { id: 9, method: "fs/writeBlock", params: { handleId: "h", offset: 0 } };
    expect(await malformed(new BinaryFrame([Buffer.from([0])]))).toMatch(/a binary message of 1 bytes has no length$/);
    expect(await malformed(new BinaryFrame([Buffer.from([0, 0xff, 0xff, 0xff])]))).toMatch(
      /has 16777215 bytes, and only 0 came$/,
    );
    expect(await malformed(binary(call, Buffer.from("x")))).toMatch(
      /does not say what the 1 bytes behind the JSON are$/,
    );
    const [named, member] = [{ ...call, method: "fs/getMetadata", bytes: "chunk" }, /names a member that has no bytes/];
    expect(await malformed(binary(named, Buffer.from("x")))).toMatch(member);
    expect(await malformed(binary({ ...call, bytes: "chunk", params: { chunk: "" } }))).toMatch(
      /in the JSON and behind it$/,
    );
    const { message } = await client.call("environment/status", {});
    expect(message.result).toEqual({ status: "ready" });
  });

  test("what is known of a client goes with its connection: a session that is resumed begins anew", async () => {
    const first = await open();
    const { message } = await first.begin("binary");
    first.close();
    await until(() => executor.connectionCount === 0);
    const second = await open();
    await second.begin("text", { resumeSessionId: message.result?.sessionId });
    const path = await fileOf(random(MIB));
    expect((await second.call("fs/readFile", { path })).kind).toBe("text");
    second.send(binary({ method: "initialized" }));
    expect((await second.call("fs/readFile", { path })).kind).toBe("binary");
  });
});

test("over a websocket, a message of text that begins with a length is no binary message", async () => {
  const client = await overWebSocket();
  await client.begin("text");
  client.send(Buffer.from(binary({ id: 7, method: "environment/status" }).whole()).toString("latin1"));
  expect((await client.answer(-1)).message.error?.message).toMatch(/not one JSON value$/);
});

/** What `head` prints, put together. */
async function printed(client: Client, bytes: number): Promise<Buffer> {
  const processId = `head-${bytes}`;
  await client.call("process/start", {
    processId,
    argv: ["/usr/bin/head", "-c", String(bytes), "/dev/zero"],
    cwd: pathToFileURL(folder).href,
    env: {},
    tty: false,
    pipeStdin: false,
  });
  const of = (method: string): Arrived[] =>
    client.arrived.filter(({ message }) => message.method === method && message.params?.processId === processId);
  await until(() => of("process/closed").length === 1);
  return Buffer.concat(
    of("process/output").map(({ kind, message, behind }) =>
      kind === "binary" && message.bytes === "chunk" ? behind : Buffer.from(String(message.params?.chunk), "base64"),
    ),
  );
}
