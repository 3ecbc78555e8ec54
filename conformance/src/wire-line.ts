import { once } from "node:events";
import { WireClient } from "@holdfast/testkit";
import { WebSocket } from "ws";

export { type WireMessage, WireTimeoutError } from "@holdfast/testkit";

/** A client that speaks raw messages over a websocket to an executor. */
export class WireLine extends WireClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  #sessionId = "";

  private constructor(socket: WebSocket) {
    super((frame) => socket.send(frame));
    this.#socket = socket;
    socket.on("message", (data) => this.receive(data.toString()));
    socket.on("close", (code, reason) => this.end({ code, reason: reason.toString() }));
    socket.on("error", () => {});
  }

  /** Dial; with `handshake` (default) also initialize. */
  static async open(url: string, options: { handshake?: boolean } = {}): Promise<WireLine> {
    const socket = new WebSocket(url, { maxPayload: 1 << 30, perMessageDeflate: false });
    const line = new WireLine(socket);
    await once(socket, "open");
    if (options.handshake ?? true) {
      const { result } = await line.call("initialize", { clientName: "conformance" });
      line.#sessionId = String(result?.sessionId);
      line.send({ method: "initialized", params: {} });
    }
    return line;
  }

  /** Of the session that the handshake made; empty without one. */
  get sessionId(): string {
    return this.#sessionId;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, "close");
    this.#socket.terminate();
    await closed;
  }
}
