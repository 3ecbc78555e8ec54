import type { FrameLine } from "../bad-frames/frame-line.ts";
import { Refusal, type ScriptedHandler, ScriptedServer } from "./scripted-server.ts";

/** The members that scripts look at; each method has its own. */
export interface HandlerParams {
  readonly processId: string;
  readonly resumeSessionId: string | null;
  readonly afterSeq: number;
  readonly handleId: string;
  readonly offset: number;
  readonly len: number;
}

/** Answers one method: what it returns is the result, a {@link Refusal} it throws is the error. */
export type Handler = ScriptedHandler<HandlerParams, FakeExecServer>;

/** What an executor on Linux says about itself. */
export const LINUX_INFO = {
  shell: { name: "bash", path: "/bin/bash" },
  cwd: "file:///srv/repo",
  temporaryDirectories: [],
  tempDir: "file:///tmp",
  capabilities: { fileWriteStreaming: true },
  executorVersion: "0.171.0",
  platformOs: "linux",
};

/** Handlers by method. */
export type Handlers = Record<string, Handler>;

/** An exec-server that says exactly what a test scripts. It knows no state and checks nothing. */
export class FakeExecServer extends ScriptedServer<HandlerParams> {
  constructor(port: FrameLine<unknown, { readonly reason: string }>, handlers: Handlers = {}) {
    const usual: Handlers = {
      initialize: () => ({ sessionId: "session-1", environmentInfo: LINUX_INFO }),
      "process/start": ({ processId }) => ({ processId }),
      "process/write": () => ({ status: "accepted" }),
      "process/terminate": () => ({ running: false }),
      "process/signal": () => ({}),
      "fs/close": () => ({}),
    };
    const unknown = (method: string) => new Refusal(-32601, `exec-server stub does not implement \`${method}\` yet`);
    super(port, { ...usual, ...handlers }, unknown);
  }

  output(processId: string, seq: number, text: string, stream = "stdout"): void {
    this.notify("process/output", { processId, seq, stream, chunk: Buffer.from(text).toString("base64") });
  }

  exited(processId: string, seq: number, exitCode = 0, sandboxDenied: boolean | undefined = false): void {
    this.notify("process/exited", {
      processId,
      seq,
      exitCode,
      ...(sandboxDenied === undefined ? {} : { sandboxDenied }),
    });
  }

  /** As an executor of 0.142 says it. */
  exitedLegacy(processId: string, seq: number, exitCode = 0): void {
    this.notify("process/exited", { processId, seq, exitCode });
  }

  finished(processId: string, seq: number): void {
    this.notify("process/closed", { processId, seq });
  }
}

/** The chunks of a `process/read` answer. */
export function chunk(seq: number, text: string, stream = "stdout") {
  return {
    seq,
    stream,
    chunk: Buffer.from(text).toString("base64"),
  };
}

/** A `process/read` answer of a process that still runs. */
export function readResult(members: Record<string, unknown>) {
  return {
    chunks: [],
    nextSeq: 1,
    exited: false,
    exitCode: null,
    closed: false,
    failure: null,
    sandboxDenied: false,
    ...members,
  };
}
