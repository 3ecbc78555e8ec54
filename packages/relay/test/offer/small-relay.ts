import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { decodeFrame, encodeFrame, type RelayFrame } from "@holdfast/relay-protocol";
import { until } from "@holdfast/testkit";
import { type WebSocket, WebSocketServer } from "ws";

/** A call to the registry, as it came. */
export interface RegistryCall {
  readonly call: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: whatever came
  readonly body: any;
}

/** `silence`: there is none. */
export type Answer =
  | "silence"
  | { readonly status?: number; readonly body?: unknown; readonly headers?: Record<string, string> };

/** A registry and the executor's half of a rendezvous, which does what a test says: what harnesses send is the test's to write. */
export class SmallRelay implements AsyncDisposable {
  readonly calls: RegistryCall[] = [];
  readonly upgrades: IncomingHttpHeaders[] = [];
  readonly sockets: ExecutorEnd[] = [];
  /** What a socket is answered; `open` by default, one answer each otherwise, the last for all that follow. */
  onUpgrade: () => "open" | "silence" | { readonly status: number; readonly headers?: Record<string, string> } = () =>
    "open";
  onRegister: (call: RegistryCall) => Answer | Promise<Answer> = () => ({ body: this.registration() });
  onValidate: (call: RegistryCall) => Answer | Promise<Answer> = () => ({ body: { valid: true } });
  #registrations = 0;
  readonly #http: Server;
  readonly #webSockets = new WebSocketServer({ noServer: true });
  readonly #open = new Set<Duplex>();

  private constructor() {
    this.#http = createServer((request, response) => void this.#answer(request, response));
    this.#http.on("connection", (socket) => {
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket));
    });
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  static async start(): Promise<SmallRelay> {
    const relay = new SmallRelay();
    relay.#http.listen(0, "127.0.0.1");
    await once(relay.#http, "listening");
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** A good answer, new each time. */
  registration(): Record<string, string> {
    this.#registrations += 1;
    return {
      environment_id: "env-1",
      url: `${this.url.replace("http", "ws")}/socket?role=environment&sig=secret-${this.#registrations}`,
      security_profile: "noise_hybrid_ik_v1",
      executor_registration_id: `reg-${this.#registrations}`,
    };
  }

  of(call: string): readonly RegistryCall[] {
    return this.calls.filter((each) => each.call === call);
  }

  /** The executor's newest socket. @param count - How many there have been with it. */
  async socket(count = 1): Promise<ExecutorEnd> {
    await until(() => this.sockets.length >= count, { what: `socket ${count} of the executor` });
    return this.sockets[count - 1] as ExecutorEnd;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += chunk;
    const path = request.url ?? "";
    const call = { call: path.split("/").at(-1) ?? "", path, headers: request.headers, body: JSON.parse(text) };
    this.calls.push(call);
    const answer = await (call.call === "register" ? this.onRegister(call) : this.onValidate(call));
    if (answer === "silence") return;
    const { status = 200, body = "", headers = {} } = answer;
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.upgrades.push({ ...request.headers, ":path": request.url });
    const answer = this.onUpgrade();
    if (answer === "silence") return;
    if (answer !== "open") {
      const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${answer.status} No\r\n${headers.join("")}content-length: 0\r\n\r\n`);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.sockets.push(new ExecutorEnd(webSocket));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, "close");
  }
}

/** The relay's end of an executor's socket. */
export class ExecutorEnd {
  readonly webSocket: WebSocket;
  /** All that came, in order. */
  readonly frames: RelayFrame[] = [];
  readonly #listeners = new Set<(frame: RelayFrame) => void>();
  pings = 0;
  isClosed = false;

  constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    webSocket.on("message", (data: Buffer) => {
      const frame = decodeFrame(data);
      this.frames.push(frame);
      for (const listener of this.#listeners) listener(frame);
    });
    webSocket.on("ping", () => {
      this.pings += 1;
    });
    webSocket.on("error", () => {});
    webSocket.on("close", () => {
      this.isClosed = true;
    });
  }

  onFrame(listener: (frame: RelayFrame) => void): void {
    this.#listeners.add(listener);
  }

  send(frame: RelayFrame): void {
    this.webSocket.send(encodeFrame(frame));
  }

  raw(data: string | Uint8Array): void {
    this.webSocket.send(data);
  }

  /** The frames of one stream. */
  of(streamId: string, kind?: RelayFrame["body"]["kind"]): readonly RelayFrame[] {
    return this.frames.filter(
      (frame) => frame.streamId === streamId && (kind === undefined || frame.body.kind === kind),
    );
  }

  async reset(streamId: string, count = 1): Promise<void> {
    await until(() => this.of(streamId, "reset").length >= count, { what: `reset ${count} of ${streamId}` });
  }
}
