import { describe, expect, test } from "vitest";
import { McpConfigError } from "../../src/config/config-error.ts";
import { parseMcpServer, parseMcpServers } from "../../src/config/parse-servers.ts";

const STDIO = { command: "server" };
const HTTP = { url: "http://127.0.0.1/mcp" };

/** What is wrong, and the words that say so. */
const REFUSED: readonly (readonly [table: Record<string, unknown>, message: string])[] = [
  [{ ...STDIO, ...HTTP }, "url is not supported for stdio in `mcp_servers.S`"],
  [{ ...STDIO, bearer_token_env_var: "V" }, "bearer_token_env_var is not supported for stdio in `mcp_servers.S`"],
  [{ ...STDIO, bearer_token: "V" }, "bearer_token is not supported for stdio in `mcp_servers.S`"],
  [{ ...STDIO, http_headers: { a: "b" } }, "http_headers is not supported for stdio in `mcp_servers.S`"],
  [{ ...STDIO, env_http_headers: { a: "b" } }, "env_http_headers is not supported for stdio in `mcp_servers.S`"],
  [{ ...STDIO, http_headers_helper: "a" }, "http_headers_helper is not supported for stdio in `mcp_servers.S`"],
  [{ ...STDIO, oauth: { client_id: "a" } }, "oauth is not supported for stdio in `mcp_servers.S`"],
  [{ ...STDIO, oauth_resource: "a" }, "oauth_resource is not supported for stdio in `mcp_servers.S`"],
  [{ ...STDIO, oauth_resource: "a", bearer_token: "V" }, "bearer_token is not supported for stdio in `mcp_servers.S`"],
  [{ ...HTTP, args: ["a"] }, "args is not supported for streamable_http in `mcp_servers.S`"],
  [{ ...HTTP, env: { a: "b" } }, "env is not supported for streamable_http in `mcp_servers.S`"],
  [{ ...HTTP, env_vars: ["a"] }, "env_vars is not supported for streamable_http in `mcp_servers.S`"],
  [{ ...HTTP, cwd: "/" }, "cwd is not supported for streamable_http in `mcp_servers.S`"],
  [{ ...HTTP, bearer_token: "V" }, "bearer_token is not supported for streamable_http in `mcp_servers.S`"],
  [{ ...HTTP, bearer_token: "V", cwd: "/" }, "cwd is not supported for streamable_http in `mcp_servers.S`"],
  [{ args: ["x"] }, "invalid transport: there must be a `command` or a `url` in `mcp_servers.S`"],
  [{ enabled: true }, "invalid transport: there must be a `command` or a `url` in `mcp_servers.S`"],
  [{ command: 5 }, "invalid type: integer `5`, expected a string in `mcp_servers.S.command`"],
  [{ ...STDIO, args: "a" }, "invalid type: string, expected an array in `mcp_servers.S.args`"],
  [{ ...STDIO, args: [5] }, "invalid type: integer `5`, expected a string in `mcp_servers.S.args`"],
  [{ ...STDIO, env: { A: 5 } }, "invalid type: integer `5`, expected a string in `mcp_servers.S.env.A`"],
  [{ ...STDIO, env: { "A B": true } }, 'invalid type: boolean `true`, expected a string in `mcp_servers.S.env."A B"`'],
  [{ ...STDIO, env: ["A"] }, "invalid type: array, expected a table in `mcp_servers.S.env`"],
  [{ ...STDIO, cwd: 1.5 }, "invalid type: floating point `1.5`, expected a string in `mcp_servers.S.cwd`"],
  [{ ...STDIO, cwd: new Date(0) }, "invalid type: date, expected a string in `mcp_servers.S.cwd`"],
  [
    { ...STDIO, env_vars: [{ name: "A", source: "moon" }] },
    "unsupported env_vars source `moon`; expected `local` or `remote` in `mcp_servers.S`",
  ],
  ...[{ source: "local" }, { name: "A", source: "local", x: 1 }, { name: 5 }, 5, null, ["A"]].map(
    (entry) =>
      [
        { ...STDIO, env_vars: [entry] },
        "invalid entry, expected a name or { name, source } in `mcp_servers.S.env_vars`",
      ] as const,
  ),
  [{ ...STDIO, startup_timeout_sec: -1 }, "a time can not be negative in `mcp_servers.S.startup_timeout_sec`"],
  [
    { ...STDIO, startup_timeout_sec: Number.NaN },
    "a time must be a number with an end in `mcp_servers.S.startup_timeout_sec`",
  ],
  [
    { ...STDIO, tool_timeout_sec: Number.POSITIVE_INFINITY },
    "a time must be a number with an end in `mcp_servers.S.tool_timeout_sec`",
  ],
  [
    { ...STDIO, startup_timeout_sec: "5" },
    "invalid type: string, expected a number in `mcp_servers.S.startup_timeout_sec`",
  ],
  [
    { ...STDIO, startup_timeout_ms: 1.5 },
    "invalid type: floating point `1.5`, expected a whole number in `mcp_servers.S.startup_timeout_ms`",
  ],
  [{ ...STDIO, startup_timeout_ms: -1 }, "a time can not be negative in `mcp_servers.S.startup_timeout_ms`"],
  [{ ...STDIO, tool_timeout_sec: -1 }, "a time can not be negative in `mcp_servers.S.tool_timeout_sec`"],
  [{ ...STDIO, enabled: "yes" }, "invalid type: string, expected a boolean in `mcp_servers.S.enabled`"],
  [{ ...STDIO, required: 1 }, "invalid type: integer `1`, expected a boolean in `mcp_servers.S.required`"],
  [{ ...STDIO, enabled_tools: "a" }, "invalid type: string, expected an array in `mcp_servers.S.enabled_tools`"],
  [
    { ...STDIO, default_tools_approval_mode: "never" },
    "unknown variant `never`, expected one of `auto`, `prompt`, `writes`, `approve` in `mcp_servers.S.default_tools_approval_mode`",
  ],
  [
    { ...STDIO, tools: { "t.x": { approval_mode: "never" } } },
    'unknown variant `never`, expected one of `auto`, `prompt`, `writes`, `approve` in `mcp_servers.S.tools."t.x".approval_mode`',
  ],
  [{ ...STDIO, tools: { t: 5 } }, "invalid type: integer `5`, expected a table in `mcp_servers.S.tools.t`"],
  [
    { ...HTTP, http_headers: { a: 5 } },
    "invalid type: integer `5`, expected a string in `mcp_servers.S.http_headers.a`",
  ],
  [{ ...HTTP, scopes: "a" }, "invalid type: string, expected an array in `mcp_servers.S.scopes`"],
  [{ ...HTTP, oauth: "a" }, "invalid type: string, expected a table in `mcp_servers.S.oauth`"],
  [
    { ...HTTP, oauth: { client_id: 5 } },
    "invalid type: integer `5`, expected a string in `mcp_servers.S.oauth.client_id`",
  ],
  [{ ...HTTP, oauth: { client_secret: "s" } }, "oauth.client_secret requires oauth.client_id in `mcp_servers.S`"],
  [
    { ...HTTP, oauth: { client_id: "a", client_secret: "" } },
    "oauth.client_secret must not be empty in `mcp_servers.S`",
  ],
  [{ ...HTTP, http_headers_helper: " " }, "http_headers_helper must not be empty in `mcp_servers.S`"],
  [
    { ...HTTP, environment_id: "far", http_headers_helper: "a" },
    "http_headers_helper is only supported for local MCP servers in `mcp_servers.S`",
  ],
];

