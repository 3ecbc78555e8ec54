import { createExecutor, type ExecutorLimits } from "@holdfast/executor";
import { listenWebSocket } from "@holdfast/rpc/websocket";
import { BadLine, type TestCertificate } from "@holdfast/testkit";

/** A real executor behind a websocket on loopback, with a line before it that goes bad when told. */
export interface FarExecutor extends AsyncDisposable {
  /** Through the line. */
  readonly url: string;
  readonly line: BadLine;
  /** Requests of the websocket handshakes, in order: path with query, and the authorization. */
  readonly handshakes: readonly { readonly path: string; readonly authorization: string | undefined }[];
  /** End it as if its machine was gone: the port refuses. */
  stop(): Promise<void>;
}

export interface FarExecutorOptions {
  /** The secret that it asks for. Default: none. */
  readonly token?: string;
  readonly limits?: Partial<ExecutorLimits>;
  readonly cwd?: string;
  /** Further variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Certificate and key for `wss:`, without the line: a line has another address. Default: `ws:`. */
  readonly tls?: TestCertificate;
}

export async function farExecutor(options: FarExecutorOptions = {}): Promise<FarExecutor> {
  const { token, limits = {}, cwd = "/", env = {}, tls } = options;
  const executor = createExecutor({
    env: { PATH: process.env.PATH, HOME: process.env.HOME, SHELL: "/bin/sh", ...env },
    cwd,
    version: "1.2.3",
    limits,
  });
  const handshakes: { path: string; authorization: string | undefined }[] = [];
  const listener = await listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    closeGraceMs: 10,
    tls,
    onPort: (port) => executor.accept(port),
    authorize: ({ url: path = "", headers: { authorization } }) => {
      handshakes.push({ path, authorization });
      if (token === undefined || authorization === `Bearer ${token}`) return { principal: { name: "a client" } };
      return { refusal: { status: 401, body: "a token is wanted" } };
    },
  });
  const line = await BadLine.to(listener.url);
  const stack = new AsyncDisposableStack();
  stack.defer(() => listener.close());
  stack.defer(() => line[Symbol.asyncDispose]());
  stack.defer(() => executor.close());
  return {
    url: tls === undefined ? line.url : listener.url,
    line,
    handshakes,
    stop: () => stack.disposeAsync(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
