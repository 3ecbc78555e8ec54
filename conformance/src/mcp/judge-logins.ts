import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CredentialFile, credentialOwner, McpAuth, mcpServer } from "@holdfast/mcp";
import type { Release } from "@holdfast/reference-peer";
import { startMockModel } from "../mock-model.ts";
import { mockModelConfig } from "../mock-model-config.ts";
import { runRelease } from "./run-release.ts";

const TOKEN = "a token of the conformance suite";
const OTHER = { server_name: "other", server_url: "https://other.example", client_id: "c", access_token: "t" };
const OTHERS = { "other|0000000000000000": OTHER };

/** Whether a release finds a login that we keep, uses it, and forgets it without touching others. @returns what it does not. */
export async function judgeLogins(release: Release, home: string): Promise<readonly string[]> {
  await using server = await guardedServer();
  await using model = await startMockModel([]);
  const table = `[mcp_servers.web]\nurl = "${server.url}"\n`;
  await writeFile(join(home, "config.toml"), mockModelConfig(model, 'mcp_oauth_credentials_store = "file"', table));
  const store = new CredentialFile(home);
  await writeFile(store.path, JSON.stringify(OTHERS));
  const key = await keep(store, server.url);

  const findings: string[] = [];
  const listed = await runRelease(release, home, ["mcp", "list", "--json"]);
  if (!/"auth_status": "o_auth"/.test(listed.output)) findings.push(`it does not list our login: ${listed.output}`);
  await runRelease(release, home, ["exec", "--skip-git-repo-check", "-C", home, "hi"]);
  if (!server.tokens.has(TOKEN)) findings.push("it does not send the token of our login");
  const left = await runRelease(release, home, ["mcp", "logout", "web"]);
  if ((await store.load(key)) !== undefined) findings.push(`it does not forget our login: ${left.output}`);
  const auth = new McpAuth({ environments: NOWHERE, store });
  const status = await auth.status(mcpServer("web", { url: server.url }));
  if (status === "oAuth") findings.push("we still have a login that it forgot");
  const [other] = Object.keys(OTHERS);
  if (other !== undefined && (await store.load(other)) === undefined)
    findings.push("it does not keep what is of others");
  return findings;
}

const NOWHERE = { has: () => false, executor: () => Promise.reject(new Error("there is no environment")) };

/** As a login does. */
async function keep(store: CredentialFile, url: string): Promise<string> {
  const { key, serverName, serverUrl } = credentialOwner(mcpServer("web", { url }));
  await store.save(key, {
    server_name: serverName,
    server_url: serverUrl,
    client_id: "conformance",
    // Not known to releases.
    client_secret: "a secret of the conformance suite",
    access_token: TOKEN,
    expires_at: Date.now() + 3_600_000,
    scopes: ["read"],
  });
  return key;
}

interface GuardedServer extends AsyncDisposable {
  readonly url: string;
  /** That were sent. */
  readonly tokens: ReadonlySet<string>;
}

/** A server by HTTP that refuses everything, and remembers who asked. */
async function guardedServer(): Promise<GuardedServer> {
  const tokens = new Set<string>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1];
    if (token !== undefined) tokens.add(token);
    response.writeHead(request.url === "/mcp" ? 401 : 404, { "www-authenticate": "Bearer" }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    tokens,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
