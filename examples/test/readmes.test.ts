import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
}

/** Packages that people install. */
async function published(): Promise<readonly { readonly folder: string; readonly name: string }[]> {
  const folders = await readdir(join(root, "packages"));
  const all = await Promise.all(
    folders.map(async (folder) => {
      const manifest = JSON.parse(await readFile(join(root, "packages", folder, "package.json"), "utf8")) as Manifest;
      return { folder: join(root, "packages", folder), ...manifest };
    }),
  );
  return all.filter((manifest) => !manifest.private);
}

describe.each(await published())("the README of $name", ({ folder, name }) => {
  test("begins with how to install it", async () => {
    const [, first] = /```(\w+\n[\s\S]*?)```/.exec(await readFile(join(folder, "README.md"), "utf8")) ?? [];
    expect(first).toMatch(new RegExp(`^sh\\nnpm install (?:--global )?(?:\\S+ )*${name}(?: |\\n)`));
  });
});

/** Those whose first lines need a server, a model or an install; they are run by tests of their own. */
const ELSEWHERE = [
  "holdfast",
  "@holdfast/exec-client",
  "@holdfast/app-server-client",
  "@holdfast/ai-sdk",
  "@holdfast/openai-agents",
];

const alone = (await published()).filter(({ name }) => !ELSEWHERE.includes(name));

describe.each(alone)("the first lines of $name", ({ folder }) => {
  test("run, and print what they promise", async () => {
    const readme = await readFile(join(folder, "README.md"), "utf8");
    const [, code = "", , promised] = /```ts\n([\s\S]*?)```(\n\n```text\n([\s\S]*?)```)?/.exec(readme) ?? [];
    // Beside the program's own packages, so that the sample finds what it names.
    const place = await mkdtemp(join(root, "examples/.readme-"));
    try {
      const file = join(place, "sample.ts");
      await writeFile(file, code);
      const path = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;
      const { stdout } = await run(process.execPath, [file], { env: { ...process.env, PATH: path }, timeout: 25_000 });
      if (promised !== undefined) expect(stdout).toBe(promised);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });
});
