import type { FramePort, PortClose } from "@holdfast/rpc";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { until } from "@holdfast/testkit";

/** A message, as it stands in its frame. */
export type Message = Readonly<Record<string, unknown>>;

/** A client that is no more than a port: it sends what it is told to, and remembers what comes. */
export class RawClient {
  readonly #port: FramePort;
  readonly #received = new RecordingReceiver();

  constructor(port: FramePort) {
    this.#port = port;
    port.open(this.#received);
  }

  get messages(): readonly Message[] {
    return this.#received.frames.map((frame) => JSON.parse(frame) as Message);
  }

  /** As they came: digits of ids included. */
  get frames(): readonly string[] {
    return this.#received.frames;
  }

  /** Of those that were received, the ones of this name. */
  named(method: string): readonly Message[] {
    return this.messages.filter((message) => message.method === method);
  }

  send(message: unknown): void {
    this.#port.send(JSON.stringify(message));
  }

  sendText(text: string): void {
    this.#port.send(text);
  }

  /** What it is answered under an id. */
  async answerTo(message: Message & { readonly id: unknown }): Promise<Message> {
    this.send(message);
    return await this.answered(message.id);
  }

  async answered(id: unknown): Promise<Message> {
    const answer = () => this.messages.find((each) => each.id === id && each.method === undefined);
    await until(() => answer() !== undefined);
    return answer() as Message;
  }

  /** Introduce itself. */
  async initialize(capabilities: Message = { experimentalApi: true }): Promise<Message> {
    const params = { clientInfo: { name: "raw", version: "1" }, capabilities };
    return await this.answerTo({ id: "initialize", method: "initialize", params });
  }

  /** From now on, what comes waits at the other end. */
  stopReading(): void {
    this.#port.pause();
  }

  closed(): Promise<PortClose> {
    return this.#received.closedOnce();
  }

  close(): void {
    this.#port.close(1000, "done");
  }
}
