import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** One message as it crossed the wire. `client` means from orchestrator to executor. */
export interface RecordedMessage {
  readonly from: "client" | "server";
  readonly text: string;
  /** Number of the connection, from 1: ids count anew on each. */
  readonly line: number;
}

/** A websocket proxy that keeps what passes through it, in order of arrival. */
export interface Recorder extends AsyncDisposable {
  readonly url: string;
  readonly messages: readonly RecordedMessage[];
}

const MAX_FRAME_BYTES = 1 << 30;

/** What a recorder does besides. */
export interface RecorderOptions {
  /** Whether a message of the executor is lost on the way. It is recorded all the same. Default: none is. */
  readonly loses?: ((text: string) => boolean) | undefined;
}

/** The length of the JSON, in front of it; text that comes as a binary message begins with no such byte. */
const LENGTH_BYTES = 4;
const LENGTH_FIRST_BYTE_MAX = 0x08;

/** A message as text: bytes behind the JSON are put where they belong, as base64. */
function recordedText(data: Buffer, isBinary: boolean): string {
  if (!isBinary || (data[0] ?? LENGTH_FIRST_BYTE_MAX + 1) > LENGTH_FIRST_BYTE_MAX) return data.toString();
  const end = LENGTH_BYTES + data.readUInt32BE(0);
  const { bytes, ...message } = JSON.parse(data.toString("utf8", LENGTH_BYTES, end));
  if (bytes !== undefined) (message.params ?? message.result)[bytes] = data.toString("base64", end);
  return JSON.stringify(message);
}

/** Stand between a client and the executor at `targetUrl`. Either side's end ends the other. */
export async function startRecorder(
  targetUrl: string,
  { loses = () => false }: RecorderOptions = {},
): Promise<Recorder> {
  const messages: RecordedMessage[] = [];
  const http = createServer((_request, response) => {
    response.writeHead(404).end();
  });
  const proxy = new WebSocketServer({ server: http, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const upstreams = new Set<WebSocket>();
  let lines = 0;
  proxy.on("connection", (downstream) => {
    const line = ++lines;
    const upstream = new WebSocket(targetUrl, { maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
    upstreams.add(upstream);
    const early: (() => void)[] = [];
    downstream.on("message", (data: Buffer, binary: boolean) => {
      messages.push({ from: "client", text: recordedText(data, binary), line });
      if (upstream.readyState === WebSocket.OPEN) upstream.send(data, { binary });
      else early.push(() => upstream.send(data, { binary }));
    });
    upstream.on("open", () => {
      for (const send of early.splice(0)) send();
    });
    upstream.on("message", (data: Buffer, binary: boolean) => {
      const text = recordedText(data, binary);
      messages.push({ from: "server", text, line });
      if (!loses(text)) downstream.send(data, { binary });
    });
    upstream.on("close", () => {
      upstreams.delete(upstream);
      downstream.terminate();
    });
    upstream.on("error", () => downstream.terminate());
    downstream.on("close", () => upstream.terminate());
    downstream.on("error", () => upstream.terminate());
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    messages,
    [Symbol.asyncDispose]: async () => {
      for (const client of proxy.clients) client.terminate();
      for (const upstream of upstreams) upstream.terminate();
      proxy.close();
      http.close();
      await once(http, "close");
    },
  };
}
