import { createHash, createHmac } from "node:crypto";
import { globSync } from "node:fs";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { connect } from "@holdfast/exec-client";
import {
  CLIENT_CERTIFICATE,
  SECOND_SERVER_CERTIFICATE,
  SERVER_CERTIFICATE,
  STRANGER_CERTIFICATE,
  TEST_CA,
  type TempDir,
  tempDir,
  until,
} from "@holdfast/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { holdfast, lines, serve } from "../support/cli.ts";
import { skipped, unconfinable } from "../support/confinement.ts";

const TOKEN = "a-token-of-this-test";
const SECRET = "01234567890123456789012345678901";
const HEX = createHash("sha256").update(TOKEN).digest("hex");

let folder: TempDir;

/** A file that only its owner may read. */
async function secret(name: string, text: string | Uint8Array, mode = 0o600): Promise<string> {
  await writeFile(folder.join(name), text);
  await chmod(folder.join(name), mode);
  return folder.join(name);
}

beforeAll(async () => {
  folder = await tempDir();
  await secret("token", `${TOKEN}\n`);
  await secret("secret", `${SECRET}\r\n`);
  await secret("other", "another-token\n");
  await secret("cert.pem", SERVER_CERTIFICATE.cert, 0o644);
  await secret("key.pem", SERVER_CERTIFICATE.key);
  await secret("ca.pem", TEST_CA, 0o644);
  await secret("client.pem", CLIENT_CERTIFICATE.cert, 0o644);
  await secret("client-key.pem", CLIENT_CERTIFICATE.key);
});
afterAll(async () => folder[Symbol.asyncDispose]());

const withToken = () => ["--ws-auth", "capability-token", "--ws-token-file", folder.join("token")];
const withSecret = () => ["--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", folder.join("secret")];
const withTls = () => ["--tls-cert", folder.join("cert.pem"), "--tls-key", folder.join("key.pem")];

function signed(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = `${part({ alg: "HS256" })}.${part({ exp: Math.floor(Date.now() / 1_000) + 600, ...claims })}`;
  return `${head}.${createHmac("sha256", SECRET).update(head).digest("base64url")}`;
}

/** An address of this machine that is not of the loopback interface. */
function ownAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return addresses.find(({ internal, family }) => !internal && family === "IPv4")?.address;
}

describe("serve --ws-auth capability-token", () => {
  test("serves clients with the token, by the file that every command takes or by the variable, and no other", async () => {
    await using server = await serve({ args: [...withToken(), "--log-level", "warn"] });
    const exec = (...more: string[]) => ["exec", "--url", server.url, ...more, "--", "sh", "-c", "echo in; env"];
    const byFile = await holdfast(exec("--token-file", folder.join("token")));
    expect([byFile.code, lines(byFile.stdout.toString())[0]]).toEqual([0, "in"]);
    const byVariable = await holdfast(exec(), { env: { HOLDFAST_TOKEN: `${TOKEN}\n` } });
    expect([byVariable.code, lines(byVariable.stdout.toString())[0]]).toEqual([0, "in"]);
    expect(byVariable.stdout.toString()).not.toContain(TOKEN);
    const info = ["info", "--url", server.url, "--token-file", folder.join("token")];
    expect((await holdfast(info)).code).toBe(0);
    for (const options of [[], ["--token-file", folder.join("other")]]) {
      const { code, stderr } = await holdfast(exec(...options));
      expect(code).not.toBe(0);
      expect(lines(stderr)).toEqual([
        expect.stringMatching(
          /401 Unauthorized: (missing|invalid) websocket bearer token; .*--token-file FILE, or HOLDFAST_TOKEN/,
        ),
      ]);
      expect(stderr).not.toContain("another-token");
    }
    await until(() => server.stderr.includes("invalid websocket bearer token"));
    for (const text of [TOKEN, "another-token"]) expect(server.stderr).not.toContain(text);
  });

  test("knows the token by its digest alone", async () => {
    await using server = await serve({
      args: ["--ws-auth", "capability-token", "--ws-token-sha256", HEX.toUpperCase()],
    });
    await using executor = await connect(server.url, { token: TOKEN });
    expect((await executor.run(["echo", "in"])).stdout).toBe("in\n");
    await expect(connect(server.url, { token: HEX })).rejects.toThrow("invalid websocket bearer token");
  });

  test("asks for it on a unix socket as well", async () => {
    await using server = await serve({ args: ["--listen", `unix://${folder.join("s")}`, ...withToken()] });
    await expect(connect(server.url)).rejects.toThrow("missing websocket bearer token");
    await using executor = await connect(server.url, { token: TOKEN });
    expect((await executor.run(["echo", "in"])).stdout).toBe("in\n");
  });
});

