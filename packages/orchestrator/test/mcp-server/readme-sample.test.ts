import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

test("the sample of the README is the file that is compiled here", async () => {
  const sample = await readFile(new URL("../samples/tools-for-mcp-clients.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${sample}\`\`\``);
});
