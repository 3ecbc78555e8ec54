import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { missingForSsh, startSshServer } from "@holdfast/testkit";
import { median, quantile } from "../statistics.ts";
import { HOLDFAST, startTarget } from "../target.ts";
import { DelayLine } from "../wan.ts";

/*
 * One command on another machine, as a whole program that does it: `holdfast exec` the first time and again, beside ssh with a connection
 * that is there and with a new one, and beside a Node that does nothing; in turns. Over loopback, and over a round trip of 80 ms.
 *
 *   node bench/src/commands/main.ts [--rounds 20] [--far] [--smoke]
 */

const HOLDFAST_PROGRAM = fileURLToPath(new URL("../../../packages/cli/bin/holdfast.mjs", import.meta.url));
const ONE_WAY_MS = 40;
/** Between two commands: a line that was taken is replaced, as it is when a person types the next one. */
const PAUSE_MS = 400;

interface Tool {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

async function millisecondsOf({ argv: [program, ...args], env, name }: Tool): Promise<number> {
  const begin = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  const [code] = await once(child, "exit");
  const took = performance.now() - begin;
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  return took;
}

async function measure(tools: readonly Tool[], rounds: number): Promise<string> {
  const samples = new Map<string, number[]>(tools.map(({ name }) => [name, []]));
  // Once unmeasured: it leaves behind what the next one finds.
  for (let round = -1; round < rounds; round += 1) {
    for (const tool of tools) {
      const took = await millisecondsOf(tool);
      if (round >= 0) samples.get(tool.name)?.push(took);
      await sleep(PAUSE_MS);
    }
  }
  const rows = tools.map(({ name }) => {
    const all = samples.get(name) ?? [];
    return `| ${name} | ${median(all).toFixed(0)} | ${Math.min(...all).toFixed(0)} | ${quantile(all, 0.95).toFixed(0)} |`;
  });
  return ["| one command, ms | p50 | min | p95 |", "| --- | ---: | ---: | ---: |", ...rows].join("\n");
}

interface Ways {
  /** Of an executor on a port. */
  readonly url: string;
  /** The configuration of an ssh client that knows a `box`. */
  readonly config: string;
  /** For the sockets of background connections. */
  readonly sockets: string;
}

function toolsFor({ url, config, sockets }: Ways): readonly Tool[] {
  const exec = (at: string, ...options: string[]): [string, ...string[]] => [
    process.execPath,
    HOLDFAST_PROGRAM,
    "exec",
    "--url",
    at,
    ...options,
    "--",
    "true",
  ];
  const held = { HOLDFAST_BACKGROUND: "always", XDG_RUNTIME_DIR: sockets };
  const bySsh = { HOLDFAST_SSH: `ssh -F ${config}` };
  const alone = ["-o", "ControlMaster=no", "-o", "ControlPath=none"];
  return [
    { name: "node -e 0", argv: [process.execPath, "-e", "0"] },
    { name: "holdfast exec, again", argv: exec(url), env: held },
    { name: "holdfast exec, with a connection of its own", argv: exec(url, "--no-background") },
    { name: "holdfast exec over ssh, again", argv: exec("ssh://box"), env: { ...held, ...bySsh } },
    { name: "holdfast exec over ssh, first", argv: exec("ssh://box", "--no-background"), env: bySsh },
    { name: "ssh, ControlMaster", argv: ["ssh", "-F", config, "box", "true"] },
    { name: "ssh, new connection", argv: ["ssh", "-F", config, ...alone, "box", "true"] },
  ];
}

/** The executor that was put there over ssh would wait for the next client. */
function endExecutorsBelow(folder: string): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      if (command.includes("\0serve\0") && command.includes(folder)) process.kill(Number(pid), "SIGTERM");
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "20" },
      far: { type: "boolean", default: false },
      smoke: { type: "boolean", default: false },
    },
  });
  if (missingForSsh.length > 0) {
    console.log(`commands: not measured, as there is no ${missingForSsh.join(", ")} here; install openssh`);
    return;
  }
  const scratch = mkdtempSync(join(tmpdir(), "holdfast-commands-"));
  const sockets = join(scratch, "run");
  mkdirSync(sockets);
  chmodSync(sockets, 0o700);
  try {
    await using target = await startTarget(HOLDFAST);
    const home = join(scratch, "home");
    mkdirSync(home);
    // A machine with a Node and nothing else.
    const env = { HOME: home, PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
    await using server = await startSshServer(scratch, { env });
    await using ours = await DelayLine.to(target.url, values.far ? ONE_WAY_MS : 0);
    await using theirs = await DelayLine.to(`tcp://127.0.0.1:${server.port}`, values.far ? ONE_WAY_MS : 0);
    const config = await server.clientConfig({
      port: values.far ? Number(new URL(theirs.url).port) : server.port,
      config: ["ControlMaster auto", `ControlPath ${join(scratch, "ssh-%C")}`, "ControlPersist 20"],
    });
    const tools = toolsFor({ url: values.far ? ours.url : target.url, config, sockets });
    console.log(await measure(tools, values.smoke ? 1 : Number(values.rounds)));
  } finally {
    endExecutorsBelow(scratch);
    // The background connection notices that its socket is gone, and ends.
    rmSync(scratch, { recursive: true, force: true });
  }
}

await main();