describe("serve --ws-auth signed-bearer-token", () => {
  test("serves clients whose token was signed, and says in its log whom it is about", async () => {
    const args = [...withSecret(), "--ws-issuer", "me", "--ws-audience", "it", "--log-level", "info"];
    await using server = await serve({ args });
    await using executor = await connect(server.url, { token: signed({ iss: "me", aud: "it", sub: "ci\u001b[31m" }) });
    expect((await executor.run(["echo", "in"])).stdout).toBe("in\n");
    await until(() => /principal="?ci\\u001b\[31m; user \d+/.test(server.stderr));
    await expect(connect(server.url, { token: signed({ iss: "you" }) })).rejects.toThrow(
      "websocket jwt issuer mismatch",
    );
    await expect(connect(server.url, { token: TOKEN })).rejects.toThrow("invalid websocket jwt");
    await expect(connect(server.url)).rejects.toThrow("missing websocket bearer token");
    expect(server.stderr).not.toContain("eyJ");
  });
});

describe("serve refuses to start", () => {
  const FILE = "--ws-token-file";
  test.each<[string, () => readonly string[], string]>([
    [
      "a token without a kind",
      () => [FILE, "x"],
      "websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`",
    ],
    [
      "no token",
      () => ["--ws-auth", "capability-token"],
      "`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth capability-token` is set",
    ],
    [
      "two tokens",
      () => [...withToken(), "--ws-token-sha256", HEX],
      "`--ws-token-file` and `--ws-token-sha256` are mutually exclusive",
    ],
    [
      "what is no digest",
      () => ["--ws-auth", "capability-token", "--ws-token-sha256", "abc"],
      "--ws-token-sha256 must be a 64-character hex SHA-256 digest",
    ],
    [
      "no secret",
      () => ["--ws-auth", "signed-bearer-token"],
      "`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set",
    ],
    [
      "an issuer of a token",
      () => [...withToken(), "--ws-issuer", "x"],
      "`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and `--ws-max-clock-skew-seconds` require `--ws-auth signed-bearer-token`",
    ],
    [
      "a token beside a secret",
      () => [...withSecret(), FILE, "x"],
      "`--ws-token-file` and `--ws-token-sha256` require `--ws-auth capability-token`, not `signed-bearer-token`",
    ],
    [
      "a skew beyond all clocks",
      () => [...withSecret(), "--ws-max-clock-skew-seconds", "9223372036854775808"],
      "websocket auth clock skew must fit in a signed 64-bit integer",
    ],
    [
      "a token on stdio",
      () => ["--listen", "stdio", ...withToken()],
      "WebSocket auth requires a WebSocket listener, not stdio",
    ],
  ])("with %s, in the words of Codex", async (_, args, message) => {
    const { code, stdout, stderr } = await holdfast(["serve", ...args()]);
    expect([code, stdout.toString(), stderr]).toEqual([1, "", `holdfast serve: ${message}\n`]);
  });

  test.each<[string, () => Promise<string>, string]>([
    [
      "is not there",
      async () => folder.join("none"),
      "failed to read websocket auth secret PATH: No such file or directory (os error 2)",
    ],
    ["is empty", () => secret("empty", ""), "websocket auth secret PATH must not be empty"],
    ["is blank", () => secret("blank", " \r\n\n"), "websocket auth secret PATH must not be empty"],
    [
      "is no text",
      () => secret("binary", Buffer.from([0xff, 0xfe])),
      "failed to read websocket auth secret PATH: stream did not contain valid UTF-8",
    ],
    ["is a folder", async () => folder.path, "failed to read websocket auth secret PATH: Is a directory (os error 21)"],
    [
      "has 1 MiB",
      () => secret("large", "x".repeat(1_048_576)),
      "websocket auth secret PATH has 1048576 bytes, more than the 65536 of any secret",
    ],
    [
      "all may read",
      () => secret("open", TOKEN, 0o644),
      "websocket auth secret PATH may be read or changed by others (mode 644): chmod 600 PATH",
    ],
    [
      "a group may change",
      () => secret("shared", TOKEN, 0o660),
      "websocket auth secret PATH may be read or changed by others (mode 660): chmod 600 PATH",
    ],
    [
      "has two lines",
      () => secret("lines", "one\ntwo\n"),
      "websocket auth secret PATH is no token: a token must be one line of characters that a header can bring, without a blank at either end",
    ],
  ])("with a token file that %s", async (_, make, message) => {
    const path = await make();
    const { code, stdout, stderr } = await holdfast([
      "serve",
      "--ws-auth",
      "capability-token",
      "--ws-token-file",
      path,
    ]);
    expect([code, stdout.toString(), stderr]).toEqual([1, "", `holdfast serve: ${message.replaceAll("PATH", path)}\n`]);
  });

  test("with a pipe in the place of the token, without waiting for who writes it", async () => {
    const path = folder.join("pipe");
    await holdfast(["exec", "--", "mkfifo", "-m", "600", path]);
    const { code, stderr } = await holdfast(["serve", "--ws-auth", "capability-token", "--ws-token-file", path]);
    expect([code, stderr]).toEqual([1, `holdfast serve: websocket auth secret ${path} is no regular file\n`]);
  });

  test("with a secret of less than 32 bytes", async () => {
    const path = await secret("short", `${SECRET.slice(1)}\n`);
    const { code, stderr } = await holdfast([
      "serve",
      "--ws-auth",
      "signed-bearer-token",
      "--ws-shared-secret-file",
      path,
    ]);
    expect([code, stderr]).toEqual([
      1,
      `holdfast serve: signed websocket bearer secret ${path} must be at least 32 bytes\n`,
    ]);
  });

  test("with a certificate and without its key, or with that of another, or where there is no TLS", async () => {
    const other = await secret("second.key", SECOND_SERVER_CERTIFICATE.key);
    for (const [args, code, message] of [
      [["--tls-cert", folder.join("cert.pem")], 2, "--tls-cert FILE and --tls-key FILE go together"],
      [["--tls-cert", folder.join("cert.pem"), "--tls-key", other], 1, "can't be used together"],
      [["--tls-cert", folder.join("none"), "--tls-key", other], 1, "--tls-cert"],
      [
        ["--tls-cert", folder.join("cert.pem"), "--tls-key", folder.join("cert.pem")],
        1,
        "may be read or changed by others (mode 644)",
      ],
      [["--listen", "unix:///tmp/x", ...withTls()], 2, "are for --listen ws://… or wss://…"],
      [["--listen", "wss://127.0.0.1:0"], 2, "needs a certificate"],
    ] as const) {
      const refused = await holdfast(["serve", ...args]);
      expect([refused.code, refused.stdout.toString()]).toEqual([code, ""]);
      expect(lines(refused.stderr)).toEqual([expect.stringContaining(message)]);
    }
  });
});

describe("a client's secrets", () => {
  test.each<[string, () => Promise<string>, string]>([
    [
      "all may read",
      () => secret("client-open", TOKEN, 0o644),
      "may be read or changed by others (mode 644): chmod 600",
    ],
    ["is empty", () => secret("client-empty", "\n"), "is empty"],
    ["is not there", async () => folder.join("none"), "can't be read: ENOENT"],
    ["has 1 MiB", () => secret("client-large", "x".repeat(1_048_576)), "has 1048576 bytes"],
    ["has two lines", () => secret("client-lines", "one\ntwo"), "is no token"],
  ])("are refused from a file that %s, and are shown nowhere", async (_, make, message) => {
    const path = await make();
    const { code, stderr } = await holdfast(["info", "--url", "ws://127.0.0.1:1", "--token-file", path]);
    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([expect.stringContaining(message)]);
    expect(stderr).not.toMatch(/a-token|two|xxx/);
  });

  test("may be behind a link, as some systems keep them", async () => {
    await mkdir(folder.join("data"));
    await symlink("../token", folder.join("data/token"));
    await using server = await serve({ args: withToken() });
    const { code } = await holdfast(["info", "--url", server.url, "--token-file", folder.join("data/token")]);
    expect(code).toBe(0);
  });
});

describe("serve --tls-cert", () => {
  test("serves by TLS who trusts its authority, with a token or without", async () => {
    await using server = await serve({ args: ["--listen", "wss://127.0.0.1:0", ...withTls(), ...withToken()] });
    expect(server.url).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/);
    const exec = ["exec", "--url", server.url, "--token-file", folder.join("token")];
    const trusted = await holdfast([...exec, "--ca", folder.join("ca.pem"), "--", "echo", "in"]);
    expect([trusted.code, trusted.stdout.toString(), trusted.stderr]).toEqual([0, "in\n", ""]);
    const untrusted = await holdfast([...exec, "--", "echo", "in"]);
    expect(untrusted.stdout.toString()).toBe("");
    expect(untrusted.stderr).toMatch(/certificate/);
    await expect(connect(server.url, { ca: TEST_CA })).rejects.toThrow("missing websocket bearer token");
    await using executor = await connect(server.url, { ca: TEST_CA, token: TOKEN });
    expect((await executor.run(["echo", "in"])).stdout).toBe("in\n");
  });

  test("trusts what a command names, and takes no line that is ready by what another one trusted", async () => {
    await using server = await serve({ args: withTls() });
    await using runtime = await tempDir();
    const env = { HOLDFAST_BACKGROUND: "always", XDG_RUNTIME_DIR: runtime.path };
    const exec = ["exec", "--url", server.url];
    // It knows this authority already, as a machine would that has it installed.
    const known = { ...env, NODE_EXTRA_CA_CERTS: folder.join("ca.pem") };
    expect((await holdfast([...exec, "--", "true"], { env: known })).code).toBe(0);
    const isReady = () => globSync(runtime.join("holdfast/line-*")).length > 0;
    await until(isReady);
    const other = await secret("other-ca.pem", STRANGER_CERTIFICATE.cert, 0o644);
    const refused = await holdfast([...exec, "--ca", other, "--", "true"], { env: known });
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/certificate/);
  });

  test("lets in who has a certificate of --tls-client-ca, and logs its subject", async () => {
    const args = [...withTls(), "--tls-client-ca", folder.join("ca.pem"), "--log-level", "info"];
    await using server = await serve({ args });
    const certificate = ["--tls-cert", folder.join("client.pem"), "--tls-key", folder.join("client-key.pem")];
    const options = ["--ca", folder.join("ca.pem"), ...certificate];
    expect((await holdfast(["exec", "--url", server.url, ...options, "--", "true"])).code).toBe(0);
    await until(() => server.stderr.includes("O=Example, CN=ci; user"));
    for (const clientCertificate of [undefined, STRANGER_CERTIFICATE]) {
      await expect(connect(server.url, { ca: TEST_CA, clientCertificate })).rejects.toThrow("cannot connect");
    }
    await until(() => server.stderr.split("the TLS handshake failed").length === 3);
  });

  test("reads its certificate, key and token anew at SIGHUP, and keeps what it has where one is bad", async () => {
    const files = await tempDir();
    await using _ = files;
    const put = async (name: string, text: string): Promise<void> => {
      await writeFile(files.join(name), text, { mode: 0o600 });
    };
    await put("cert", SERVER_CERTIFICATE.cert);
    await put("key", SERVER_CERTIFICATE.key);
    await put("token", "first");
    await writeFile(
      files.join("holdfast.toml"),
      "auth.kind = 'capability-token'\nauth.token-file = 'token'\ntls.cert = 'cert'\ntls.key = 'key'\nlog.level = 'info'\n",
    );
    await using server = await serve({ args: ["--config", files.join("holdfast.toml")] });
    const reload = async (said: string): Promise<void> => {
      const before = server.stderr.split(said).length;
      server.child.kill("SIGHUP");
      await until(() => server.stderr.split(said).length > before);
    };
    await using kept = await connect(server.url, { ca: TEST_CA, token: "first" });
    await put("cert", SECOND_SERVER_CERTIFICATE.cert);
    await put("token", "second");
    // Half of it is there.
    await reload("could not be read anew");
    await (await connect(server.url, { ca: TEST_CA, token: "first" })).close();
    await put("key", SECOND_SERVER_CERTIFICATE.key);
    await reload("were read anew");
    await (await connect(server.url, { ca: TEST_CA, token: "second" })).close();
    await expect(connect(server.url, { ca: TEST_CA, token: "first" })).rejects.toThrow(
      "invalid websocket bearer token",
    );
    expect((await kept.run(["echo", "still"])).stdout).toBe("still\n");
  });
});

