import { readFile } from "node:fs/promises";
import { expect, test, vi } from "vitest";

test("the sample of the README is the file that is run here, and prints what it promises", async () => {
  const sample = await readFile(new URL("./samples/explain.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${sample}\`\`\``);
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await import("./samples/explain.ts");
  const written = write.mock.calls.map(([text]) => text).join("");
  write.mockRestore();
  expect(written).not.toBe("");
  expect(readme).toContain(`\`\`\`text\n${written}\`\`\``);
});
