import { memoryLink } from "@holdfast/rpc/memory";
import { type AppServerHandler, FakeAppServer } from "@holdfast/testkit/servers";
import type { DialTarget } from "../../src/index.ts";

/** A server that can be reached again and again; each connection is one of its own. */
export class Dialler implements DialTarget {
  /** The server's end of every connection so far. */
  readonly servers: FakeAppServer[] = [];
  /** Why nobody is there; undefined when somebody is. */
  refusal: string | undefined;
  attempts = 0;
  readonly #handlers: Readonly<Record<string, AppServerHandler>>;

  constructor(handlers: Readonly<Record<string, AppServerHandler>> = {}) {
    this.#handlers = handlers;
  }

  get last(): FakeAppServer {
    const server = this.servers.at(-1);
    if (server === undefined) throw new Error("nobody has connected");
    return server;
  }

  async dial() {
    this.attempts += 1;
    if (this.refusal !== undefined) throw new Error(this.refusal);
    const [near, far] = memoryLink();
    this.servers.push(new FakeAppServer(far, this.#handlers));
    return near;
  }
}
