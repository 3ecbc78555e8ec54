import type { FrameLine } from "../bad-frames/frame-line.ts";
import { Refusal, type ScriptedHandler, ScriptedServer } from "./scripted-server.ts";

/** The members that scripts look at; each method has its own. */
export interface AppServerParams {
  readonly threadId: string;
  readonly processId: string;
  readonly watchId: string;
  readonly cwd: string;
}

/** Answers one method. */
export type AppServerHandler = ScriptedHandler<AppServerParams, FakeAppServer>;

/** A thread as releases of Codex describe one that has just begun. */
export function fakeThread(id: string) {
  return {
    id,
    sessionId: id,
    preview: "",
    ephemeral: false,
    modelProvider: "mock",
    createdAt: 1_700_000_000,
    updatedAt: 1_700_000_000,
    status: { type: "idle" },
    cwd: "/srv/repo",
    cliVersion: "0.171.0",
    source: "vscode",
    projectId: null,
    turns: [],
  };
}

/** The answer to `thread/start`, `thread/resume` and `thread/fork`. */
export function threadAnswer(id: string) {
  return {
    thread: fakeThread(id),
    model: "mock",
    modelProvider: "mock",
    cwd: "/srv/repo",
    approvalPolicy: "never",
    approvalsReviewer: "user",
    sandbox: { type: "dangerFullAccess" },
  };
}

/** An app server that says exactly what a test scripts. It knows no state and checks nothing. */
export class FakeAppServer extends ScriptedServer<AppServerParams> {
  constructor(
    port: FrameLine<unknown, { readonly reason: string }>,
    handlers: Readonly<Record<string, AppServerHandler>> = {},
  ) {
    let threads = 0;
    const usual: Record<string, AppServerHandler> = {
      initialize: () => ({
        userAgent: "test/0.171.0",
        codexHome: "/home/codex/.codex",
        platformFamily: "unix",
        platformOs: "linux",
      }),
      "thread/start": () => {
        threads += 1;
        return threadAnswer(`thread-${threads}`);
      },
      "thread/resume": ({ threadId }) => threadAnswer(threadId),
      "thread/unsubscribe": () => ({ status: "unsubscribed" }),
      "thread/loaded/list": () => ({ data: [], nextCursor: null }),
      "fs/watch": () => ({ path: "/srv/repo" }),
      "fs/unwatch": () => ({}),
    };
    const unknown = (method: string) =>
      new Refusal(-32600, `Invalid request: unknown variant \`${method}\`, expected one of \`initialize\``);
    super(port, { ...usual, ...handlers }, unknown);
  }
}
