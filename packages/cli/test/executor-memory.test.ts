import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { BIN, testEnvironment } from "./support/cli.ts";

const run = promisify(execFile);

/** The superuser reads everybody's memory by a capability: without it, root is a user like any other. */
const AS_A_USER = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];

test.skipIf(process.platform !== "linux")(
  "an executor shows neither its environment nor its memory to the commands that it runs",
  async () => {
    const inside = async (script: string) => {
      const [program = "", ...args] = [...AS_A_USER, process.execPath, BIN, "exec", "--", "sh", "-c", script];
      return await run(program, args, { env: { ...testEnvironment(), SECRET: "a-secret" } });
    };
    const own = await inside("for each in environ mem; do cat /proc/$PPID/$each || echo refused; done");
    expect(own.stdout).toBe("refused\nrefused\n");
    expect(own.stderr.match(/Permission denied/g)).toHaveLength(2);
    // What is not the executor's is not hidden.
    const others = await inside("sleep 60 & cat /proc/$!/environ; kill $!");
    expect(others.stdout).toContain("SECRET=a-secret");
  },
);
