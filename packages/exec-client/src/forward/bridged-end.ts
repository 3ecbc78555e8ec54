import { type PathUri, toNativePath } from "@holdfast/path-uri";
import { type ConnectionTarget, LOOPBACK } from "../connection-place.ts";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type RemotePath, toPathUri } from "../paths.ts";
import type { RunningProcess } from "../process/running-process.ts";
import { type BridgePlace, type BridgeTool, bridgeCommand, findToolScript } from "./bridge-tools.ts";
import { broken, type FarEnd, REASON_MAX_CHARACTERS } from "./far-end.ts";
import type { ForwardHost } from "./forward-host.ts";

const FIND_TIMEOUT_MS = 20_000;
/** What can be the name or the address of a host; none of these is an option of a tool. */
const HOST = /^[a-z0-9_:][a-z0-9_.:%-]*$/i;

/** What a program is wanted for. */
interface Wanted {
  /** For the error, with the capability that makes it needless. */
  readonly operation: string;
  readonly capability: string;
  /** In the order in which they are wanted. */
  readonly tools: readonly BridgeTool[];
  readonly signal: AbortSignal | undefined;
}

/**
 * Find a program on the executor's machine that connects, or listens, in its place.
 *
 * @throws UnsupportedError there is none.
 */
export async function findBridgeTool(
  executor: ForwardHost,
  { operation, capability, tools, signal }: Wanted,
): Promise<BridgeTool> {
  const lacks = `the capability ${capability}, and ${tools.join(", ")} to do without it`;
  if (executor.environment.pathConvention === "windows") throw new UnsupportedError(operation, lacks);
  const { stdout } = await executor.run(["sh", "-c", findToolScript(tools)], {
    cwd: folderOf(executor),
    timeoutMs: FIND_TIMEOUT_MS,
    signal,
  });
  const tool = tools.find((each) => each === stdout.trim());
  if (tool === undefined) throw new UnsupportedError(operation, lacks);
  return tool;
}

/** What a tool is told to connect to. @throws InvalidArgumentError a tool could take it for something else. */
export function bridgePlace(to: ConnectionTarget): BridgePlace {
  if ("path" in to) return { path: nativePath(to.path) };
  const { host = LOOPBACK, port } = to;
  if (!HOST.test(host)) throw new InvalidArgumentError("host", `host must be a name or an address, not ${host}`);
  return { host, port };
}

/** Tools exist on POSIX alone. */
function nativePath(path: RemotePath): string {
  return toNativePath(toPathUri(path, "posix", "path"), "linux");
}

/** Open a connection by that program. One that it can not open breaks at once. */
export async function openBridged(executor: ForwardHost, tool: BridgeTool, place: BridgePlace): Promise<FarEnd> {
  const argv = bridgeCommand(tool, place);
  const cwd = folderOf(executor);
  const process = await executor.processes.start({ argv, cwd, stdin: "pipe", terminateOnClose: true });
  return {
    write: (data) => process.write(data),
    closeStdin: () => process.closeStdin(),
    received: () => receivedOf(process),
    get closed() {
      return process.closed;
    },
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** Any folder that is there: some executors do not tell theirs. */
export function folderOf({ environment: { cwd } }: ForwardHost): PathUri | "/" {
  return cwd ?? "/";
}

/**
 * What it prints, to where it says that the far side has ended, or to its own end.
 *
 * Not to its exit: executors of Codex may tell of that before they tell what was printed.
 */
async function* receivedOf(process: RunningProcess): AsyncGenerator<Uint8Array, void, void> {
  const decoder = new TextDecoder();
  let said = "";
  let total = 0;
  let exitCode = 0;
  for await (const event of process.events()) {
    if (event.type === "exited") exitCode = event.exitCode;
    if (event.type === "output" && event.stream === "stderr") {
      if (said.length < REASON_MAX_CHARACTERS) said += decoder.decode(event.data, { stream: true });
    } else if (event.type === "output") {
      total += event.data.byteLength;
      yield event.data;
    }
    // Said on another pipe: what was sent before may come after it. A number without its line feed may go on.
    const [, count] = /^end (\d+)\n/m.exec(said) ?? [];
    if (count !== undefined && total >= Number(count)) return;
  }
  if (exitCode !== 0) throw broken(said.trim() || `exit code ${exitCode}`);
}
