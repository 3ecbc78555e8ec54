import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { typeChecked } from "../../src/rules/type-checked.ts";
import { repositoryRoot } from "../../src/workspace.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-type-checked-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
}

/** Compile the solution as `npm test` does. */
function compile(): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync(join(repositoryRoot, "node_modules/.bin/tsc"), ["-b", "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout };
}

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  write("package.json", { type: "module" });
  write("tsconfig.json", { files: [], references: [{ path: "a/test" }] });
  write("a/test/tsconfig.json", { extends: join(repositoryRoot, "tools/tsconfig/test.json"), include: ["."] });
  symlinkSync(join(repositoryRoot, "node_modules"), join(folder, "node_modules"));
});

describe("type checks", () => {
  const assertion = (type: string) =>
    `import { expectTypeOf } from "vitest";\nexpectTypeOf("text" as string).toEqualTypeOf<${type}>();\n`;

  test("fail on an assertion about types that does not hold, and pass once it does", () => {
    write("a/test/types.test.ts", assertion("number"));
    const wrong = compile();
    expect(wrong.status).not.toBe(0);
    expect(wrong.stdout).toMatch(/^a\/test\/types\.test\.ts\(2,\d+\): error/);
    write("a/test/types.test.ts", assertion("string"));
    expect(compile()).toEqual({ status: 0, stdout: "" });
  });

  test("fail on an expected error that is none", () => {
    write("a/test/types.test.ts", "// @ts-expect-error\nexport const text: number = 1;\n");
    expect(compile().stdout).toContain("Unused '@ts-expect-error' directive");
  });

  test("leave out no file", () => {
    write("a/test/types.test.ts", "");
    write("a/test/deep/other.ts", "");
    write("a/dist/index.d.ts", "");
    expect(typeChecked([], folder)).toEqual([]);
    write("a/src/index.ts", "");
    write("vitest.config.ts", "");
    expect(typeChecked([], folder)).toEqual([
      "a/src/index.ts: no project of the root tsconfig.json compiles it; add its project to the references",
      "vitest.config.ts: no project of the root tsconfig.json compiles it; add its project to the references",
    ]);
  });

  test("compile files that a project names one by one", () => {
    write("a/test/tsconfig.json", { include: [".", "../../vitest.config.ts"] });
    write("vitest.config.ts", "");
    expect(typeChecked([], folder)).toEqual([]);
  });

  test("name a project that is no more", () => {
    write("tsconfig.json", { files: [], references: [{ path: "gone" }] });
    expect(typeChecked([], folder)).toContain("tsconfig.json: gone has no tsconfig.json; take the reference out");
  });
});