describe("servers of a configuration file", () => {
  test.each(REFUSED)("refuses %j: %s", (table, message) => {
    expect(() => parseMcpServer("S", table)).toThrow(McpConfigError);
    expect(() => parseMcpServer("S", table)).toThrow(message);
  });

  test("names the member that is wrong as TOML would spell it", () => {
    expect(() => parseMcpServer("a b", { command: 5 })).toThrow('in `mcp_servers."a b".command`');
    expect(() => parseMcpServers({ S: 5 })).toThrow("invalid type: integer `5`, expected a table in `mcp_servers.S`");
    expect(() => parseMcpServers(5)).toThrow("invalid type: integer `5`, expected a table in `mcp_servers`");
  });

  test("tells no text that stands in the wrong place: it might be a secret", () => {
    const secrets = [
      { ...STDIO, args: "hunter2" },
      { ...STDIO, bearer_token: "hunter2" },
      { ...HTTP, http_headers: "hunter2" },
    ];
    for (const table of secrets) {
      expect(() => parseMcpServer("S", table)).toThrow(/^(?!.*hunter2)/);
    }
  });

  test("gives a server that says little the defaults", () => {
    expect(parseMcpServers({ S: STDIO })).toEqual([
      {
        name: "S",
        environmentId: "local",
        enabled: true,
        required: false,
        startupTimeoutMs: 30_000,
        toolTimeoutMs: 300_000,
        enabledTools: undefined,
        disabledTools: [],
        supportsParallelToolCalls: false,
        defaultToolsApprovalMode: undefined,
        toolApprovalModes: new Map(),
        transport: { kind: "stdio", command: "server", args: [], env: {}, envVars: [], cwd: undefined },
      },
    ]);
    expect(parseMcpServer("S", HTTP).transport).toEqual({
      kind: "http",
      url: "http://127.0.0.1/mcp",
      bearerTokenEnvVar: undefined,
      httpHeaders: {},
      envHttpHeaders: {},
      httpHeadersHelper: undefined,
      scopes: undefined,
      oauthClientId: undefined,
      oauthClientSecret: undefined,
      oauthResource: undefined,
    });
    expect(parseMcpServers(undefined)).toEqual([]);
  });

  test("takes all members of a server that is started", () => {
    const server = parseMcpServer("S", {
      command: "npx",
      args: ["-y", "server"],
      env: { A: "1" },
      env_vars: ["B", { name: "C" }, { name: "D", source: "remote" }],
      cwd: "rel",
      environment_id: "far",
      enabled: false,
      required: true,
      startup_timeout_sec: 1.5,
      tool_timeout_sec: 60,
      enabled_tools: ["a", "b"],
      disabled_tools: ["b"],
      supports_parallel_tool_calls: true,
      default_tools_approval_mode: "prompt",
      tools: { a: { approval_mode: "approve" }, b: {} },
    });
    expect(server).toMatchObject({
      environmentId: "far",
      enabled: false,
      required: true,
      startupTimeoutMs: 1_500,
      toolTimeoutMs: 60_000,
      enabledTools: ["a", "b"],
      disabledTools: ["b"],
      supportsParallelToolCalls: true,
      defaultToolsApprovalMode: "prompt",
      toolApprovalModes: new Map([["a", "approve"]]),
      transport: {
        command: "npx",
        args: ["-y", "server"],
        env: { A: "1" },
        envVars: [
          { name: "B", source: "local" },
          { name: "C", source: "local" },
          { name: "D", source: "remote" },
        ],
        cwd: "rel",
      },
    });
  });

  test("takes all members of a server that is reached by HTTP", () => {
    const server = parseMcpServer("S", {
      url: "https://mcp.example/mcp",
      bearer_token_env_var: "TOKEN",
      http_headers: { "x-team": "a" },
      env_http_headers: { "x-key": "KEY" },
      http_headers_helper: "print-headers",
      scopes: ["read", "write"],
      oauth: { client_id: "me", client_secret: "s" },
      oauth_resource: "https://mcp.example",
    });
    expect(server.transport).toEqual({
      kind: "http",
      url: "https://mcp.example/mcp",
      bearerTokenEnvVar: "TOKEN",
      httpHeaders: { "x-team": "a" },
      envHttpHeaders: { "x-key": "KEY" },
      httpHeadersHelper: "print-headers",
      scopes: ["read", "write"],
      oauthClientId: "me",
      oauthClientSecret: "s",
      oauthResource: "https://mcp.example",
    });
  });

  test("takes older words: of two the newer one counts", () => {
    expect(parseMcpServer("S", { ...STDIO, experimental_environment: "far" }).environmentId).toBe("far");
    const both = { ...STDIO, environment_id: "a", experimental_environment: "b" };
    expect(parseMcpServer("S", both).environmentId).toBe("a");
    expect(parseMcpServer("S", { ...STDIO, startup_timeout_ms: 1_500 }).startupTimeoutMs).toBe(1_500);
    const times = { ...STDIO, startup_timeout_ms: 1_500, startup_timeout_sec: 2 };
    expect(parseMcpServer("S", times).startupTimeoutMs).toBe(2_000);
  });

  test("takes whole numbers of any size, as parsers give them", () => {
    expect(parseMcpServer("S", { ...STDIO, tool_timeout_sec: 5n }).toolTimeoutMs).toBe(5_000);
    expect(parseMcpServer("S", { ...STDIO, startup_timeout_ms: 7n }).startupTimeoutMs).toBe(7);
    expect(parseMcpServer("S", { ...STDIO, startup_timeout_sec: 1.1 }).startupTimeoutMs).toBe(1_100);
    expect(parseMcpServer("S", { ...STDIO, startup_timeout_sec: 0 }).startupTimeoutMs).toBe(0);
  });

  test("says of a member that nobody reads that it has no effect, and what was meant", () => {
    const warnings: string[] = [];
    const onWarning = (text: string): void => void warnings.push(text);
    parseMcpServer("S", { ...STDIO, tool_timeout_ms: 5, colour: "red" }, { onWarning });
    parseMcpServer("H", { ...HTTP, oauth: { client: "a" } }, { onWarning });
    expect(warnings).toEqual([
      "unknown key `mcp_servers.S.tool_timeout_ms` has no effect; did you mean `tool_timeout_sec`?",
      "unknown key `mcp_servers.S.colour` has no effect",
      "unknown key `mcp_servers.H.oauth.client` has no effect; did you mean `client_id`?",
    ]);
  });

  test("takes names of objects' own members for what they are", () => {
    const table = JSON.parse('{"__proto__": {"command": "a", "env": {"__proto__": "b", "constructor": "c"}}}');
    const servers = parseMcpServers(table);
    expect(servers.map(({ name }) => name)).toEqual(["__proto__"]);
    expect(
      servers.flatMap(({ transport }) => (transport.kind === "stdio" ? Object.entries(transport.env) : [])),
    ).toEqual([
      ["__proto__", "b"],
      ["constructor", "c"],
    ]);
    expect(() => parseMcpServer("S", {})).toThrow("invalid transport");
  });
});
