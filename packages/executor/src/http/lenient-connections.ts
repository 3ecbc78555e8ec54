import { AnswerHeads } from "./answer-heads.ts";

type Undici = typeof import("undici");
type Connector = ReturnType<Undici["buildConnector"]>;
type Socket = NonNullable<Parameters<Parameters<Connector>[1]>[1]>;
type PoolOptions = NonNullable<ConstructorParameters<Undici["Pool"]>[1]>;

/**
 * Makes the pools of an agent: their connections show the parser heads that it takes, see `answer-head`. The parser of the
 * library, like Node's, is stricter than HTTP and than other clients, and has no setting for it.
 */
export function lenientPools({ Pool, buildConnector }: Pick<Undici, "Pool" | "buildConnector">) {
  return (origin: string | URL, options: PoolOptions): InstanceType<Undici["Pool"]> => {
    const { connect } = options;
    const connector = typeof connect === "function" ? connect : buildConnector(connect ?? {});
    return new Pool(origin, { ...options, connect: withAmendedHeads(connector) });
  };
}

function withAmendedHeads(connector: Connector): Connector {
  return (options, callback) =>
    connector(options, (...outcome) => {
      const [error, socket] = outcome;
      if (error === null && socket !== null) amendHeads(socket);
      callback(...outcome);
    });
}

/** Stands between the operating system and the parser: what is read from a socket is pushed into it. */
function amendHeads(socket: Socket): void {
  const heads = new AnswerHeads();
  const { push, write } = socket;
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    const seen = chunk === null ? heads.release() : heads.pass(chunk);
    // Held back: there is room for more.
    const takesMore = seen.length === 0 || push.call(socket, seen, encoding);
    return chunk === null ? push.call(socket, null) : takesMore;
  };
  socket.write = (...written: unknown[]): boolean => {
    heads.expect();
    return Reflect.apply(write, socket, written);
  };
}
