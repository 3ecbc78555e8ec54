import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openHost } from "../open-host.ts";
import { refusalOf } from "../refusal-of.ts";

/** Tells what it may do: write in its folder, see the network's variable. */
const command = ["sh", "-c", 'touch here 2>/dev/null && printf wrote; printf "$CODEX_SANDBOX_NETWORK_DISABLED"'];

const MAY_WRITE = "wrote";
const HAS_NO_NETWORK = "1";

describe("a command is confined", () => {
  const ways: readonly (readonly [string, object, string])[] = [
    ["to reading, where nothing is said", {}, HAS_NO_NETWORK],
    ["to reading", { sandboxPolicy: { type: "readOnly" } }, HAS_NO_NETWORK],
    ["to reading, with the network", { sandboxPolicy: { type: "readOnly", networkAccess: true } }, ""],
    ["to its workspace", { sandboxPolicy: { type: "workspaceWrite" } }, MAY_WRITE + HAS_NO_NETWORK],
    ["not at all", { sandboxPolicy: { type: "dangerFullAccess" } }, MAY_WRITE],
    ["by somebody else", { sandboxPolicy: { type: "externalSandbox" } }, MAY_WRITE + HAS_NO_NETWORK],
    [
      "by somebody else, with the network",
      { sandboxPolicy: { type: "externalSandbox", networkAccess: "enabled" } },
      MAY_WRITE,
    ],
    ["to reading, by the name of a profile", { permissionProfile: ":read-only" }, HAS_NO_NETWORK],
    ["to its workspace, by the name of a profile", { permissionProfile: ":workspace" }, MAY_WRITE + HAS_NO_NETWORK],
    ["not at all, by the name of a profile", { permissionProfile: ":danger-full-access" }, MAY_WRITE],
  ];
  test.each(ways)("%s", async (_, members, expected) => {
    await using host = await openHost();
    await using client = await host.client();
    expect(await client.call("command/exec", { command, ...members })).toMatchObject({ stdout: expected });
    expect(existsSync(join(host.cwd, "here"))).toBe(expected.startsWith(MAY_WRITE));
  });

  test("as the configuration says, which is read anew for each", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const config = join(host.codexHome, "config.toml");
    const printed = async (): Promise<string> => (await client.command.exec({ command })).stdout;
    writeFileSync(config, 'sandbox_mode = "workspace-write"\n[sandbox_workspace_write]\nnetwork_access = true\n');
    expect(await printed()).toBe(MAY_WRITE);
    writeFileSync(
      config,
      'sandbox_mode = "danger-full-access"\n[shell_environment_policy.set]\nCODEX_SANDBOX_NETWORK_DISABLED = "set"\n',
    );
    expect(await printed()).toBe("wroteset");
  });

  test("as a profile of the configuration says, by its name or where nothing is said", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const secret = join(host.folder, "secret");
    writeFileSync(secret, "hidden");
    mkdirSync(join(host.cwd, "docs"));
    const config = `
      default_permissions = "mine"
      [permissions.mine]
      extends = ":read-only"
      [permissions.mine.filesystem]
      ":workspace_roots" = { "." = "write", "docs" = "read" }
      "${secret}" = "deny"
      [permissions.mine.network]
      enabled = true
    `;
    writeFileSync(join(host.codexHome, "config.toml"), config);
    const script = `cat ${secret} 2>/dev/null; touch here && printf wrote; touch docs/here 2>/dev/null && printf more; printf "$CODEX_SANDBOX_NETWORK_DISABLED"`;
    const run = async (more: object) => await client.call("command/exec", { command: ["sh", "-c", script], ...more });
    expect(await run({ permissionProfile: "mine" })).toMatchObject({ stdout: "wrote" });
    expect(await run({})).toMatchObject({ stdout: "wrote" });
    expect(await run({ sandboxPolicy: { type: "dangerFullAccess" } })).toMatchObject({ stdout: "hiddenwrotemore" });
    expect(await client.call("permissionProfile/list", {})).toMatchObject({
      data: [{ id: ":read-only" }, { id: ":workspace" }, { id: ":danger-full-access" }, { id: "mine" }],
    });
    expect(await refusalOf(run({ permissionProfile: "other" }))).toEqual({
      code: -32600,
      message: "invalid permission profile: default_permissions refers to undefined profile `other`",
    });
  });

  test("not at all where the configuration names a profile that there is not", async () => {
    await using host = await openHost();
    await using client = await host.client();
    writeFileSync(join(host.codexHome, "config.toml"), 'default_permissions = "gone"\n');
    expect(await refusalOf(client.call("command/exec", { command }))).toEqual({
      code: -32600,
      message: "failed to load configuration: default_permissions requires a `[permissions]` table",
    });
  });
});
