import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { LineScenario } from "../line-scenario.ts";
import { environmentOf } from "../served-app-server.ts";
import { connectBy, TRANSPORTS, UNCONFINED } from "../transports.ts";

const runProgram = promisify(execFile);
const EXAMPLE = fileURLToPath(new URL("../../../../examples/src/command-on-a-terminal.ts", import.meta.url));
const SCRIPT = 'stty -echo; stty size; read line; echo "got $line"; stty size; read line; exit 7';

export const terminal: LineScenario = {
  id: "terminal",
  sentence:
    "a command on a terminal is written to, resized and ends with its code; one is terminated; wrong uses are refused in the server's words; the example does so, too",
  async run(ground) {
    const args = [EXAMPLE, ground.release.program, "app-server"];
    const { stdout } = await runProgram(process.execPath, args, { env: environmentOf(ground.home), timeout: 60_000 });
    assert.equal(stdout, "24 80\nhello you\n40 120\nexit code 7\n");
    for (const transport of TRANSPORTS) {
      await using it = await connectBy(transport, ground);
      const { exec } = it.codex.command;
      const processId = "terminal";
      const reader = it.codex.notices("command/exec/outputDelta");
      const ran = exec({
        command: ["sh", "-c", SCRIPT],
        processId,
        tty: true,
        size: { rows: 30, cols: 100 },
        ...UNCONFINED,
      });
      let text = "";
      const shows = async (words: string): Promise<void> => {
        while (!text.includes(words)) {
          const { value, done } = await reader.next();
          if (done === true) throw new Error(`the terminal ended with ${text}`);
          text += Buffer.from(value.params.deltaBase64, "base64").toString();
        }
      };
      const type = (line: string) =>
        exec.write({ processId, deltaBase64: Buffer.from(`${line}\n`).toString("base64") });
      await shows("30 100");
      await exec.resize({ processId, size: { rows: 40, cols: 120 } });
      await type("hello");
      await shows("got hello");
      await shows("40 120");
      const second = exec({ command: ["sh", "-c", "true"], processId, tty: true, ...UNCONFINED });
      await assert.rejects(second, { code: -32600, message: /duplicate active command\/exec process id/ });
      await type("");
      assert.deepEqual(await ran, { exitCode: 7, stdout: "", stderr: "" });
      const long = exec({
        command: ["sleep", "1000"],
        processId: "long",
        tty: true,
        disableTimeout: true,
        ...UNCONFINED,
      });
      await assert.rejects(exec.resize({ processId: "long", size: { rows: 0, cols: 1 } }), { code: -32602 });
      await exec.terminate({ processId: "long" });
      // Of a terminal the releases say 1, of pipes 137.
      assert.notEqual((await long).exitCode, 0);
      await assert.rejects(exec.write({ processId: "long", closeStdin: true }), { code: -32600 });
    }
  },
};
