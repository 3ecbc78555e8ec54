import { describe, expect, test } from "vitest";
import { discover } from "../../src/oauth/discover.ts";
import type { Discovered } from "../../src/oauth/discovered.ts";

/** What is at an address: an object is JSON, a text is a page, a number a status, a response itself. */
type Site = Readonly<Record<string, object | string | number | (() => Response)>>;

const SERVER = "https://h/mcp";
const AS = {
  issuer: "https://as",
  authorization_endpoint: "https://as/authorize",
  token_endpoint: "https://as/token",
};

function challenge(parameters: string): () => Response {
  return () => new Response(null, { status: 401, headers: { "www-authenticate": `Bearer ${parameters}` } });
}

/** Discover, and tell what was asked for. */
async function asked(site: Site, url = SERVER): Promise<{ found: Discovered | undefined; trail: string[] }> {
  const trail: string[] = [];
  const found = await discover(new URL(url), async (target, init) => {
    const { href } = new URL(target);
    trail.push(`${init?.method ?? "GET"} ${href}`);
    const there = site[href] ?? 404;
    if (typeof there === "function") return there();
    if (typeof there === "number") return new Response("not here", { status: there });
    return typeof there === "string" ? new Response(there) : Response.json(there);
  });
  return { found, trail };
}

describe("how to sign in to a server is asked for", () => {
  test("where its challenge says", async () => {
    const { found, trail } = await asked({
      [SERVER]: challenge('resource_metadata="https://h/meta", scope="a b"'),
      "https://h/meta": { resource: SERVER, authorization_servers: ["https://as"], scopes_supported: ["a"] },
      "https://as/.well-known/oauth-authorization-server": { ...AS, registration_endpoint: "https://as/reg" },
    });
    expect(trail).toEqual([
      "GET https://h/mcp",
      "GET https://h/meta",
      "GET https://as/.well-known/oauth-authorization-server",
    ]);
    expect(found).toMatchObject({
      challengedScope: "a b",
      resource: { resource: SERVER, scopes: ["a"] },
      server: { issuer: "https://as", registrationEndpoint: "https://as/reg", isAssumed: false },
    });
  });

  test("else in the three places of its metadata, then in those of an authorization server beside it, at last by a message", async () => {
    const { found, trail } = await asked({});
    expect(found).toBeUndefined();
    expect(trail).toEqual([
      "GET https://h/mcp",
      "GET https://h/.well-known/oauth-protected-resource/mcp",
      "GET https://h/mcp/.well-known/oauth-protected-resource",
      "GET https://h/.well-known/oauth-protected-resource",
      "GET https://h/.well-known/oauth-authorization-server/mcp",
      "GET https://h/.well-known/openid-configuration/mcp",
      "GET https://h/mcp/.well-known/openid-configuration",
      "GET https://h/.well-known/oauth-authorization-server",
      "POST https://h/mcp",
    ]);
  });

  test("of a server at the root in each place once", async () => {
    const { trail } = await asked({}, "https://h/");
    expect(trail).toEqual([
      "GET https://h/",
      "GET https://h/.well-known/oauth-protected-resource",
      "GET https://h/.well-known/openid-configuration",
      "GET https://h/.well-known/oauth-authorization-server",
      "POST https://h/",
    ]);
  });

  test("of an authorization server with a path before and behind it", async () => {
    const { found, trail } = await asked({
      "https://h/.well-known/oauth-protected-resource": { resource: SERVER, authorization_servers: ["https://as/t"] },
      "https://as/t/.well-known/openid-configuration": { ...AS, issuer: "https://as/t" },
    });
    expect(trail.slice(4)).toEqual([
      "GET https://as/.well-known/oauth-authorization-server/t",
      "GET https://as/.well-known/openid-configuration/t",
      "GET https://as/t/.well-known/openid-configuration",
    ]);
    expect(found?.server.issuer).toBe("https://as/t");
  });

  test("past pages that answer every address, and what is no metadata", async () => {
    const { found } = await asked({
      "https://h/.well-known/oauth-protected-resource/mcp": "<html>",
      "https://h/mcp/.well-known/oauth-protected-resource": ["no object"],
      "https://h/.well-known/oauth-protected-resource": { hello: "there" },
      "https://h/.well-known/oauth-authorization-server/mcp": 500,
      "https://h/.well-known/oauth-authorization-server": AS,
    });
    // At the root it speaks for the host, whatever its name.
    expect(found).toMatchObject({ server: { issuer: "https://as" }, resource: undefined });
  });

  const metadataOf = (server: object, resource: object = {}): Site => ({
    "https://h/.well-known/oauth-protected-resource": {
      resource: SERVER,
      authorization_servers: ["https://as"],
      ...resource,
    },
    "https://as/.well-known/oauth-authorization-server": { ...AS, ...server },
  });

  test.each<[string, Site, string]>([
    [
      "another issuer than was asked",
      metadataOf({ issuer: "https://evil" }),
      "Authorization server issuer mismatch: expected https://as, received https://evil",
    ],
    [
      "another issuer under a path of the server",
      { "https://h/.well-known/oauth-authorization-server/mcp": AS },
      "Authorization server issuer mismatch: expected https://h/mcp, received https://as",
    ],
    [
      "another resource",
      metadataOf({}, { resource: "https://bank/api" }),
      "expected https://h/mcp, received https://bank/api",
    ],
    ["a resource that is none", metadataOf({}, { resource: "x?secret" }), "received x?***"],
    [
      "an authorization server without TLS",
      metadataOf({}, { authorization_servers: ["http://as"] }),
      "the authorization server of the resource must be an https: URL",
    ],
    [
      "an authorization server on the machine that asks",
      metadataOf({}, { authorization_servers: ["http://127.0.0.1:8080"] }),
      "the authorization server of the resource must be an https: URL",
    ],
    [
      "metadata on the machine that asks",
      { [SERVER]: challenge('resource_metadata="http://localhost/x"') },
      "the resource_metadata of the server must be an https: URL",
    ],
    [
      "a page that runs a script where users are to sign in",
      metadataOf({ authorization_endpoint: "javascript:alert(1)" }),
      "the authorization_endpoint of the authorization server must be an https: URL",
    ],
    ["a token endpoint without TLS", metadataOf({ token_endpoint: "http://as/token" }), "the token_endpoint of the"],
    [
      "an endpoint that is no URL",
      metadataOf({ registration_endpoint: 5 }),
      "the registration_endpoint of the authorization server is no URL",
    ],
    [
      "no token endpoint",
      metadataOf({ token_endpoint: undefined }),
      "lacks an authorization_endpoint or a token_endpoint",
    ],
    ["an issuer that is no text", metadataOf({ issuer: 5 }), "authorization server metadata has no issuer"],
    ["a resource that is no text", metadataOf({}, { resource: 5 }), "protected resource metadata has no resource"],
  ])("and refused with %s", async (_what, site, message) => {
    await expect(asked(site)).rejects.toThrow(message);
  });

  test("and a slash at the end of a name makes no other name of it", async () => {
    const { found } = await asked(metadataOf({ issuer: "https://as" }, { authorization_servers: ["https://as/"] }));
    expect(found?.server.issuer).toBe("https://as");
  });

  test("of servers on this machine without TLS", async () => {
    const as = {
      issuer: "http://localhost:1",
      authorization_endpoint: "http://localhost:1/a",
      token_endpoint: "http://localhost:1/t",
    };
    const { found } = await asked(
      { "http://127.0.0.1/.well-known/oauth-authorization-server": as },
      "http://127.0.0.1/mcp",
    );
    expect(found?.server.tokenEndpoint).toBe("http://localhost:1/t");
  });
});
