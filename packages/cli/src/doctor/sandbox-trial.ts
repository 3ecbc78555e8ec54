import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningProcess } from "@holdfast/exec-client";
import type { FramePort } from "@holdfast/rpc";
import type { Context } from "../command-line/context.ts";
import { openEmbedded } from "../executor/open-executor.ts";

/** What a confined command really could do. */
export interface SandboxTrial {
  /** What the executor calls that which confined it. */
  readonly sandboxType: string | undefined;
  readonly canRead: boolean;
  /** Why it could not write, or undefined when it could. */
  readonly writeRefusal: string | undefined;
  /** Why it could not connect, or undefined when it could. */
  readonly connectRefusal: string | undefined;
}

const TIMEOUT_MS = 10_000;
const CONTENT = "readable";
const DONE = "done";

/** Run by Node, which is sure to be here. Prints what became of a read, a write and a connection. */
const ATTEMPTS = `
const [readable, forbidden, port] = process.argv.slice(1);
const fs = require("node:fs");
const report = { read: "", write: "${DONE}", connect: "" };
try { report.read = fs.readFileSync(readable, "utf8"); } catch {}
try { fs.writeFileSync(forbidden, ""); } catch (error) { report.write = error.code; }
const tell = (outcome) => { report.connect = outcome; console.log(JSON.stringify(report)); process.exit(0); };
try {
  const socket = require("node:net").connect({ host: "127.0.0.1", port: Number(port) }, () => tell("${DONE}"));
  socket.on("error", (error) => tell(error.code));
} catch (error) { tell(error.code); }
`;

/**
 * Let a command that may only read try to write and to connect, here, and see what comes of it.
 *
 * @throws whatever keeps it from being started, or from telling.
 */
export async function trySandbox(context: Pick<Context, "env" | "cwd">): Promise<SandboxTrial> {
  await using place = await trialPlace();
  const { readable, forbidden, port } = place;
  await using opened = await openEmbedded(context);
  const { processes } = opened.executor;
  const argv = [process.execPath, "-e", ATTEMPTS, readable, forbidden, port];
  await using running = await processes.start({ argv, sandbox: "read-only" });
  const report = await reportOf(running);
  // A file that is there counts, whatever the command was told.
  const hasWritten = await access(forbidden).then(
    () => true,
    () => false,
  );
  return {
    sandboxType: running.sandboxType ?? undefined,
    canRead: report.read === CONTENT,
    writeRefusal: hasWritten ? undefined : report.write,
    connectRefusal: report.connect === DONE ? undefined : report.connect,
  };
}

interface Report {
  readonly read: string;
  readonly write: string;
  readonly connect: string;
}

async function reportOf(running: RunningProcess): Promise<Report> {
  const output = { stdout: "", stderr: "" };
  const timer = setTimeout(() => void running.terminate().catch(() => {}), TIMEOUT_MS);
  try {
    for await (const event of running.events()) {
      if (event.type === "output") output[event.stream === "stderr" ? "stderr" : "stdout"] += Buffer.from(event.data);
    }
  } finally {
    clearTimeout(timer);
  }
  try {
    return JSON.parse(output.stdout) as Report;
  } catch (error) {
    const said = output.stderr.trim().split("\n")[0] ?? "";
    throw new Error(`a confined command did not run${said === "" ? "" : `: ${said}`}`, { cause: error });
  }
}

interface TrialPlace extends AsyncDisposable {
  readonly readable: string;
  readonly forbidden: string;
  /** Somebody listens there, on loopback. */
  readonly port: string;
}

async function trialPlace(): Promise<TrialPlace> {
  const { listenWebSocket } = await import("@holdfast/rpc/websocket");
  const folder = await mkdtemp(join(tmpdir(), "holdfast-doctor-"));
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(join(folder, "readable"), CONTENT);
    const onPort = (port: FramePort): void => port.destroy("this listener serves no one");
    const listener = await listenWebSocket({ host: "127.0.0.1", port: 0, onPort });
    return {
      readable: join(folder, "readable"),
      forbidden: join(folder, "forbidden"),
      port: new URL(listener.url).port,
      async [Symbol.asyncDispose]() {
        await listener.close();
        await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}
