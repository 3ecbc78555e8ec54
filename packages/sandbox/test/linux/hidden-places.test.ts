import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Machine, plan } from "../../src/index.ts";
import { type Entry, intentFor, literal, managed, ROOT_READ, special } from "../support/intents.ts";
import { type PlanOutcome, runPlan } from "../support/run-plan.ts";
import { thisMachine } from "../support/this-machine.ts";

const machine = await thisMachine();
const WORKSPACE = [ROOT_READ, special("project_roots", "write")];

describe.skipIf(machine === undefined)("what no command may see", () => {
  let base: string;
  let ws: string;

  beforeEach(() => {
    base = mkdtempSync("/var/tmp/sandbox-hidden-");
    ws = `${base}/ws`;
    mkdirSync(`${ws}/folder`, { recursive: true });
    writeFileSync(`${ws}/folder/inner`, "secret");
    writeFileSync(`${ws}/token`, "secret");
    writeFileSync(`${ws}/other`, "open");
  });

  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const sh = (script: string, entries: readonly Entry[]): Promise<PlanOutcome> => {
    const hiddenPlaces = ["folder", "token", "socket", "not/there"].map((name) => `${ws}/${name}`);
    const argv = ["sh", "-c", script];
    const intent = intentFor(managed(entries, "enabled"), ws, { argv });
    return runPlan(plan(intent, { ...(machine as Machine), tmpdir: undefined, hiddenPlaces }));
  };

  test.each([
    ["its workspace may be written", WORKSPACE],
    ["all but one place may be written", [special("root", "write"), literal("/etc/passwd", "read")]],
  ])("is a file, a folder and a socket, where %s", async (_, entries) => {
    const server = createServer((socket) => socket.end("let in")).listen(`${ws}/socket`);
    await once(server, "listening");
    const knock = `require("net").connect("${ws}/socket").on("data", (d) => console.log(String(d))).on("error", () => console.log("kept out"))`;
    const { stdout } = await sh(
      `cat token folder/inner; ls folder; cat other; echo
      mv token t && echo moved; mv folder f && echo moved; rm -f socket && echo removed; ln token l && echo linked
      '${process.execPath}' -e '${knock}'`,
      entries,
    );
    server.close();
    expect(stdout).toBe("open\nkept out\n");
    expect(readFileSync(`${ws}/token`, "utf8")).toBe("secret");
    expect(existsSync(`${ws}/folder/inner`)).toBe(true);
  });
});
