import { readFile } from "node:fs/promises";
import type * as Client from "@holdfast/exec-client";
import { createExecutor } from "@holdfast/executor";
import { memoryLink } from "@holdfast/rpc/memory";
import { expect, test, vi } from "vitest";

const dialled = vi.hoisted(() => [] as string[]);

vi.mock("@holdfast/exec-client", async (importOriginal) => {
  const client = await importOriginal<typeof Client>();
  const connect = (url: string) => {
    dialled.push(url);
    const [near, far] = memoryLink();
    createExecutor({ env: process.env, cwd: "/", version: "0.0.0" }).accept(far);
    return client.connect(near);
  };
  return { ...client, connect };
});

test("the sample of the README is the file that is run here, and does what it promises", async () => {
  const sample = await readFile(new URL("./samples/agent-commands.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${sample}\`\`\``);
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await import("./samples/agent-commands.ts");
  const written = write.mock.calls.map(([text]) => String(text)).join("");
  write.mockRestore();
  expect(dialled).toEqual(["ws://devbox:7070"]);
  expect(written).toMatch(/Process running with session ID \d+/);
  expect(written).toMatch(/Process exited with code 0.*yes/);
});
