import { describe, expect, test } from "vitest";
import { openHost } from "./open-host.ts";

describe("a client", () => {
  test("introduces itself, and is told who it talks to", async () => {
    await using host = await openHost();
    await using client = await host.client({ clientInfo: { name: "inspector", version: "7" } });
    expect(client.serverInfo.codexHome).toBe(host.codexHome);
    expect(client.serverInfo.userAgent).toMatch(/^inspector\/1\.2\.3 \(.+; .+\) \S+ \(inspector; 7\)$/);
  });

  test("that asks for a method which is not served is told so", async () => {
    await using host = await openHost();
    await using client = await host.client();
    await expect(client.call("thread/nothing", {})).rejects.toThrow(
      /^Invalid request: unknown variant `thread\/nothing`, expected one of `initialize`/,
    );
  });
});
