import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AppServer, connectAppServer } from "@holdfast/app-server-client";
import { ensureRelease } from "@holdfast/reference-peer";
import { spawnStdio } from "@holdfast/rpc/stdio";
import { until } from "@holdfast/testkit";

const HOLDFAST = "holdfast";
const HEAP_ON_SIGNAL = new URL("heap-on-signal.ts", import.meta.url).href;
const HOLDFAST_PROGRAM = fileURLToPath(new URL("../../../packages/cli/bin/holdfast.mjs", import.meta.url));

export interface TurnHost {
  readonly name: string;
  readonly server: AppServer;
  readonly pid: number;
  /** What it holds on to when all else is collected, in MiB. Undefined: it does not tell. */
  heapMib(): Promise<number | undefined>;
}

/** An app server as a child of this process, with a home of its own, whose provider is a model of ours. */
export async function turnHost(
  name: string,
  { folder, modelUrl }: { readonly folder: string; readonly modelUrl: string },
): Promise<TurnHost> {
  const home = join(folder, name);
  await mkdir(home);
  await writeFile(
    join(home, "config.toml"),
    `model = "instant"
model_provider = "instant"
[model_providers.instant]
name = "instant"
base_url = "${modelUrl}"
wire_api = "responses"
[analytics]
enabled = false
`,
  );
  const heapFile = join(home, "heap");
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    CODEX_HOME: home,
    RUST_LOG: "off",
    NO_PROXY: "127.0.0.1",
    HOLDFAST_BENCH_HEAP_FILE: heapFile,
  };
  const isOwn = name === HOLDFAST;
  const [command = "", ...first] = isOwn
    ? [process.execPath, "--expose-gc", "--import", HEAP_ON_SIGNAL, HOLDFAST_PROGRAM]
    : [(await ensureRelease(name)).program];
  const { port, pid } = await spawnStdio({ command, args: [...first, "app-server"], env, cwd: folder });
  const server = await connectAppServer(port, { capabilities: { experimentalApi: true } });
  return { name, server, pid, heapMib: async () => (isOwn ? await heapOf(pid, heapFile) : undefined) };
}

async function heapOf(pid: number, file: string): Promise<number> {
  await rm(file, { force: true });
  process.kill(pid, "SIGUSR2");
  const bytes = await until(() => readFile(file, "utf8").catch(() => undefined), { what: "the heap of the server" });
  return Number(bytes) / 2 ** 20;
}
