import { BinaryFrame, type FramePort, type InboundFrame } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import type { DialTarget } from "../../src/session/connect-target.ts";
import { LINUX_INFO } from "./fake-exec-server.ts";

/** A message as it stood on the wire, and what came behind its JSON. */
export interface SeenMessage {
  readonly kind: "text" | "binary";
  readonly id?: number | undefined;
  readonly method?: string | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly result?: Readonly<Record<string, unknown>> | undefined;
  readonly bytes?: string | undefined;
  readonly behind: Buffer;
}

/** @param behind - What comes behind the JSON. */
export function binaryMessage(message: object, behind: Uint8Array = new Uint8Array(0)): BinaryFrame {
  const json = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(json.length);
  return new BinaryFrame([Buffer.concat([head, json, behind])]);
}

export function seenMessage(frame: InboundFrame): SeenMessage {
  if (!(frame instanceof BinaryFrame)) {
    const text = typeof frame === "string" ? frame : Buffer.from(frame).toString();
    return { ...(JSON.parse(text) as object), kind: "text", behind: Buffer.alloc(0) };
  }
  const whole = Buffer.from(frame.whole());
  const end = 4 + whole.readUInt32BE(0);
  return { ...(JSON.parse(whole.toString("utf8", 4, end)) as object), kind: "binary", behind: whole.subarray(end) };
}

/** What an executor on one line does. */
export interface BinaryPlan {
  /** It says that it reads binary messages. */
  readonly advertises: boolean;
  /** Its answer to `fs/readBlock`; undefined: an ordinary one. */
  readonly answer?: ((id: number) => string | BinaryFrame) | undefined;
  /** Whether the client's end of the line carries binary messages. Default true. */
  readonly carries?: boolean | undefined;
}

/** What every file holds. */
export const CONTENT: Buffer = Buffer.alloc(9_000, "c");

/** A target whose lines lead to executors that do as planned, and record what they were sent and how. */
export class BinaryServers implements DialTarget {
  /** What each line was sent, in order. */
  readonly lines: SeenMessage[][] = [];
  readonly #plans: BinaryPlan[];
  readonly #ports: FramePort[] = [];

  constructor(...plans: BinaryPlan[]) {
    this.#plans = plans;
  }

  async dial(): Promise<FramePort> {
    const [near, far] = memoryLink();
    const plan = this.#plans[Math.min(this.lines.length, this.#plans.length - 1)] ?? { advertises: false };
    const seen: SeenMessage[] = [];
    this.lines.push(seen);
    this.#ports.push(far);
    far.open({
      frame: (frame) => {
        const message = seenMessage(frame);
        seen.push(message);
        if (message.id !== undefined) far.send(answerTo(message, message.id, plan));
      },
      drained: () => {},
      closed: () => {},
    });
    if (plan.carries !== false) return near;
    Object.defineProperty(near, "carriesBinary", { value: undefined });
    return near;
  }

  /** The newest line goes without a word. */
  cut(): void {
    this.#ports.at(-1)?.destroy("the test cuts it");
  }
}

function answerTo(
  { method, params }: SeenMessage,
  id: number,
  { advertises, answer }: BinaryPlan,
): string | BinaryFrame {
  const capabilities = { ...LINUX_INFO.capabilities, ...(advertises ? { holdfastBinaryMessages: true } : {}) };
  if (method === "fs/readBlock" && answer !== undefined) return answer(id);
  const results: Readonly<Record<string, unknown>> = {
    initialize: { sessionId: "session-1", environmentInfo: { ...LINUX_INFO, capabilities } },
    "fs/open": { handleId: params?.handleId },
    "fs/readBlock": { chunk: CONTENT.toString("base64"), eof: true },
  };
  return JSON.stringify({ id, result: results[method ?? ""] ?? {} });
}
