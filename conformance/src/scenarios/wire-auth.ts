import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { ScenarioContext, WireScenario } from "../scenario.ts";

const TOKEN = "a-capability-token";
const SECRET = "01234567890123456789012345678901";
const HEADER = { alg: "HS256", typ: "JWT" };

/** Lines of the head of a handshake, and what they are answered with: the body of a 401, or 101 or 403 without one. */
type Row = readonly [name: string, head: readonly string[], answer: string | 101 | 403];

function bearer(token: string): readonly string[] {
  return [`Authorization: Bearer ${token}`];
}

function part(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

function signed(claims: unknown, header: unknown = HEADER, secret = SECRET, hash = "sha256"): readonly string[] {
  const head = `${part(header)}.${part(claims)}`;
  return bearer(`${head}.${createHmac(hash, secret).update(head).digest("base64url")}`);
}

const MISSING = "missing websocket bearer token";
const MALFORMED = "invalid authorization header";
const WRONG = "invalid websocket bearer token";
const INVALID = "invalid websocket jwt";
const EXPIRED = "expired websocket jwt";

const CAPABILITY: readonly Row[] = [
  ["no credential", [], MISSING],
  ["the token", bearer(TOKEN), 101],
  ["the token in a scheme of small letters", [`Authorization: bearer ${TOKEN}`], 101],
  ["the token among blanks", [`Authorization:   BEARER   ${TOKEN}  `], 101],
  ["another token", bearer("other"), WRONG],
  ["a part of the token", bearer(TOKEN.slice(1)), WRONG],
  ["the token twice", bearer(`${TOKEN} ${TOKEN}`), WRONG],
  ["a list of tokens", bearer(`${TOKEN}, Bearer ${TOKEN}`), WRONG],
  ["the right header after a wrong one", [...bearer("other"), ...bearer(TOKEN)], WRONG],
  ["a wrong header after the right one", [...bearer(TOKEN), ...bearer("other")], 101],
  ["a long token", bearer("x".repeat(5_000)), WRONG],
  ["an empty header", ["Authorization:"], MALFORMED],
  ["a scheme alone", ["Authorization: Bearer"], MALFORMED],
  ["a scheme and a blank", ["Authorization: Bearer "], MALFORMED],
  ["a tab in place of the blank", [`Authorization: Bearer\t${TOKEN}`], MALFORMED],
  ["no scheme", [`Authorization: ${TOKEN}`], MALFORMED],
  ["another scheme", [`Authorization: Basic ${TOKEN}`], MALFORMED],
  ["a token outside ASCII", bearer("t\u00f6ken"), MALFORMED],
  ["a page with the token", [...bearer(TOKEN), "Origin: https://page.example"], 403],
  ["a page without", ["Origin: https://page.example"], 403],
];

function signedRows(now: number): readonly Row[] {
  const good = { exp: now + 600, iss: "me", aud: "it" };
  return [
    ["no credential", [], MISSING],
    ["another scheme", ["Authorization: Basic x"], MALFORMED],
    ["what is no token", bearer("token"), INVALID],
    ["a token", signed(good), 101],
    ["a token for several", signed({ ...good, aud: ["x", "it"] }), 101],
    ["a token without type", signed(good, { alg: "HS256" }), 101],
    ["a token of a named key", signed(good, { ...HEADER, kid: "k" }), 101],
    ["no end", signed({ iss: "me", aud: "it" }), INVALID],
    ["an end in words", signed({ ...good, exp: String(now + 600) }), INVALID],
    ["an end in fractions", signed({ ...good, exp: now + 600.5 }), INVALID],
    ["an end beyond 64 bits", signed('{"exp":99999999999999999999,"iss":"me","aud":"it"}'), INVALID],
    ["no end but the last", signed('{"exp":9223372036854775807,"iss":"me","aud":"it"}'), 101],
    ["an end 10 s ago", signed({ ...good, exp: now - 10 }), 101],
    ["an end 90 s ago", signed({ ...good, exp: now - 90 }), EXPIRED],
    ["an end before 1970", signed({ ...good, exp: -1 }), EXPIRED],
    ["a begin in 10 s", signed({ ...good, nbf: now + 10 }), 101],
    ["a begin in 500 s", signed({ ...good, nbf: now + 500 }), "websocket jwt is not valid yet"],
    ["a begin in words", signed({ ...good, nbf: "now" }), INVALID],
    ["no begin, in so many words", signed({ ...good, nbf: null }), 101],
    ["another issuer", signed({ ...good, iss: "you" }), "websocket jwt issuer mismatch"],
    ["no issuer", signed({ exp: now + 600, aud: "it" }), "websocket jwt issuer mismatch"],
    ["a number for an issuer", signed({ ...good, iss: 5 }), INVALID],
    ["another audience", signed({ ...good, aud: "x" }), "websocket jwt audience mismatch"],
    ["no audience", signed({ exp: now + 600, iss: "me" }), "websocket jwt audience mismatch"],
    ["an empty audience", signed({ ...good, aud: [] }), "websocket jwt audience mismatch"],
    ["a number in the audience", signed({ ...good, aud: ["it", 5] }), INVALID],
    ["a wrong issuer and audience", signed({ ...good, iss: "x", aud: "x" }), "websocket jwt issuer mismatch"],
    ["what is wrong in every way", signed({ exp: 5, nbf: now + 900, iss: "x", aud: "x" }), EXPIRED],
    ["no signature", bearer(`${part({ alg: "none" })}.${part(good)}.`), INVALID],
    ["another algorithm", signed(good, { alg: "HS512" }, SECRET, "sha512"), INVALID],
    ["another secret", signed(good, HEADER, "x".repeat(32)), INVALID],
    ["another secret and an end", signed({ exp: 5 }, HEADER, "x".repeat(32)), INVALID],
    ["padding", bearer(`${signed(good)[0]?.split(" ")[2]}=`), INVALID],
    ["a header that is no text", signed(good, { ...HEADER, kid: 5 }), INVALID],
    ["claims that are a list", signed([1]), INVALID],
  ];
}

/** What a handshake is answered with: its status, and the body of a refusal. */
async function answerTo(url: string, head: readonly string[]): Promise<string | number> {
  const { host, hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = ["GET / HTTP/1.1", `Host: ${host}`, "Connection: Upgrade", "Upgrade: websocket"];
  const key = ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
  socket.write(`${[...lines, ...key, ...head].join("\r\n")}\r\n\r\n`, "latin1");
  let text = "";
  socket.on("error", () => {});
  socket.on("data", (data) => {
    text += data.toString("latin1");
    const [first = "", length] = [text.split("\r\n")[0], /content-length: (\d+)/i.exec(text)?.[1]];
    const body = text.split("\r\n\r\n")[1];
    if (first.includes(" 101 ") || (body !== undefined && body.length >= Number(length ?? 0))) socket.destroy();
  });
  await once(socket, "close");
  const status = Number(text.split(" ")[1]);
  return status === 401 ? (text.split("\r\n\r\n")[1] ?? "") : status;
}

async function compare(url: string, rows: readonly Row[]): Promise<void> {
  const surprises: string[] = [];
  for (const [name, head, expected] of rows) {
    const answer = await answerTo(url, head);
    if (answer !== expected) surprises.push(`${name}: ${answer} instead of ${expected}`);
  }
  assert.deepEqual(surprises, [], surprises.join("; "));
}

async function secretFile({ folder }: ScenarioContext, name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
}

/** Starts that are refused, and what is said. `FILE` in the arguments has a token, `SECRET` a secret. */
const STARTS: readonly (readonly [args: string, says: string])[] = [
  [
    "--ws-token-file FILE",
    "websocket auth flags require `--ws-auth capability-token` or `--ws-auth signed-bearer-token`",
  ],
  [
    "--ws-auth capability-token",
    "`--ws-token-file` or `--ws-token-sha256` is required when `--ws-auth capability-token` is set",
  ],
  [
    "--ws-auth capability-token --ws-token-file FILE --ws-token-sha256 0",
    "`--ws-token-file` and `--ws-token-sha256` are mutually exclusive",
  ],
  ["--ws-auth capability-token --ws-token-sha256 abc", "--ws-token-sha256 must be a 64-character hex SHA-256 digest"],
  [
    "--ws-auth capability-token --ws-token-file FILE --ws-issuer x",
    "`--ws-shared-secret-file`, `--ws-issuer`, `--ws-audience`, and `--ws-max-clock-skew-seconds` require `--ws-auth signed-bearer-token`",
  ],
  [
    "--ws-auth signed-bearer-token",
    "`--ws-shared-secret-file` is required when `--ws-auth signed-bearer-token` is set",
  ],
  [
    "--ws-auth signed-bearer-token --ws-shared-secret-file SECRET --ws-token-file FILE",
    "`--ws-token-file` and `--ws-token-sha256` require `--ws-auth capability-token`, not `signed-bearer-token`",
  ],
  [
    "--ws-auth signed-bearer-token --ws-shared-secret-file SECRET --ws-max-clock-skew-seconds 9223372036854775808",
    "websocket auth clock skew must fit in a signed 64-bit integer",
  ],
  ["--ws-auth signed-bearer-token --ws-shared-secret-file FILE", "FILE must be at least 32 bytes"],
  [
    "--ws-auth capability-token --ws-token-file /none",
    "failed to read websocket auth secret /none: No such file or directory (os error 2)",
  ],
  ["--ws-auth capability-token --ws-token-file EMPTY", "websocket auth secret EMPTY must not be empty"],
  [
    "--ws-auth capability-token --ws-token-file BINARY",
    "failed to read websocket auth secret BINARY: stream did not contain valid UTF-8",
  ],
  [
    "--listen stdio --ws-auth capability-token --ws-token-file FILE",
    "WebSocket auth requires a WebSocket listener, not stdio",
  ],
];

export const WIRE_AUTH: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.auth-capability-token",
    sentence: "a listener with a token answers each handshake by its Authorization header",
    requirements: ["auth.credentials"],
    essential: true,
    since: "0.160.0",
    async run(context) {
      const file = await secretFile(context, "token", `${TOKEN}\r\n`);
      const sha256 = createHash("sha256").update(TOKEN).digest("hex").toUpperCase();
      for (const token of [
        ["--ws-token-file", file],
        ["--ws-token-sha256", sha256],
      ]) {
        await using executor = await context.serve({ args: ["--ws-auth", "capability-token", ...token] });
        await compare(executor.url, CAPABILITY);
      }
    },
  },
  {
    direction: "wire",
    id: "wire.auth-signed-token",
    sentence: "a listener that asks for signed tokens answers each by its signature and what it claims",
    requirements: ["auth.credentials", "auth.signed-tokens"],
    essential: true,
    since: "0.160.0",
    async run(context) {
      const file = await secretFile(context, "secret", `${SECRET}\n`);
      const args = ["--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", file];
      await using executor = await context.serve({ args: [...args, "--ws-issuer", " me ", "--ws-audience", "it"] });
      await compare(executor.url, signedRows(Math.floor(Date.now() / 1_000)));
      await using strict = await context.serve({
        args: [...args, "--ws-max-clock-skew-seconds", "0", "--ws-issuer", ""],
      });
      const ended = signed({ exp: Math.floor(Date.now() / 1_000) - 5 });
      await compare(strict.url, [["an end 5 s ago", ended, EXPIRED]]);
    },
  },
  {
    direction: "wire",
    id: "wire.auth-start-errors",
    sentence: "options of authentication that do not go together are refused at the start, in the same words",
    requirements: ["auth.start-errors"],
    essential: false,
    since: "0.160.0",
    async run(context) {
      const files: Readonly<Record<string, string>> = {
        FILE: await secretFile(context, "token", TOKEN),
        SECRET: await secretFile(context, "secret", SECRET),
        EMPTY: await secretFile(context, "empty", " \n"),
        BINARY: await secretFile(context, "binary", ""),
      };
      await writeFile(files.BINARY ?? "", Buffer.from([0xff, 0xfe]));
      const named = (text: string): string =>
        text.replaceAll(/\b(FILE|SECRET|EMPTY|BINARY)\b/g, (name) => files[name] ?? name);
      for (const [args, says] of STARTS) {
        await assert.rejects(
          async () => (await context.serve({ args: named(args).split(" ") }))[Symbol.asyncDispose](),
          (error: Error) => {
            assert.match(String(error.cause), /ended with 1 before it printed a URL/, args);
            assert.ok(error.message.includes(named(says)), `${args}: ${error.message.slice(0, 300)}`);
            return true;
          },
        );
      }
    },
  },
];
