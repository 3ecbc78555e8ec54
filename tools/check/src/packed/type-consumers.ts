/** Packages of the clients, and what they stand on. */
export const CLIENT_PACKAGES: readonly string[] = [
  "app-server-client",
  "app-server-protocol",
  "exec-client",
  "exec-server-protocol",
  "path-uri",
  "permission-profile",
  "protocol-kit",
  "relay-protocol",
  "rpc",
];

/** What a wrapper around the client has to name. */
export const CONSUMER = `import {
  CommandFailedError,
  connect,
  displayPath,
  ERROR_CODES,
  type Clock,
  type Executor,
  type FileSystemSandboxContext,
  type FramePort,
  isFileError,
  isStartError,
  type PathUri,
  type PortClose,
  RunInterruptedError,
  type RunOptions,
  type RunResult,
  toNativePath,
} from "@holdfast/exec-client";

declare const executor: Executor;
export const sh = (script: string, options?: RunOptions): Promise<RunResult> => executor.run(["sh", "-c", script], options);
export const bytes: Promise<RunResult<Uint8Array<ArrayBuffer>>> = executor.run(["x"], { encoding: "bytes" });
export const partialOf = (error: unknown): string => (error instanceof RunInterruptedError ? error.partial.stdout : "");
export const codeOf = (error: unknown): string | undefined =>
  isFileError(error) || isStartError(error) ? error.code : error instanceof CommandFailedError ? error.code : undefined;
export async function use(): Promise<void> {
  const { stdout } = await executor.run(["x"], { check: true, cwd: new URL("file:///tmp") });
  const text: string = stdout;
  const data: Uint8Array<ArrayBuffer> = await executor.fs.readFile("/x");
  const cwd: PathUri | undefined = executor.environment.cwd;
  if (cwd !== undefined) toNativePath(cwd, "posix");
  void [text, data, displayPath, ERROR_CODES.NotFound, connect];
}
export type Named = [Clock, FileSystemSandboxContext, FramePort, PortClose];
`;

/** What the platform's streams and blobs take. */
export const PLATFORM = `import type { Executor } from "@holdfast/exec-client";
declare const executor: Executor;
export async function use(): Promise<void> {
  await using process = await executor.processes.start({ argv: ["x"] });
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) void (text satisfies string);
  void new Response(process.stderr);
  void new Blob([(await executor.run(["x"], { encoding: "bytes" })).stdout]);
  await executor.fs.createReadStream("/x").pipeThrough(new CompressionStream("gzip")).pipeTo(executor.fs.createWriteStream("/y"));
}
`;

/** What the entries for Node take and give. */
export const ENTRIES = `import { connect, type Executor } from "@holdfast/exec-client";
import { upload } from "@holdfast/exec-client/transfer";

export async function use(url: string): Promise<void> {
  await using executor: Executor = await connect(url, { token: "t" });
  const bytes: Uint8Array<ArrayBuffer> = await executor.fs.readFile("/etc/hostname");
  await executor.fs.writeFile("/tmp/copy", bytes);
  await upload(executor, "here", "/there");
}
`;

/** What a program that drives an app server has to name, and what a server of them does. */
export const APP_SERVER = `import { type AppServer, type ConnectionEvent, connectAppServer, isLinkError } from "@holdfast/app-server-client";
import { METHODS, type MethodName, type ThreadItem } from "@holdfast/app-server-protocol";
import { type AppServerHandlers, createAppServerRouter } from "@holdfast/app-server-protocol/server";
import type { RunResult } from "@holdfast/app-server-protocol/threads";

export async function use(approve: (command: string) => Promise<boolean>): Promise<RunResult> {
  await using codex: AppServer = await connectAppServer("ws://127.0.0.1:1", {
    handlers: {
      "item/commandExecution/requestApproval": async ({ command }, { signal }) => {
        signal.throwIfAborted();
        return { decision: (await approve(command ?? "")) ? "accept" : "decline" };
      },
    },
  });
  const stop: () => void = codex.on("turn/completed", ({ turn }, { emittedAtMs }) => void [turn.status, emittedAtMs]);
  codex.onConnection((event: ConnectionEvent) => void event.kind);
  const { exitCode } = await codex.command.exec({ command: ["true"] });
  const code: number = exitCode;
  const run = (await codex.threads.start({ cwd: "/" })).run("x");
  for await (const item of run) void wordOf(item);
  stop();
  void [code, isLinkError];
  return run.result();
}
function wordOf(item: ThreadItem): string {
  switch (item.type) {
    case "agentMessage":
      return item.text;
    case "commandExecution":
      return item.command;
    default:
      return item.type;
  }
}
export const router = (handlers: AppServerHandlers<string>) => createAppServerRouter<string>(handlers);
export const name: MethodName = "thread/start";
export const row = METHODS[name];
`;

/** The strictest that consumers compile with, declarations of packages included. */
export const STRICTEST = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: "es2022",
};

/** What has no more than the platform's own types. */
export const WITHOUT_NODE = {
  files: { "consumer.ts": CONSUMER, "platform.ts": PLATFORM, "app-server.ts": APP_SERVER },
  options: { ...STRICTEST, lib: ["es2023", "dom", "dom.iterable", "dom.asynciterable"], types: [] },
};
