import { readFile } from "node:fs/promises";
import { memoryLink } from "@holdfast/rpc/memory";
import { expect, test, vi } from "vitest";
import { connect } from "../src/index.ts";
import { FakeExecServer } from "./support/fake-exec-server.ts";

const dialled = vi.hoisted(() => [] as string[]);

vi.mock("@holdfast/exec-client", () => ({
  connect: (url: string) => {
    dialled.push(url);
    const [near, far] = memoryLink();
    new FakeExecServer(far, {
      "process/start": ({ processId }, server) => {
        server.output(processId, 1, "Linux\n");
        server.exited(processId, 2);
        server.finished(processId, 3);
        return { processId };
      },
    });
    return connect(near);
  },
}));

test("the first sample of the README is the file that is run here, and prints what it promises", async () => {
  const sample = await readFile(new URL("./samples/first-result.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${sample}\`\`\``);
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await import("./samples/first-result.ts");
  expect(dialled).toEqual(["ws://devbox:7070"]);
  const written = write.mock.calls.map(([text]) => text);
  write.mockRestore();
  expect(written).toEqual(["Linux\nexit code 0\n"]);
});