describe("an address that other machines reach", () => {
  const address = ownAddress();

  test.runIf(address !== undefined)("is served with credentials, and without them only when told so", async () => {
    const listen = `ws://${address}:0`;
    const bare = await holdfast(["serve", "--listen", listen]);
    expect([bare.code, lines(bare.stderr)]).toEqual([
      2,
      [expect.stringMatching(/ask for a token with --ws-auth, or add --allow-unauthenticated-network/)],
    ]);
    await using server = await serve({ args: ["--listen", listen, ...withToken()] });
    await using executor = await connect(server.url, { token: TOKEN });
    expect((await executor.run(["echo", "in"])).stdout).toBe("in\n");
    await expect(connect(server.url)).rejects.toThrow("missing websocket bearer token");
  });
});

describe.skipIf(unconfinable !== undefined)(`a confined command${skipped}`, () => {
  test("reads neither the token nor the key of the executor that confines it, nor the token of who started it", async () => {
    const args = [...withToken(), ...withTls()];
    await using server = await serve({ args, env: { HOLDFAST_TOKEN: "of-another" } });
    await using executor = await connect(server.url, { ca: TEST_CA, token: TOKEN });
    const script = `cat '${folder.join("token")}' '${folder.join("key.pem")}'; env; cat '${folder.join("cert.pem")}'`;
    const { stdout } = await executor.run(["sh", "-c", script], { sandbox: { write: [folder.path], network: true } });
    expect(stdout).toContain("BEGIN CERTIFICATE");
    expect(stdout).not.toMatch(/a-token-of-this-test|PRIVATE KEY|of-another/);
  });
});
