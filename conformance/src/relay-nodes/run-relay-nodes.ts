import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { createExecutor } from "@holdfast/executor";
import { offer } from "@holdfast/relay/offer";
import { missingForNats, startNatsServers, until } from "@holdfast/testkit";
import { HOLDFAST_BIN, temporaryFolder } from "../places.ts";
import { Balancer } from "./balancer.ts";
import { CountedSession } from "./counted-session.ts";
import type { RelayNodesOptions } from "./options.ts";
import { startRelayNode } from "./relay-node.ts";

const NODES = 3;
const EXECUTORS = 10;
/** Lines that each session has to have answered after something was done, so that it is known to be whole. */
const LINES_ON = 8;
/** A session is kept for 80 s by its executor. */
const HEALED_MS = 75_000;
const AT_ONCE = 10;

const run = promisify(execFile);

/** @returns whether all of it is as promised. */
export async function runRelayNodes(options: RelayNodesOptions, print: (line: string) => void): Promise<boolean> {
  if (missingForNats !== undefined) {
    print(`not tried: ${missingForNats}`);
    return options.ifPossible;
  }
  await using made = new AsyncDisposableStack();
  const folder = made.use(await temporaryFolder()).path;
  const tokensFile = join(folder, "relay.tokens");
  const tokens = { executor: await tokenFor(tokensFile, "executor"), client: await tokenFor(tokensFile, "client") };
  const nats = made.use(await startNatsServers(folder, { count: NODES }));
  const balancer = made.use(await Balancer.start());
  const publicUrl = `http://127.0.0.1:${balancer.port}`;
  const start = async (port?: number) =>
    made.use(await startRelayNode({ tokensFile, natsUrl: nats.url, publicUrl, port }));
  const nodes = await Promise.all(Array.from({ length: NODES }, () => start()));
  balancer.to(nodes.map(({ port }) => port));

  const environments = await Promise.all(
    Array.from({ length: EXECUTORS }, async (_, index) => {
      const executor = createExecutor({ env: process.env, cwd: folder, version: "0.0.0" });
      const environmentId = `env-${index}`;
      const out = offer({
        registryUrl: publicUrl,
        environmentId,
        credential: () => tokens.executor,
        accept: (port, principal) => executor.accept(port, principal),
      });
      made.defer(async () => {
        await out.close();
        await executor.close();
      });
      await out.connected;
      return out.url;
    }),
  );
  print(`${NODES} relays on ${NODES} NATS servers, ${EXECUTORS} executors`);

  const sessions: CountedSession[] = [];
  for (let begun = 0; begun < options.sessions; begun += AT_ONCE) {
    const count = Math.min(AT_ONCE, options.sessions - begun);
    const some = Array.from({ length: count }, (_, index) =>
      CountedSession.begin(environments[(begun + index) % EXECUTORS] ?? "", tokens.client, folder),
    );
    sessions.push(...(await Promise.all(some)));
  }
  const healed = async (what: string): Promise<void> => {
    const before = sessions.map(({ answered }) => answered);
    const beganMs = performance.now();
    const left = (): number =>
      sessions.filter(({ answered }, index) => answered < (before[index] ?? 0) + LINES_ON).length;
    await until(() => left() === 0, {
      deadlineMs: HEALED_MS,
      intervalMs: 50,
      what: () =>
        `${left()} of ${sessions.length} sessions do not go on after ${what}\n${nodes.map(({ log }) => log()).join("\n")}`,
    });
    print(
      `${what.padEnd(40)} all ${sessions.length} sessions go on, ${LINES_ON} lines later, after ${Math.round(performance.now() - beganMs)} ms`,
    );
  };
  try {
    await healed("nothing was done");
    await nodes[0]?.kill();
    await healed("a relay was killed");
    if (!options.short) {
      await nats.servers[1]?.kill();
      await healed("a NATS server was killed");
      await start(nodes[0]?.port);
      await nats.servers[1]?.start();
      await healed("both were started again");
      await nodes[2]?.kill();
      await healed("another relay was killed");
    }
  } catch (error) {
    print((error as Error).message);
  }
  const flaws = (await Promise.all(sessions.map((session) => session.end()))).filter((flaw) => flaw !== undefined);
  for (const flaw of new Set(flaws)) print(`    ${flaw}`);
  const longestMs = Math.max(...sessions.map(({ longestSilenceMs }) => longestSilenceMs));
  print(`longest without an answer: ${Math.round(longestMs)} ms`);
  print(`${flaws.length} of ${sessions.length} sessions were lost or lost something`);
  return flaws.length === 0;
}

async function tokenFor(tokensFile: string, role: string): Promise<string> {
  const args = ["relay", "token", "--tokens", tokensFile, "--role", role, "--environment", "*"];
  const { stdout } = await run(process.execPath, [HOLDFAST_BIN, ...args]);
  return stdout.trim();
}
