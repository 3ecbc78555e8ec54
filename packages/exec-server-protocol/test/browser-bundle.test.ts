import { build } from "esbuild";
import { expect, test } from "vitest";

test.each(["", "/client", "/server"])("the entry .%s bundles for a browser", async (subpath) => {
  const result = await build({
    stdin: { contents: `export * from "@holdfast/exec-server-protocol${subpath}";`, resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: "browser",
    format: "esm",
    metafile: true,
    logLevel: "silent",
  });
  expect(result.errors).toEqual([]);
  expect(Object.keys(result.metafile.inputs).some((file) => file.endsWith("gen/zod.gen.js"))).toBe(true);
});
