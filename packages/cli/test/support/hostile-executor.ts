import { Buffer } from "node:buffer";
import { listenWebSocket } from "@holdfast/rpc/websocket";

/** What our script for tar ends with where there is none. */
const NO_TAR = 97;

/** What a file, folder or link on it claims to be. */
export interface Claim {
  readonly path: string | Buffer;
  readonly type: "d" | "f" | "l" | "p";
  readonly mode?: string;
  readonly size?: number | string;
  readonly content?: string;
  /** It goes on for ever, whatever size it claims. */
  readonly isEndless?: boolean;
  readonly target?: string;
}

export interface Lies {
  readonly cwd?: string;
  readonly version?: string;
  readonly sessionId?: string;
  /** What `fs/getMetadata` says about everything. */
  readonly metadata?: "file" | "folder";
  readonly size?: number;
  /** What `find` lists, from the folder itself down. */
  readonly listing?: readonly Claim[];
  readonly findSays?: string;
  /** Answer every call but `initialize` with this error. */
  readonly error?: string;
  /** Called before each file is opened. */
  readonly onOpen?: (path: string) => void | Promise<void>;
}

export interface HostileExecutor extends AsyncDisposable {
  readonly url: string;
  /** What it says from now on. */
  lies: Lies;
  /** Bytes of files that it has handed out. */
  readonly sentBytes: number;
}

interface Call {
  readonly id?: number;
  readonly method: string;
  readonly params: Record<string, never> & {
    path: string;
    handleId: string;
    processId: string;
    argv: readonly string[];
    offset: number;
    len: number;
  };
}

const BLOCK = Buffer.alloc(1024 * 1024, "endless ");

/** An executor on a real websocket that answers as the protocol asks for, and says what it is told to. */
export async function hostileExecutor(lies: Lies): Promise<HostileExecutor> {
  let sentBytes = 0;
  const opened = new Map<string, string>();
  const state = { lies };
  const listener = await listenWebSocket({
    host: "127.0.0.1",
    port: 0,
    onPort: (port) => {
      const say = (message: unknown): void => port.send(JSON.stringify(message));
      const answer = async ({ id, method, params }: Call): Promise<void> => {
        const result = (value: unknown): void => say({ id, result: value });
        if (method === "initialize") return result(welcome(state.lies));
        if (state.lies.error !== undefined) return say({ id, error: { code: -32603, message: state.lies.error } });
        if (method === "fs/getMetadata") return result(metadata(state.lies));
        if (method === "fs/canonicalize") return result({ path: params.path });
        if (method === "fs/open") {
          opened.set(params.handleId, params.path);
          await state.lies.onOpen?.(params.path);
          return result({ handleId: params.handleId });
        }
        if (method === "fs/readBlock") {
          const { chunk, eof } = block(claimOf(state.lies, opened.get(params.handleId) ?? ""), params);
          sentBytes += chunk.byteLength;
          return result({ chunk: chunk.toString("base64"), eof });
        }
        if (method !== "process/start") return result({});
        const { processId } = params;
        result({ processId });
        const isFind = params.argv[0] === "find";
        const output = (stream: string, seq: number, data: Buffer): void =>
          say({ method: "process/output", params: { processId, seq, stream, chunk: data.toString("base64") } });
        // It has no tar, so that its listing and files are asked for one by one.
        const isTar = params.argv.some((word) => /\btar\b/.test(word));
        output("stdout", 1, isFind ? listing(state.lies) : Buffer.from(isTar ? "" : "644\n"));
        output("stderr", 2, Buffer.from(isFind ? (state.lies.findSays ?? "") : ""));
        const exitCode = isTar ? NO_TAR : 0;
        say({ method: "process/exited", params: { processId, seq: 3, exitCode, sandboxDenied: false } });
        say({ method: "process/closed", params: { processId, seq: 4 } });
      };
      port.open({
        frame: (frame) => {
          const call = JSON.parse(String(frame)) as Call;
          if (call.id !== undefined) void answer(call);
        },
        drained: () => {},
        closed: () => {},
      });
    },
  });
  return {
    url: listener.url,
    get sentBytes() {
      return sentBytes;
    },
    get lies() {
      return state.lies;
    },
    set lies(now) {
      state.lies = now;
    },
    [Symbol.asyncDispose]: () => listener.close(),
  };
}

function welcome({ cwd = "/srv/tree", version = "1", sessionId = "11111111-1111-4111-8111-111111111111" }: Lies) {
  const shell = { name: "sh", path: "/bin/sh" };
  const folder = cwd.startsWith("file:") ? cwd : `file://${cwd}`;
  return { sessionId, environmentInfo: { shell, cwd: folder, executorVersion: version, platformOs: "linux" } };
}

function metadata({ metadata: kind = "file", size = 5 }: Lies) {
  const isFile = kind === "file";
  return { isDirectory: !isFile, isFile, isSymlink: false, size, createdAtMs: 0, modifiedAtMs: 0 };
}

function listing({ listing: claims = [] }: Lies): Buffer {
  const records = claims.map(({ type, mode = "755", size = 4, path, target = "" }) =>
    Buffer.concat([Buffer.from(`${type} ${mode} ${size} `), Buffer.from(path), Buffer.from(`\0${target}\0`)]),
  );
  return Buffer.concat(records);
}

function claimOf({ listing: claims = [] }: Lies, path: string): Claim | undefined {
  return claims.find((claim) => claim.type === "f" && path.endsWith(`/${claim.path}`));
}

function block(claim: Claim | undefined, { offset, len }: Call["params"]) {
  if (claim?.isEndless === true) return { chunk: BLOCK.subarray(0, len), eof: false };
  const content = Buffer.from(claim?.content ?? "evil\n");
  return { chunk: content.subarray(offset, offset + len), eof: offset + len >= content.byteLength };
}
