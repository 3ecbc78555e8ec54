import type { FramePort } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { dataOf } from "@holdfast/rpc/testing";
import { FakeClock, WireClient, type WireMessage } from "@holdfast/testkit";
import { type ConnectOptions, connect } from "../../src/connect.ts";
import type { Executor } from "../../src/executor.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/gateway/index.ts";
import { settle } from "./connected.ts";
import { Dialler } from "./dialler.ts";
import type { Handler } from "./fake-exec-server.ts";

/** A client that says and hears exactly what is on the wire. */
export interface RawClient {
  readonly wire: WireClient;
  /** Open a session, or resume one. @returns the answer to `initialize`. */
  begin(resumeSessionId?: string): Promise<WireMessage | undefined>;
  /** Params of the notices of one method, in order. */
  of(method: string): readonly NonNullable<WireMessage["params"]>[];
  hangUp(): void;
}

function rawClient(port: FramePort): RawClient {
  const wire = new WireClient((frame) => port.send(frame));
  port.open({
    frame: (frame) => wire.receive(dataOf(frame)),
    drained: () => {},
    closed: (close) => wire.end(close),
  });
  return {
    wire,
    async begin(resumeSessionId) {
      const answer = await wire.ask("initialize", { clientName: "raw", resumeSessionId: resumeSessionId ?? null });
      wire.send({ method: "initialized", params: {} });
      await settle();
      return answer;
    },
    of: (method) => wire.received.flatMap((each) => (each.method === method ? [each.params ?? {}] : [])),
    hangUp: () => port.destroy("the client is gone"),
  };
}

export interface BehindGateway extends AsyncDisposable {
  readonly dialler: Dialler;
  readonly clock: FakeClock;
  readonly gateway: Gateway;
  /** A new client of the gateway, as raw messages. */
  raw(): RawClient;
  /** A new client of the gateway. */
  connect(options?: ConnectOptions): Promise<Executor>;
  /** Cut the newest line to the executor, and let what follows at once happen. */
  cut(): Promise<void>;
}

/** A gateway before scripted servers, with a clock that only the test moves. */
export function behindGateway(always: Record<string, Handler> = {}, options: GatewayOptions = {}): BehindGateway {
  const dialler = new Dialler(always);
  const clock = new FakeClock();
  const gateway = createGateway(dialler, { clock, ...options });
  const accept = (): FramePort => {
    const [near, far] = memoryLink();
    gateway.accept(far);
    return near;
  };
  return {
    dialler,
    clock,
    gateway,
    raw: () => rawClient(accept()),
    connect: (more) => connect(accept(), { clock, ...more }),
    async cut() {
      // What was sent before is on its way: it arrives.
      await settle();
      dialler.last.hangUp();
      await settle();
      await settle();
    },
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}
