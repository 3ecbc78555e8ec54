import { startRelayService } from "@holdfast/relay/service";
import { addToken } from "@holdfast/relay/tokens";
import { publicKeyToJson, SECURITY_PROFILE } from "@holdfast/relay-protocol";
import { generateIdentity } from "@holdfast/relay-protocol/noise";
import { missingForNats, startNatsServers, tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { connectNats } from "../../../src/service/nats/index.ts";

test.skipIf(missingForNats !== undefined)(
  "a relay without its NATS server refuses at once, in words after which executors and clients try again",
  async () => {
    await using dir = await tempDir();
    await using servers = await startNatsServers(dir.path, {
      config: 'authorization { user: me, password: "pass-word" }',
    });
    const [server] = servers.servers;
    const lines: string[] = [];
    const write = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
    const tokensFile = dir.join("tokens");
    const executor = await addToken(tokensFile, { role: "executor", environment: "*" });
    const client = await addToken(tokensFile, { role: "client", environment: "*" });
    await using service = await startRelayService({
      host: "127.0.0.1",
      port: 0,
      tokensFile,
      stores: await connectNats({
        url: servers.url.replace("nats://", "nats://me:pass-word@"),
        onProblem: (text) => write(text),
      }),
      log: { info: write, warn: write },
    });
    const publicKey = publicKeyToJson(generateIdentity().publicKey);
    const ask = async (call: string, { token }: { readonly token: string }, body: unknown) => {
      const response = await fetch(`${service.url}/cloud/environment/env-1/${call}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as { readonly error?: { readonly code: string } };
      return `${response.status} ${answer.error?.code}`;
    };
    const register = () =>
      ask("register", executor, { security_profile: SECURITY_PROFILE, executor_public_key: publicKey });
    const connect = () => ask("connect", client, { harness_public_key: publicKey });
    const ready = async () => (await fetch(`${service.url}/readyz`)).status;

    expect(await register()).toBe("200 undefined");
    expect(await connect()).toBe("503 environment_not_connected");
    expect(await ready()).toBe(200);
    await server?.kill();
    await until(async () => (await ready()) === 503);
    const beganMs = performance.now();
    expect(await register()).toBe("503 registration_conflict");
    expect(await connect()).toBe("503 registry_unavailable");
    expect(performance.now() - beganMs).toBeLessThan(1_000);
    await server?.start();
    await until(async () => (await ready()) === 200);
    await until(async () => (await register()) === "200 undefined");
    expect(await connect()).toBe("503 environment_not_connected");
    expect(lines.join("\n")).not.toContain("pass-word");
  },
);
