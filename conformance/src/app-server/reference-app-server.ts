import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { appServerCodec } from "@holdfast/app-server-protocol";
import {
  type AppServerCallbackHandlers,
  type AppServerCallbackRouter,
  type AppServerClient,
  createAppServerCallbackRouter,
  createAppServerClient,
} from "@holdfast/app-server-protocol/client";
import { type ApprovalContext, type Approve, createThreads, type Threads } from "@holdfast/app-server-protocol/threads";
import type { Release } from "@holdfast/reference-peer";
import { createPeer, RpcFault } from "@holdfast/rpc";
import { spawnStdio } from "@holdfast/rpc/stdio";
import type { MockModel } from "../mock-model.ts";
import { mockModelConfig } from "../mock-model-config.ts";
import { type RecordedFrame, RecordingPort } from "./recording-port.ts";

/** Nothing listens there: whoever wants to go out is refused at once. */
const NO_WAY_OUT = "http://127.0.0.1:9";

/** Longest wait for any answer, on a busy machine. */
const ANSWER_TIMEOUT_MS = 30_000;

export interface AppServerOptions {
  readonly release: Release;
  readonly model: MockModel;
  /** Its `CODEX_HOME`. Two servers after one another may share one. */
  readonly home: string;
  /** Further tables of its configuration. */
  readonly tables?: string | undefined;
  readonly approve?: Approve | undefined;
  /** Beside those of approvals. */
  readonly handlers?: AppServerCallbackHandlers<ApprovalContext> | undefined;
}

/** An app-server of a release, and a client of ours whose every message is kept. */
export interface AppServerUnderTest extends AsyncDisposable {
  readonly client: AppServerClient;
  readonly threads: Threads;
  readonly frames: readonly RecordedFrame[];
  /** Of the server. */
  readonly pid: number;
  /** Notices that the client could not read. */
  readonly invalid: readonly string[];
}

/** Start it on pipes and shake hands. Its way to other machines is closed. */
export async function startAppServer(options: AppServerOptions): Promise<AppServerUnderTest> {
  await writeFile(join(options.home, "config.toml"), mockModelConfig(options.model, "", options.tables));
  const { port, pid } = await spawnStdio({
    command: options.release.program,
    args: ["app-server"],
    env: {
      ...process.env,
      CODEX_HOME: options.home,
      RUST_LOG: "error",
      HTTP_PROXY: NO_WAY_OUT,
      HTTPS_PROXY: NO_WAY_OUT,
      ALL_PROXY: NO_WAY_OUT,
      NO_PROXY: "127.0.0.1",
    },
  });
  const recording = new RecordingPort(port);
  const invalid: string[] = [];
  let router: AppServerCallbackRouter<ApprovalContext> | undefined;
  const peer = createPeer({
    port: recording,
    codec: appServerCodec,
    server: {
      call({ id, method, params, signal }) {
        const routed = router?.request(method, params);
        if (routed === undefined) throw new RpcFault(-32603, "asked before the client was there");
        if (routed.kind === "refused") throw new RpcFault(routed.code, routed.message);
        return routed.run({ id, signal });
      },
      notice() {},
    },
  });
  const client = createAppServerClient(peer, { onInvalid: (error) => invalid.push(error.message) });
  const threads = createThreads(client, {
    onLost(listener) {
      let isHeard = true;
      void peer.closed.then(({ reason }) => {
        if (isHeard) listener(new Error(reason));
      });
      return () => {
        isHeard = false;
      };
    },
    approve: options.approve,
  });
  router = createAppServerCallbackRouter(threads.handlers(options.handlers));
  await client.initialize(
    { clientInfo: { name: "conformance", version: "1" }, capabilities: { experimentalApi: true } },
    { timeoutMs: ANSWER_TIMEOUT_MS },
  );
  client.initialized();
  return {
    client,
    threads,
    frames: recording.frames,
    pid,
    invalid,
    [Symbol.asyncDispose]: async () => {
      peer.close();
      await peer.closed;
    },
  };
}
