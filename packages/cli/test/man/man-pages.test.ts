import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/commands.ts";
import { manPages } from "../../src/man/man-pages.ts";
import { roffText } from "../../src/man/roff.ts";
import { canRun } from "../support/can-run.ts";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const MANIFEST = JSON.parse(readFileSync(`${PACKAGE}/package.json`, "utf8"));
const NAMES = ["holdfast.1", ...Object.keys(COMMANDS).map((name) => `holdfast-${name}.1`)].sort();
const hasMan = canRun(["man", "--version"]);

/** As `man` shows it, in lines of 100 characters, and what it warns of. */
function shown(name: string): { readonly text: string; readonly warnings: string } {
  const env = { ...process.env, MANWIDTH: "100", MANPAGER: "cat", LC_ALL: "C.UTF-8" };
  const args = ["--warnings", "-P", "cat", "-l", `${PACKAGE}/dist/man-pages/${name}`];
  const { stdout, stderr } = spawnSync("man", args, { encoding: "utf8", env });
  return { text: stdout, warnings: stderr };
}

describe("man pages", () => {
  test("are one for the program and one for each command, built and in the manifest", () => {
    expect([...manPages(COMMANDS, "0.0.0").keys()].sort()).toEqual(NAMES);
    expect(readdirSync(`${PACKAGE}/dist/man-pages`).sort()).toEqual(NAMES);
    expect([...MANIFEST.man].sort()).toEqual(NAMES.map((name) => `./dist/man-pages/${name}`));
    expect(MANIFEST.files).toContain("dist/man-pages");
  });

  test.each(NAMES)("%s holds what the help says, and nothing that roff takes for its own", (name) => {
    const text = readFileSync(`${PACKAGE}/dist/man-pages/${name}`, "utf8");
    expect(text).toMatch(
      new RegExp(`^\\.TH "HOLDFAST.*" 1 "" "holdfast ${MANIFEST.version}" "Holdfast"$`.replaceAll("-", "\\\\?-"), "m"),
    );
    // Whatever begins like a request is one of those that pages are made of.
    for (const [, request] of text.matchAll(/^[.'](\S*)/gm))
      expect(["TH", "SH", "TP", "PP", "B", "BR", "nf", "fi"]).toContain(request);
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    const spec = COMMANDS[name.slice("holdfast-".length, -2)];
    for (const [option, { about }] of Object.entries(spec?.options ?? {})) {
      expect(text).toContain(roffText(`--${option}`));
      expect(text).toContain(roffText(about));
    }
  });

  test.skipIf(!hasMan).each(["holdfast.1", "holdfast-exec.1", "holdfast-forward.1", "holdfast-serve.1"])(
    "%s is shown by man without a warning (where there is a man)",
    (name) => {
      const { text, warnings } = shown(name);
      expect(warnings).toBe("");
      expect(text).toContain("NAME");
      const spec = COMMANDS[name.slice("holdfast-".length, -2)];
      for (const option of Object.keys(spec?.options ?? {})) expect(text).toContain(`--${option}`);
      if (name === "holdfast-forward.1") expect(text).toMatch(/^ +\[::1\]:8080:\[fd00::2\]:80 {2}IPv6 addresses/m);
    },
  );
});
