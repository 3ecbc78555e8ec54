import { join, type PathUri, parsePathUri } from "@holdfast/path-uri";
import {
  bindContext,
  fileSystemPolicyOf,
  type ParsedFileSystemSandboxContext,
  prepare,
} from "@holdfast/permission-profile";
import { describe, expect, test } from "vitest";
import { CAPABILITY_NAMES, type CapabilityName } from "../../src/environment.ts";
import { placedSandbox } from "../../src/sandbox/placed-sandbox.ts";
import type { SandboxRules } from "../../src/sandbox/sandbox.ts";
import { type SandboxHost, sandboxContextOf } from "../../src/sandbox/sandbox-context.ts";

const none = Object.fromEntries(CAPABILITY_NAMES.map((name) => [name, false])) as Record<CapabilityName, boolean>;
const HOST: SandboxHost = { pathConvention: "posix", capabilities: none };

/** What a call in another folder may do to a file below the base. */
function accessIn(rules: SandboxRules, base: PathUri, { cwd, file }: { cwd: string; file: string }): string {
  const folder = parsePathUri(`file://${cwd}`);
  const context = sandboxContextOf(placedSandbox(rules, base, HOST), folder, HOST) as ParsedFileSystemSandboxContext;
  const host = { convention: "posix", fallbackCwd: folder, home: undefined, tmpdir: [], slashTmp: undefined } as const;
  const files = prepare(fileSystemPolicyOf(context.permissions), bindContext(context, host));
  return files.accessOf(join(base, file)).access;
}

describe.each(["/srv/app", "/srv/[app] *"])("below %s", (path) => {
  const base = join(parsePathUri("file:///"), path);

  test.each([
    ["a path", "secret"],
    ["a name with a tilde", "~secret"],
    ["a pattern", "sec*"],
    ["a pattern", "~sec*"],
  ])("%s that is denied is denied wherever the call is made", (_what, denied) => {
    const file = `${denied.startsWith("~") ? "~" : ""}secret/key`;
    for (const cwd of ["/srv/app/sub", "/tmp"]) expect(accessIn({ deny: [denied] }, base, { cwd, file })).toBe("deny");
    expect(accessIn({ deny: [denied] }, base, { cwd: "/tmp", file: "open" })).toBe("read");
  });
});

test("a relative pattern holds in the folder of the call as well", () => {
  const base = parsePathUri("file:///srv/app");
  const call = { cwd: "/tmp", file: "/tmp/below/a.pem" };
  expect(accessIn({ deny: ["**/*.pem"] }, base, call)).toBe("deny");
});
