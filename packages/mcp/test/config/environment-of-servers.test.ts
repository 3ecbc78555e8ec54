import { fileURLToPath } from "node:url";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { mcpServer, type StdioServerOptions } from "../../src/index.ts";
import { Places } from "../support/places.ts";
import { mcpServers } from "../support/servers.ts";

const EVERYTHING = fileURLToPath(import.meta.resolve("@modelcontextprotocol/server-everything/dist/index.js"));

/** What a real server sees of variables, when the orchestrator has `own`, and the executor those of this process. */
async function seenBy(
  environmentId: "local" | "far",
  own: Readonly<Record<string, string>>,
  options: Partial<StdioServerOptions>,
): Promise<Readonly<Record<string, string>>> {
  await using environments = new Places();
  await environments.embed(environmentId);
  await using servers = mcpServers({ environments, variables: own, cwd: "/" });
  const server = mcpServer("s", { command: process.execPath, args: [EVERYTHING], environmentId, cwd: "/", ...options });
  const manager = await servers.refresh([server]);
  const { content } = await manager.callTool("s", "get-env", {});
  return JSON.parse((content as readonly { readonly text: string }[])[0]?.text ?? "");
}

const OWN = { HOME: "/home/orchestrator", PATH: process.env.PATH ?? "", API_KEY: "k", SECRET: "s", TZ: "UTC" };

describe("a real server", () => {
  test("beside the orchestrator sees what it is given, and nothing else", async () => {
    const seen = await seenBy("local", OWN, { envVars: ["API_KEY"], env: { TZ: "CET", NEW: "n" } });
    expect(seen).toEqual({ HOME: OWN.HOME, PATH: OWN.PATH, API_KEY: "k", TZ: "CET", NEW: "n" });
  });

  test("beside the orchestrator may be put into a folder below that of the thread", async () => {
    await using folder = await tempDir();
    expect(await seenBy("local", OWN, { cwd: folder.path.slice(1) })).toMatchObject({ HOME: OWN.HOME });
    await expect(seenBy("local", OWN, { cwd: "not/there" })).rejects.toThrow("MCP startup failed");
  });

  test("on an executor sees what is there, and of the orchestrator what it is given", async () => {
    const seen = await seenBy("far", OWN, { envVars: ["API_KEY"], env: { NEW: "n" } });
    expect(seen).toMatchObject({ PATH: process.env.PATH, API_KEY: "k", NEW: "n" });
    expect(seen.HOME).toBe(process.env.HOME);
    expect(seen).not.toHaveProperty("SECRET");
  });

  test("on an executor sees variables of the executor that are named, and not those of the orchestrator", async () => {
    process.env.HOLDFAST_TEST_REMOTE = "of the executor";
    process.env.HOLDFAST_TEST_OTHER = "not named";
    try {
      const own = { ...OWN, HOLDFAST_TEST_REMOTE: "of the orchestrator" };
      const seen = await seenBy("far", own, { envVars: [{ name: "HOLDFAST_TEST_REMOTE", source: "remote" }] });
      expect(seen).toMatchObject({ PATH: process.env.PATH, HOLDFAST_TEST_REMOTE: "of the executor" });
      expect(seen).not.toHaveProperty("HOLDFAST_TEST_OTHER");
    } finally {
      delete process.env.HOLDFAST_TEST_REMOTE;
      delete process.env.HOLDFAST_TEST_OTHER;
    }
  });

  test.each([
    [
      "local",
      { envVars: [{ name: "X", source: "remote" as const }] },
      "env_vars entry `X` uses source `remote`, which requires remote MCP stdio",
    ],
    ["far", { cwd: undefined }, "executor stdio server requires an explicit cwd"],
  ] as const)("that can not be started as it is configured says why: %s", async (environmentId, options, message) => {
    await expect(seenBy(environmentId, OWN, options)).rejects.toThrow(message);
  });
});
