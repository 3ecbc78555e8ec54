/*
 * The client of the official conformance suite: what a program does with this package, whose user signs in at once and answers forms with
 * their defaults. Run by the suite with the URL of its server.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CredentialFile,
  type ElicitationReply,
  type ElicitationRequest,
  HttpOpener,
  isMcpError,
  isMcpLoginRequired,
  McpAuth,
  type McpManager,
  McpServers,
  mcpServer,
} from "@holdfast/mcp";

/** Logins for one call, before it is given up. */
const LOGINS_MAX = 2;
const NAME = "conformance";
const CLIENT_DOCUMENT = "https://conformance-test.local/client-metadata.json";

interface Context {
  readonly client_id?: string;
  readonly client_secret?: string;
}

const [url = ""] = process.argv.slice(-1);
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}") as Context;
const nowhere = { has: () => false, executor: () => Promise.reject(new Error("there is no environment")) };
const folder = await mkdtemp(join(tmpdir(), "holdfast-conformance-"));
const auth = new McpAuth({
  environments: nowhere,
  store: new CredentialFile(folder),
  clientName: "test-client",
  clientDocument: CLIENT_DOCUMENT,
});
const server = mcpServer(NAME, { url, oauthClientId: context.client_id, oauthClientSecret: context.client_secret });
const failures: string[] = [];

try {
  await using servers = new McpServers({
    environments: nowhere,
    variables: {},
    http: new HttpOpener({ environments: nowhere, variables: {}, auth }),
    elicitation: { ask: (request) => Promise.resolve(withDefaults(request)) },
    onStatus: ({ state, error }) => state === "failed" && failures.push(error ?? ""),
  });
  let manager = await servers.refresh([server]);
  const { failed } = await manager.started();
  if (failed.length > 0 && /not logged in/.test(failures.at(-1) ?? "")) {
    await signIn();
    manager = await servers.refresh([server]);
    await manager.started();
  }
  if (manager.tools().length === 0 && failures.length > 1) throw new Error(failures.at(-1));
  for (const { tool } of manager.tools()) await call(manager, tool.name);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function call(manager: McpManager, tool: string): Promise<void> {
  const args = tool === "add_numbers" ? { a: 5, b: 3 } : {};
  for (let logins = 0; ; logins += 1) {
    try {
      await manager.callTool(NAME, tool, args);
      return;
    } catch (error) {
      const cause = isMcpError(error) ? error.cause : error;
      if (!isMcpLoginRequired(cause) || logins === LOGINS_MAX) throw error;
      await signIn(cause.scopes);
    }
  }
}

/** The authorization server of the suite sends the browser back without asking anybody. */
async function signIn(scopes?: readonly string[]): Promise<void> {
  const login = await auth.login(server, { scopes });
  const response = await fetch(login.authorizationUrl, { redirect: "manual" });
  const back = response.headers.get("location");
  if (back === null) throw new Error(`the authorization server answered ${response.status} instead of sending back`);
  await fetch(back);
  await login.completed;
}

function withDefaults({ requestedSchema }: ElicitationRequest): ElicitationReply {
  const properties = Object.entries((requestedSchema?.properties ?? {}) as Record<string, { default?: unknown }>);
  const content = properties.filter(([, { default: value }]) => value !== undefined).map(([k, v]) => [k, v.default]);
  return { action: "accept", content: Object.fromEntries(content) };
}
