import { build } from "esbuild";
import { expect, test } from "vitest";

test("the root entry bundles for a browser", async () => {
  const result = await build({
    stdin: { contents: 'export * from "@holdfast/rpc";', resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: "browser",
    format: "esm",
    metafile: true,
    logLevel: "silent",
  });
  expect(result.errors).toEqual([]);
  expect(Object.keys(result.metafile.inputs).some((file) => file.endsWith("rpc/dist/peer.js"))).toBe(true);
});
