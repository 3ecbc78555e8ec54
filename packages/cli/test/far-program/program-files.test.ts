import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type TempDir, tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { programFiles } from "../../src/far-program/program-files.ts";

/** What installers lay down: these files, each package with its manifest. */
function lay(root: TempDir, files: readonly string[]): string {
  const program = "lib/node_modules/holdfast";
  for (const file of [`${program}/package.json`, `${program}/bin/holdfast.mjs`, ...files]) {
    mkdirSync(dirname(root.join(file)), { recursive: true });
    writeFileSync(root.join(file), "{}");
  }
  return root.join(program);
}

const OWN = ["package.json", "bin/holdfast.mjs"];
const NESTED = "lib/node_modules/holdfast/node_modules";
const BASE = [
  "koffi/package.json",
  "koffi/index.cjs",
  "koffi/src/koffi/src/call.cc",
  "koffi/vendor/a.js",
  "@lydell/node-pty/package.json",
  "@lydell/node-pty/index.js",
  "bufferutil/package.json",
  "bufferutil/prebuilds/linux-x64/bufferutil.node",
  "bufferutil/deps/a.js",
  "node-gyp-build/package.json",
].map((file) => `${NESTED}/${file}`);
const SENT_BASE = [
  "node_modules/koffi/index.cjs",
  "node_modules/koffi/package.json",
  "node_modules/@lydell/node-pty/index.js",
  "node_modules/@lydell/node-pty/package.json",
  "node_modules/bufferutil/package.json",
  "node_modules/node-gyp-build/package.json",
];

/** The packages of binaries for a kind of machine, in a folder. */
function binaries(folder: string, kind: string, extra: readonly string[] = []): readonly string[] {
  const [platform = "", arch = ""] = kind.split("-");
  const koffi = platform === "linux" ? [`linux_${arch}`, `musl_${arch}`] : [`${platform}_${arch}`];
  return [
    `${folder}/@koromix/koffi-${kind}/package.json`,
    ...koffi.map((name) => `${folder}/@koromix/koffi-${kind}/${name}/koffi.node`),
    `${folder}/@lydell/node-pty-${kind}/package.json`,
    `${folder}/@lydell/node-pty-${kind}/pty.node`,
    ...extra.map((name) => `${folder}/@lydell/node-pty-${kind}/${name}`),
  ];
}

describe("what is sent to a machine", () => {
  test.each([
    ["glibc", "linux_arm64", ["package.json", "pty.node"]],
    // The library for terminals has none for musl; the C library makes them there.
    ["musl", "musl_arm64", []],
  ] as const)(
    "of another kind are its native parts, if they are installed here: Linux with %s",
    async (libc, koffi, pty) => {
      await using root = await tempDir();
      // Beside the program, as `npm install -g` puts them.
      const folder = lay(root, [
        ...BASE,
        ...binaries("lib/node_modules", "linux-arm64"),
        ...binaries(NESTED, "linux-x64"),
      ]);
      const files = programFiles(folder, { platform: "linux", arch: "arm64", libc });
      expect(files.map(({ to }) => to).sort()).toEqual(
        [
          ...OWN,
          ...SENT_BASE,
          "node_modules/@koromix/koffi-linux-arm64/package.json",
          `node_modules/@koromix/koffi-linux-arm64/${koffi}/koffi.node`,
          ...pty.map((name) => `node_modules/@lydell/node-pty-linux-arm64/${name}`),
        ].sort(),
      );
    },
  );

  test("with macOS is what starts programs behind a terminal there", async () => {
    await using root = await tempDir();
    const folder = lay(root, [...BASE, ...binaries(NESTED, "darwin-arm64", ["spawn-helper"])]);
    const files = programFiles(folder, { platform: "darwin", arch: "arm64", libc: "" });
    expect(files.map(({ to }) => to)).toContain("node_modules/@lydell/node-pty-darwin-arm64/spawn-helper");
  });

  test("whose native parts are not installed here is the rest", async () => {
    await using root = await tempDir();
    const folder = lay(root, [...BASE, ...binaries(NESTED, "linux-x64")]);
    const files = programFiles(folder, { platform: "darwin", arch: "x64", libc: "" });
    expect(files.map(({ to }) => to).sort()).toEqual([...OWN, ...SENT_BASE].sort());
  });

  test.each(["win32", "freebsd", "sunos"])("that %s runs is nothing", async (platform) => {
    await using root = await tempDir();
    const folder = lay(root, BASE);
    expect(() => programFiles(folder, { platform, arch: "x64", libc: "" })).toThrow(
      `that machine is ${platform}-x64; Linux and macOS can be executors`,
    );
  });
});
