import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  decodeFrame,
  type PublicKey,
  publicKeyFromJson,
  type RelayFrame,
  SECURITY_PROFILE,
} from "@holdfast/relay-protocol";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { dialOut, type JoinedExecutor } from "../joined-executor.ts";
import { nameOfPeer, type Peer } from "../joins.ts";

export const ENVIRONMENT_ID = "fuzzed-1";
export const REGISTRATION_ID = "registration-1";

/** What the registry says about a harness. */
export interface RegistryAnswer {
  readonly status: number;
  readonly body: string;
}

const YES: RegistryAnswer = { status: 200, body: '{"valid":true}' };
const STARTUP_MS = 60_000;

/** An executor whose registry and rendezvous this is: it is sent whatever is to be tried. Ended when disposed. */
export class FuzzedExecutor implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: 1_048_576, perMessageDeflate: false });
  readonly #joined = Promise.withResolvers<void>();
  #executor: JoinedExecutor | undefined;
  #socket: WebSocket | undefined;
  #key: PublicKey | undefined;
  /** What the registry says next. */
  answer: RegistryAnswer = YES;
  /** When it says so; at once where there is none. */
  gate: Promise<void> | undefined;
  /** Authorizations that it was asked about so far. */
  validations = 0;
  isClosed = false;
  /** Called with each frame of the executor, and with undefined when its socket is gone. */
  onFrame: (frame: RelayFrame | undefined) => void = () => {};
  /** Called when the registry is asked about a harness. */
  onValidate: () => void = () => {};

  private constructor() {
    this.#server = createServer((asked, said) => {
      this.#answer(asked)
        .then(({ status, body }) => said.writeHead(status, { "content-type": "application/json" }).end(body))
        .catch(() => said.destroy());
    });
    this.#server.on("upgrade", (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#take(opened));
    });
  }

  static async start(peer: Peer, cwd: string): Promise<FuzzedExecutor> {
    const fuzzed = new FuzzedExecutor();
    fuzzed.#server.listen(0, "127.0.0.1");
    await once(fuzzed.#server, "listening");
    try {
      const url = `http://127.0.0.1:${fuzzed.#port}`;
      fuzzed.#executor = await dialOut({ peer, url, token: "fuzz", cwd, environmentId: ENVIRONMENT_ID });
      const late = (): Error => new Error(`${nameOfPeer(peer)} did not dial out: ${fuzzed.#executor?.log()}`);
      const timer = setTimeout(() => fuzzed.#joined.reject(late()), STARTUP_MS);
      await fuzzed.#joined.promise.finally(() => clearTimeout(timer));
      return fuzzed;
    } catch (error) {
      await fuzzed[Symbol.asyncDispose]();
      throw error;
    }
  }

  get publicKey(): PublicKey {
    if (this.#key === undefined) throw new Error("the executor has not registered");
    return this.#key;
  }

  get log(): string {
    return this.#executor?.log() ?? "";
  }

  send(message: Uint8Array | string): void {
    this.#socket?.send(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#executor?.[Symbol.asyncDispose]();
    this.#socket?.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #answer(asked: IncomingMessage): Promise<RegistryAnswer> {
    const chunks: Buffer[] = [];
    for await (const chunk of asked) chunks.push(chunk as Buffer);
    if (asked.url?.endsWith("/validate")) {
      this.validations += 1;
      const { answer, gate } = this;
      this.onValidate();
      await gate;
      return answer;
    }
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { readonly executor_public_key: unknown };
    this.#key = publicKeyFromJson(body.executor_public_key);
    const registered = {
      environment_id: ENVIRONMENT_ID,
      url: `ws://127.0.0.1:${this.#port}/socket`,
      security_profile: SECURITY_PROFILE,
      executor_registration_id: REGISTRATION_ID,
    };
    return { status: 200, body: JSON.stringify(registered) };
  }

  #take(socket: WebSocket): void {
    if (this.#socket !== undefined) {
      socket.terminate();
      return;
    }
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("message", (data: RawData) => this.onFrame(decodeFrame(data as Buffer)));
    socket.on("close", () => {
      this.isClosed = true;
      this.onFrame(undefined);
    });
    this.#joined.resolve();
  }
}

export const REGISTRY_YES = YES;
