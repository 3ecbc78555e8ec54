import type { FramePort } from "@holdfast/rpc";
import { memoryLink } from "@holdfast/rpc/memory";
import { FakeClock } from "@holdfast/testkit";
import { type ConnectOptions, connect } from "../../src/connect.ts";
import type { Executor, ExecutorState } from "../../src/executor.ts";
import type { DialTarget } from "../../src/session/connect-target.ts";
import { settle } from "./connected.ts";
import { FakeExecServer, type Handler } from "./fake-exec-server.ts";

/** What the next dial meets: a server with these handlers, or nobody. */
type Plan = Record<string, Handler> | "nobody" | "silence";

/** A target whose every line leads to a scripted server of its own. */
export class Dialler implements DialTarget {
  /** One server per line, in order. */
  readonly servers: FakeExecServer[] = [];
  dials = 0;
  /** Plans of the next lines; when they are used up, every line gets a server with `always`. */
  readonly plans: Plan[] = [];
  readonly always: Record<string, Handler>;
  /** Dials that nobody has answered yet. */
  readonly silent: ((port: FramePort) => void)[] = [];

  constructor(always: Record<string, Handler> = {}) {
    this.always = always;
  }

  get last(): FakeExecServer {
    const server = this.servers.at(-1);
    if (server === undefined) throw new Error("there is no line yet");
    return server;
  }

  async dial(): Promise<FramePort> {
    this.dials += 1;
    const plan = this.plans.shift() ?? {};
    if (plan === "nobody") throw new Error("connect ECONNREFUSED");
    if (plan === "silence") return new Promise((resolve) => void this.silent.push(resolve));
    const [near, far] = memoryLink();
    this.servers.push(new FakeExecServer(far, { ...this.always, ...plan }));
    return near;
  }
}

export interface Recoverable extends AsyncDisposable {
  readonly executor: Executor;
  readonly dialler: Dialler;
  readonly clock: FakeClock;
  /** Every state that was told, in order. */
  readonly states: ExecutorState[];
  /** Cut the line in use, and let what follows at once happen. */
  cut(): Promise<void>;
}

/** A client that can dial again, on scripted servers and with a clock that only the test moves. */
export async function recoverable(
  always: Record<string, Handler> = {},
  options: ConnectOptions = {},
): Promise<Recoverable> {
  const dialler = new Dialler(always);
  const clock = new FakeClock();
  const states: ExecutorState[] = [];
  const executor = await connect(dialler, {
    clock,
    onStateChange: (state) => void states.push(state),
    processConnections: "shared",
    ...options,
  });
  const cut = async (): Promise<void> => {
    dialler.last.hangUp();
    await settle();
    await settle();
  };
  return { executor, dialler, clock, states, cut, [Symbol.asyncDispose]: () => executor.close() };
}
