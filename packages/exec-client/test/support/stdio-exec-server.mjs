// Speaks just enough of the protocol on stdin and stdout to be connected to. Its environment info names its own pid.
import { createInterface } from "node:readline";

const FILE = { isDirectory: false, isFile: true, isSymlink: false, size: 1, createdAtMs: 0, modifiedAtMs: 0 };

const answers = {
  initialize: () => ({
    sessionId: `pid-${process.pid}`,
    environmentInfo: {
      shell: { name: process.env.FAKE_SHELL ?? "sh", path: "/bin/sh" },
      cwd: `file://${process.cwd()}`,
    },
  }),
  "fs/getMetadata": () => FILE,
  "fs/readFile": () => ({ dataBase64: Buffer.from(process.argv.slice(2).join(" ")).toString("base64") }),
};

process.stderr.write("started\n");
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method } = JSON.parse(line);
  if (id !== undefined) process.stdout.write(`${JSON.stringify({ id, result: answers[method]() })}\n`);
}
