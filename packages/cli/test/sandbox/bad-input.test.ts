import { writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { holdfast, lines } from "../support/cli.ts";

function managed(entry: unknown) {
  return JSON.stringify({
    type: "managed",
    network: "restricted",
    file_system: { type: "restricted", entries: [entry] },
  });
}

describe("sandbox: wrong arguments end with 255 and one line", () => {
  test.each([
    [["--"], "no command given"],
    [[], "no command given"],
    [["ls"], "unexpected argument 'ls': put -- before the command"],
    [
      ["--profile", "bogus", "--", "true"],
      "--profile must be read-only, workspace-write, none or a FILE.json, not 'bogus'",
    ],
    [["--profile", "no/such.json", "--", "true"], "--profile: no/such.json: ENOENT"],
    [["--profile", "/", "--", "true"], "--profile: /: EISDIR"],
    [["--cwd", "/no/such/folder", "--", "true"], "--cwd: ENOENT"],
    [["--cwd", "/etc/hosts", "--", "true"], "--cwd: /etc/hosts is no folder"],
    [["--root", "/no/such/folder", "--", "true"], "--root: ENOENT"],
    [["--writable", "/no/such/folder", "--", "true"], "--writable: ENOENT"],
    [["--deny", "", "--", "true"], "--deny must not be empty"],
    [["--env", "x", "--", "true"], "--env must be NAME=VALUE, not 'x'"],
    [["--bogus", "--", "true"], "unknown option '--bogus'"],
    [["--json", "--", "true"], "--json goes with --explain only"],
    [["--profile", "none", "--deny", "x", "--", "true"], "--deny does not go with --profile none"],
    [["--profile", "none", "--network", "--", "true"], "--network does not go with --profile none"],
    [["--profile", "read-only", "--root", ".", "--", "true"], "--root does not go with --profile read-only"],
    [["--profile", "read-only", "--writable", ".", "--", "true"], "--writable does not go with --profile read-only"],
    [["--writable", "/usr", "--deny", "/usr", "--", "true"], "--deny /usr contradicts --writable /usr"],
    [["--deny", ".", "--", "true"], "would close the workspace root"],
    [["--explain"], "--explain needs at least one PATH"],
    [["--explain", ""], "PATH must not be empty"],
    [["--explain", "x", "--", "true"], "--explain starts no command"],
    [["--explain", "--tty", "x"], "--tty does not go with --explain"],
    [["--explain", "--env", "A=b", "x"], "--env does not go with --explain"],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await holdfast(["sandbox", ...args]);
    expect([code, stdout.length]).toEqual([255, 0]);
    const [line = "", ...more] = lines(stderr);
    expect(more).toEqual([]);
    // Who asks for JSON reads the failure as JSON, too.
    expect(line).toContain(args.includes("--json") ? `"command":"sandbox"` : "holdfast sandbox: ");
    expect(stderr).toContain(message);
  });
});

describe("sandbox: a profile file that is none is told with the member and the rule", () => {
  test.each([
    ["no JSON", "{", "is no JSON"],
    ["a list", "[]", "expected an object"],
    ["a text", '"read-only"', "expected an object"],
    [
      "no kind that is known",
      '{"type":"bogus"}',
      "unknown variant `bogus`, expected one of `managed`, `disabled`, `external` at type",
    ],
    ["no network", '{"type":"managed","file_system":{"type":"unrestricted"}}', "missing field `network` at network"],
    [
      "an entry without an absolute path",
      managed({ path: { type: "path", path: "src" }, access: "read" }),
      "path `src` is not absolute using POSIX path syntax at file_system.entries[0].path.path",
    ],
    [
      "an unknown place",
      managed({ path: { type: "special", value: { kind: "home" } }, access: "read" }),
      "at file_system.entries[0].path.value.kind",
    ],
    [
      "an unknown access",
      managed({ path: { type: "path", path: "/srv" }, access: "exec" }),
      "unknown variant `exec`, expected one of `read`, `write`, `deny`, `none` at file_system.entries[0].access",
    ],
    ["an unknown member in the shape of old", '{"network":null,"nonsense":1}', "nonsense"],
  ])("%s", async (_, text, message) => {
    await using folder = await tempDir();
    await writeFile(folder.join("profile.json"), text);
    const args = ["sandbox", "--profile", "profile.json", "--", "true"];
    const { code, stdout, stderr } = await holdfast(args, { cwd: folder.path });
    expect([code, stdout.length]).toEqual([255, 0]);
    expect(lines(stderr)).toEqual([expect.stringContaining("--profile: profile.json is no ")]);
    expect(stderr).toContain(message);
  });

  test.each([
    ["--deny", '{"type":"external","network":"enabled"}', "which does not restrict files"],
    [
      "--root",
      '{"type":"managed","network":"enabled","file_system":{"type":"unrestricted"}}',
      "which does not restrict files",
    ],
    ["--writable", '{"type":"disabled"}', "which confines nothing"],
  ])("%s does not go with %s", async (option, text, message) => {
    await using folder = await tempDir();
    await writeFile(folder.join("profile.json"), text);
    const args = ["sandbox", "--profile", "./profile.json", option, "/usr", "--", "true"];
    const { code, stderr } = await holdfast(args, { cwd: folder.path });
    expect(code).toBe(255);
    expect(lines(stderr)).toEqual([expect.stringContaining(message)]);
  });
});
