import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BadLine, startSshServer, until } from "@holdfast/testkit";
import { startHoldfastExecutor } from "../holdfast-executor.ts";
import { HOLDFAST_BIN, temporaryFolder } from "../places.ts";
import { marked } from "../programs/marked-processes.ts";

/** Where the commands and files of threads are: beside the server, on an executor of ours, or on one that is reached by ssh. */
export const PLACES = ["local", "ws", "ssh"] as const;
export type Place = (typeof PLACES)[number];

/** Variable by which commands know where they are. */
export const PLACE_VARIABLE = "HOLDFAST_TEST_PLACE";

/** What makes a server place its threads. */
export interface Placed extends AsyncDisposable {
  /** Its `environments.toml`. Undefined: none. */
  readonly environments: string | undefined;
  /** Variables of the server. */
  readonly env: Readonly<Record<string, string>>;
  /** Between the server and the executor. Undefined: there is none. */
  readonly line: BadLine | undefined;
}

/**
 * @param isOwn - The server is ours, which has a way by ssh of its own; releases start a program.
 * @param cwd - Working folder of the executor.
 */
export async function openPlace(
  place: Place,
  { isOwn, cwd }: { readonly isOwn: boolean; readonly cwd: string },
): Promise<Placed> {
  await using stack = new AsyncDisposableStack();
  const there = { [PLACE_VARIABLE]: place };
  if (place === "local")
    return { environments: undefined, env: there, line: undefined, [Symbol.asyncDispose]: async () => {} };
  const elsewhere = { [PLACE_VARIABLE]: "beside the server" };
  if (place === "ws") {
    const executor = stack.use(await startHoldfastExecutor(cwd, { env: there }));
    const line = stack.use(await BadLine.to(executor.url));
    const kept = stack.move();
    return {
      environments: environmentsToml(`url = ${JSON.stringify(line.url)}`),
      env: elsewhere,
      line,
      [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
    };
  }
  const { path: folder } = stack.use(await temporaryFolder());
  const home = join(folder, "far-home");
  await mkdir(home);
  // An executor that was put there waits for an hour for who left something running.
  stack.defer(() => endThoseOf(home));
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const server = stack.use(await startSshServer(folder, { env: { ...there, HOME: home, PATH: path } }));
  const line = stack.use(await BadLine.to(`ssh://127.0.0.1:${server.port}`));
  const config = await server.clientConfig({ port: Number(URL.parse(line.url)?.port) });
  const kept = stack.move();
  const far = `cd ${cwd} && exec ${process.execPath} ${HOLDFAST_BIN} serve --listen stdio`;
  const program = `program = "ssh"\nargs = ${JSON.stringify(["-F", config, "box", far])}\ninitialize_timeout_sec = 30`;
  return {
    environments: environmentsToml(isOwn ? `url = "ssh://box"\nconnect_timeout_sec = 30` : program),
    line,
    env: { ...elsewhere, ...(isOwn ? { HOLDFAST_SSH: `ssh -F ${config}` } : {}) },
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

/** What was started from a home, which knows it by its environment. */
async function endThoseOf(home: string): Promise<void> {
  const inHome = (): Promise<number[]> => marked(`HOME=${home}`);
  for (const pid of await inHome()) process.kill(pid, "SIGTERM");
  await until(async () => (await inHome()).length === 0);
}

function environmentsToml(reach: string): string {
  return `default = "far"\n[[environments]]\nid = "far"\n${reach}\n`;
}
