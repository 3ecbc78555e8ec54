import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { basename, dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Machine, plan } from "../../src/index.ts";
import { type Entry, intentFor, literal, managed, ROOT_READ, special, WORKSPACE_WRITE } from "../support/intents.ts";
import { runPlan } from "../support/run-plan.ts";
import { thisMachine } from "../support/this-machine.ts";

const [header = "", ...rows] = readFileSync(new URL("truth-table.txt", import.meta.url), "utf8")
  .trim()
  .split("\n");
const columns = header
  .split("|")
  .slice(1)
  .map((cell) => cell.trim());
const program = readFileSync(new URL("attempts.mjs", import.meta.url), "utf8");

const permissionsOf: Readonly<Record<string, (workspace: string) => Entry>> = {
  ro: () => managed([ROOT_READ]),
  "ro+n": () => managed([ROOT_READ], "enabled"),
  ww: () => managed(WORKSPACE_WRITE),
  "ww+n": () => managed(WORKSPACE_WRITE, "enabled"),
  carve: (ws) => managed([...WORKSPACE_WRITE, literal(`${ws}/a`, "deny"), literal(`${ws}/a/b`, "write")]),
  min: () => managed([special("minimal", "read"), special("project_roots", "write")]),
  fullw: () => managed([special("root", "write")]),
  open: () => ({ type: "disabled" }),
};

const machine = await thisMachine();

describe.skipIf(machine === undefined)("a confined command", () => {
  let base: string;
  let port: number;
  const servers: Server[] = [];

  beforeAll(async () => {
    base = mkdtempSync("/var/tmp/sandbox-truth-");
    const tcp = createServer((socket) => socket.destroy());
    const unix = createServer((socket) => socket.destroy());
    servers.push(tcp, unix);
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    await new Promise<void>((resolve) => unix.listen(`${base}/socket`, resolve));
    port = (tcp.address() as { port: number }).port;
  });

  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(base, { recursive: true, force: true });
  });

  test.each(columns)("under %s can do what the table says, and nothing more", async (column) => {
    const place = makePlace(base, port);
    const here: Machine = { ...(machine as Machine), tmpdir: place.tmp };
    const env = { PATH: "/usr/bin:/bin", PLACE: JSON.stringify(place) };
    const argv = [process.execPath, "--input-type=module", "-"];
    const runtimeRoots = [process.execPath];
    const permissions = permissionsOf[column]?.(place.ws) ?? {};
    try {
      const outcome = await runPlan(plan(intentFor(permissions, place.ws, { argv, env, runtimeRoots }), here), program);
      expect(outcome.stderr).toBe("");
      const host = hostAnswers();
      expect(JSON.parse(outcome.stdout)).toEqual(expectedIn(column, host));
    } finally {
      rmSync(`/tmp/${place.unique}`, { force: true });
    }
  });
});

interface Place {
  readonly ws: string;
  readonly outside: string;
  readonly tmp: string;
  readonly unique: string;
  readonly hostPid: number;
  readonly port: number;
  readonly hostSocket: string;
}

function makePlace(base: string, port: number): Place {
  const root = mkdtempSync(`${base}/column-`);
  const [ws, outside, tmp] = [`${root}/ws`, `${root}/outside`, `${root}/tmp`] as const;
  for (const folder of [`${ws}/.git`, `${ws}/sub`, `${ws}/a/b`, outside, tmp]) mkdirSync(folder, { recursive: true });
  for (const name of ["file", "unlink-me", "rename-me", ".git/config", "a/secret", "a/b/file"]) {
    writeFileSync(`${ws}/${name}`, "text");
  }
  writeFileSync(`${outside}/file`, "text");
  writeFileSync(`${outside}/linked`, "text");
  symlinkSync(`${outside}/file`, `${ws}/link-out`);
  linkSync(`${outside}/linked`, `${ws}/hard-link`);
  const unique = `${basename(base)}-${basename(root)}`;
  return { ws, outside, tmp, unique, hostPid: process.pid, port, hostSocket: `${dirname(root)}/socket` };
}

/** What depends on the user and the machine that the tests run with: only seen where nothing confines. */
function hostAnswers(): Readonly<Record<string, string>> {
  const lines = readFileSync("/proc/net/dev", "utf8").trim().split("\n").slice(2);
  return {
    "create in /": process.getuid?.() === 0 ? "ok" : "EACCES",
    interfaces: lines.every((line) => line.trim().startsWith("lo:")) ? "lo" : "all",
  };
}

function expectedIn(column: string, host: Readonly<Record<string, string>>): Record<string, string> {
  const at = columns.indexOf(column) + 1;
  return Object.fromEntries(
    rows.map((row) => {
      const cells = row.split("|").map((cell) => cell.trim());
      const [name = "", cell = ""] = [cells[0], cells[at]];
      return [name, cell === "host" ? (host[name] ?? "") : cell];
    }),
  );
}
