import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { connect } from "@holdfast/exec-client";
import { describe, expect, test } from "vitest";
import { BIN, testEnvironment } from "../support/cli.ts";

const SECRET = "a-secret";

/** The superuser reads everybody's memory by a capability: without it, root is a user like any other. */
const AS_A_USER = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];

describe.skipIf(process.platform !== "linux")("an executor that serves", () => {
  test("shows neither its environment nor its memory to the commands that it runs", async () => {
    const [program = "", ...args] = [...AS_A_USER, process.execPath, BIN, "serve"];
    const server = spawn(program, args, {
      env: testEnvironment(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [url] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
      await using executor = await connect(url, { clientName: "test" });
      const run = await executor.run(["sh", "-c", "for each in environ mem; do cat /proc/$PPID/$each; done"]);
      expect(run.stderr.match(/Permission denied/g)).toHaveLength(2);
      expect(run.stdout).toBe("");
      // What is not the executor's is not hidden.
      const own = await executor.run(["sh", "-c", "sleep 60 & cat /proc/$!/environ; kill $!"], {
        env: { OWN: SECRET },
      });
      expect(own.stdout).toContain(SECRET);
    } finally {
      server.kill("SIGKILL");
    }
  });
});
