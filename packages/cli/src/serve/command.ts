import { EXECUTOR_SHUTDOWN } from "@holdfast/exec-server-protocol";
import {
  createExecutor,
  type Executor,
  type ExecutorOptions,
  type Log,
  onGuardianNotice,
  reapOrphans,
} from "@holdfast/executor";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf, UsageError } from "../command-line/failure.ts";
import { abandonWhenStuck } from "../command-line/flushed.ts";
import { commandLimits } from "../executor/command-limits.ts";
import { ownPlaces } from "../own-places.ts";
import { version } from "../version.ts";
import { limitOptions, limitTable } from "./limit-options.ts";
import { type ListenAddress, parseListenAddress } from "./listen-address.ts";
import { openDoor } from "./open-door.ts";
import { sessionLimits } from "./session-limits.ts";
import { spoolOptions } from "./spool-options.ts";
import { LOG_LEVELS, stderrLog } from "./stderr-log.ts";
import { toldToEndServing } from "./told-to-end.ts";
import { webAccess } from "./web-access.ts";

type Door = ReturnType<typeof openDoor>;
type WebSocketAddress = Extract<ListenAddress, { kind: "websocket" }>;

const DEFAULT_LISTEN = "ws://127.0.0.1:0";

/** The first process of a container is the parent of all that have none. */
const FIRST_PROCESS_ID = 1;

/**
 * A client that was not heard of for this long after a ping is gone, and its session can be resumed. Longer than the 10 s
 * between the pings of a client that leaves its line unread; short enough for one that gives up after 25 s.
 */
const PONG_TIMEOUT_MS = 11_000;
const PING_INTERVAL_MS = 2_000;

/** Time that clients get to end their connections by themselves at shutdown. */
const CLOSE_GRACE_MS = 200;

/** `holdfast serve` */
export async function run(context: Context, args: Arguments): Promise<number> {
  const address = parseListenAddress(args.text("listen") ?? DEFAULT_LISTEN);
  if (address.kind === "websocket" && !address.isLoopback && !args.has("allow-unauthenticated-network")) {
    throw new UsageError(
      `${address.host} can be reached from other machines, and every client that connects can run anything as you: ` +
        "listen on 127.0.0.1, or add --allow-unauthenticated-network if that is meant",
    );
  }
  const settings = args.text("limits");
  const limits = {
    ...sessionLimits(args.text("session-ttl")),
    ...commandLimits(args),
    ...(settings ? limitOptions(settings) : {}),
  };
  if (settings === "") {
    context.stdout.write(limitTable(limits));
    return EXIT_OK;
  }
  const spool = spoolOptions(args.text("spool"), args.text("spool-limit"), context.cwd);
  const access = await webAccess(args, context.cwd, address.kind);
  const log = stderrLog(args.choice("log-level", LOG_LEVELS) ?? "off", context.stderr);
  const toldToEnd = toldToEndServing();
  onGuardianNotice((message) => log.warn(message));
  if (process.pid === FIRST_PROCESS_ID) reapOrphans();
  const executor = newExecutor({
    env: context.env,
    cwd: context.cwd,
    version: version(),
    ownPlaces: ownPlaces(),
    limits,
    spool,
    log,
    keepsMemoryPrivate: true,
  });
  try {
    if (address.kind === "stdio") await serveStdio(executor, context, toldToEnd);
    else
      await serveWebSocket(executor, address, { context, log, toldToEnd, door: openDoor(executor, args, log, access) });
  } finally {
    await executor.close();
  }
  return EXIT_OK;
}

function newExecutor(options: ExecutorOptions): Executor {
  try {
    return createExecutor(options);
  } catch (error) {
    throw new CommandFailure(`${reasonOf(error)}; name a folder that you can write`, { cause: error });
  }
}

async function serveStdio(executor: Executor, { stdin, stdout }: Context, toldToEnd: Promise<void>): Promise<void> {
  const { stdioPort, writeProgress } = await import("@holdfast/rpc/stdio");
  abandonWhenStuck(stdout, writeProgress);
  const inputEnded = new Promise<void>((resolve) => {
    stdin.once("end", resolve).once("close", resolve).once("error", resolve);
  });
  const outputBroke = new Promise<void>((resolve) => {
    stdout.once("error", resolve).once("close", resolve);
  });
  executor.accept(stdioPort({ input: stdin, output: stdout }));
  await Promise.race([inputEnded, outputBroke, toldToEnd]);
}

async function serveWebSocket(
  executor: Executor,
  address: WebSocketAddress,
  { context, log, toldToEnd, door }: { context: Context; log: Log; toldToEnd: Promise<void>; door: Door },
): Promise<void> {
  const listener = await listen(address, door, log);
  context.stdout.on("error", () => log.warn("the URL could not be written to stdout: its reader is gone"));
  context.stdout.write(`${listener.url}\n`);
  await toldToEnd;
  await Promise.all([executor.close(), listener.close(EXECUTOR_SHUTDOWN.reason)]);
}

async function listen({ host, port }: WebSocketAddress, door: Door, log: Log) {
  const { listenWebSocket } = await import("@holdfast/rpc/websocket");
  try {
    return await listenWebSocket({
      host,
      port,
      pingIntervalMs: PING_INTERVAL_MS,
      pongTimeoutMs: PONG_TIMEOUT_MS,
      closeGraceMs: CLOSE_GRACE_MS,
      ...door,
      onBug: (error) => log.warn(reasonOf(error)),
    });
  } catch (error) {
    const where = `ws://${host.includes(":") ? `[${host}]` : host}:${port}`;
    throw new CommandFailure(`cannot listen on ${where}: ${listenReason(error)}`, { cause: error });
  }
}

function listenReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "the port is in use; choose another one, or 0 for any free one";
  if (code === "EACCES") return "the system does not allow it; choose a port above 1023, or 0 for any free one";
  if (code === "EADDRNOTAVAIL") return "this machine does not have that address; 127.0.0.1 is always there";
  return `${reasonOf(error)}; try another address`;
}
