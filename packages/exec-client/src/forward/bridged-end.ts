import type { PathUri } from "@holdfast/path-uri";
import { UnsupportedError } from "../errors/unsupported-error.ts";
import { InvalidArgumentError } from "../errors.ts";
import type { Executor } from "../executor.ts";
import type { RunningProcess } from "../process/running-process.ts";
import { BRIDGE_TOOLS, type BridgeTool, bridgeCommand, FIND_BRIDGE_TOOL } from "./bridge-tools.ts";
import { broken, type FarEnd, REASON_MAX_CHARACTERS } from "./far-end.ts";

const FIND_TIMEOUT_MS = 20_000;
/** What can be the name or the address of a host; none of these is an option of a tool. */
const HOST = /^[a-z0-9_:][a-z0-9_.:%-]*$/i;

/**
 * Find a program on the executor's machine that connects in its place.
 *
 * @throws UnsupportedError there is none.
 */
export async function findBridgeTool(executor: Executor, signal: AbortSignal | undefined): Promise<BridgeTool> {
  const lacks = `the capability holdfastConnections, and ${BRIDGE_TOOLS.join(", ")} to do without it`;
  if (executor.environment.pathConvention === "windows") throw new UnsupportedError("forward", lacks);
  const { stdout } = await executor.run(["sh", "-c", FIND_BRIDGE_TOOL], {
    cwd: folderOf(executor),
    timeoutMs: FIND_TIMEOUT_MS,
    signal,
  });
  const tool = BRIDGE_TOOLS.find((each) => each === stdout.trim());
  if (tool === undefined) throw new UnsupportedError("forward", lacks);
  return tool;
}

/** @throws InvalidArgumentError a tool could take it for something else. */
export function checkBridgedHost(host: string): void {
  if (!HOST.test(host))
    throw new InvalidArgumentError("remoteHost", `remoteHost must be a name or an address, not ${host}`);
}

/** Open a connection by that program. One that it can not open breaks at once. */
export async function openBridged(
  executor: Executor,
  tool: BridgeTool,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<FarEnd> {
  const argv = bridgeCommand(tool, host, port);
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
function folderOf({ environment: { cwd } }: Executor): PathUri | "/" {
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
