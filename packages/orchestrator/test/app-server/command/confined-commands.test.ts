import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openHost } from "../open-host.ts";

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
});
