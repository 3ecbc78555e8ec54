import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LOCAL_ENVIRONMENT, type McpServerConfig, type StdioServerConfig } from "../../src/index.ts";

const STUB = fileURLToPath(new URL("./stub-server.sh", import.meta.url));

/** What a stub does; see `stub-server.sh`. */
export type StubMode =
  | "good"
  | "family"
  | "daemon"
  | "stubborn"
  | "silent"
  | "floods"
  | "garbage"
  | "exits"
  | "twice"
  | "huge"
  | "bursts"
  | "listless"
  | "changes"
  | "asks";

/** A server's configuration with the defaults of the format, for tests. */
export function serverConfig(
  name: string,
  stdio: Partial<StdioServerConfig> & Pick<StdioServerConfig, "command">,
  rest: Partial<Omit<McpServerConfig, "name" | "transport">> = {},
): McpServerConfig {
  return {
    name,
    environmentId: LOCAL_ENVIRONMENT,
    enabled: true,
    required: false,
    startupTimeoutMs: 10_000,
    toolTimeoutMs: 10_000,
    enabledTools: undefined,
    disabledTools: [],
    supportsParallelToolCalls: false,
    defaultToolsApprovalMode: undefined,
    toolApprovalModes: new Map(),
    ...rest,
    transport: { kind: "stdio", args: [], env: {}, envVars: [], cwd: "/", ...stdio },
  };
}

/** A stub of that mode, which writes the ids of its processes to a file. */
export function stub(
  mode: StubMode,
  {
    name = mode,
    pids,
    label = "0",
    ...rest
  }: { readonly name?: string; readonly pids: string; readonly label?: string } & Partial<
    Omit<McpServerConfig, "name" | "transport">
  >,
): McpServerConfig {
  return serverConfig(name, { command: "/bin/sh", args: [STUB, mode, pids, label] }, rest);
}

/** What stubs wrote: words by labels, in order; of a process its id, and the time of its start. */
export function notes(
  pids: string,
): readonly { readonly label: string; readonly word: string; readonly startTime: string | undefined }[] {
  return linesOf(pids).map((line) => {
    const [label = "", word = "", startTime] = line.split(" ");
    return { label, word, startTime };
  });
}

/** Process ids that stubs wrote, of those labels that are wanted. */
export function pidsIn(pids: string, wants: (label: string) => boolean = () => true): readonly number[] {
  return notes(pids).flatMap(({ label, word, startTime }) =>
    wants(label) && startTime !== undefined ? Number(word) : [],
  );
}

/** Of those, the ones that live: not another process that has the id by now, and none that has ended and is not collected. */
export function living(pids: string, wants: (label: string) => boolean = () => true): readonly number[] {
  return notes(pids).flatMap(({ label, word, startTime }) =>
    wants(label) && startTime !== undefined && startTimeOf(word) === startTime ? Number(word) : [],
  );
}

function startTimeOf(pid: string): string | undefined {
  try {
    const [, rest = ""] = readFileSync(`/proc/${pid}/stat`, "latin1").split(/\) (?=[A-Z] )/);
    const fields = rest.split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}
