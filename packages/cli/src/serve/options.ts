import type { OptionSpec } from "../command-line/command-spec.ts";
import { COMMAND_LIMIT_OPTIONS } from "../executor/command-limit-options.ts";

/** The options of `serve`. Nearly all of them may stand in its configuration file, too. */
export const SERVE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  config: { kind: "text", value: "FILE", about: "take what no option says from this file, in TOML; default none" },
  check: { kind: "switch", about: "say what would be served and where each setting is from, and exit" },
  json: { kind: "switch", about: "print --check as JSON" },
  replace: {
    kind: "switch",
    about: "become the program of the executor at --listen, or of the only one, without ending what runs there",
  },
  listen: {
    kind: "text",
    value: "URL",
    about:
      "ws://HOST:PORT, wss://HOST:PORT, unix://, unix:///PATH, stdio, or fd:// for a socket that systemd passes; default ws://127.0.0.1:0 (any free port)",
  },
  remote: {
    kind: "text",
    value: "URL",
    about: "be reached through the relay at this base URL, in place of listening; needs --environment-id and a token",
  },
  "environment-id": {
    kind: "text",
    value: "ID",
    about: "the name by which clients of the relay reach this executor: letters, digits, - and _",
  },
  name: { kind: "text", value: "NAME", about: "what the log calls an executor that is reached through a relay" },
  "registration-bearer-stdin": {
    kind: "switch",
    about: "read the token for the relay from the first line of stdin, in place of HOLDFAST_RELAY_TOKEN",
  },
  "executor-credential-stdin": {
    kind: "switch",
    about: "read tokens for the relay from stdin as they change, one JSON object a line; its end ends the executor",
  },
  "allow-plaintext-relay": {
    kind: "switch",
    about: "use http:// to a relay on another machine: everybody on the way can read the token, though no contents",
  },
  "session-ttl": {
    kind: "text",
    value: "SECONDS",
    about: "how long a session waits for its client after a lost connection; default 120",
  },
  "idle-timeout": {
    kind: "text",
    value: "SECONDS",
    about: "end by itself after this long without a session; default: never",
  },
  spool: {
    kind: "text",
    value: "DIR",
    about: "keep output in files there that no longer fits in memory; default: it is dropped",
  },
  "spool-limit": { kind: "text", value: "BYTES", about: "spooled output per process, e.g. 512M or 2G; default 1G" },
  limits: {
    kind: "text",
    isValueOptional: true,
    value: "[NAME=VALUE,…]",
    about: "set limits, e.g. maxProcesses=500,maxRetainedBytes=4M; alone: list them, the fixed ones too, and exit",
  },
  ...COMMAND_LIMIT_OPTIONS,
  "log-level": { kind: "text", value: "LEVEL", about: "off, error, warn, info or debug, on stderr; default off" },
  "log-format": { kind: "text", value: "FORMAT", about: "text, or json for one object a line; default text" },
  "log-commands": { kind: "switch", about: "record the arguments of commands, too: secrets are often among them" },
  "allow-unauthenticated-network": {
    kind: "switch",
    about: "serve beyond this machine without credentials: every client that reaches the port can run anything as you",
  },
  "allow-other-local-users": {
    kind: "switch",
    about: "let other users of this machine connect: they can run anything as you",
  },
  "ws-auth": {
    kind: "text",
    value: "KIND",
    about: "what clients must bring besides: capability-token or signed-bearer-token; default nothing",
  },
  "ws-token-file": {
    kind: "text",
    value: "FILE",
    about: "holds the token, which clients send as Authorization: Bearer",
  },
  "ws-token-sha256": { kind: "text", value: "HEX", about: "SHA-256 of the token, in place of the file" },
  "ws-shared-secret-file": {
    kind: "text",
    value: "FILE",
    about: "holds the secret, of 32 bytes or more, that signs tokens (JWT, HS256)",
  },
  "ws-issuer": { kind: "text", value: "NAME", about: "who must have issued a signed token (iss); default anybody" },
  "ws-audience": { kind: "text", value: "NAME", about: "for whom a signed token must be (aud); default anybody" },
  "ws-max-clock-skew-seconds": {
    kind: "text",
    value: "SECONDS",
    about: "how far the clock of who signs may be off; default 30",
  },
  "tls-cert": { kind: "text", value: "FILE", about: "certificate in PEM, with those up to its authority: speak TLS" },
  "tls-key": { kind: "text", value: "FILE", about: "its private key in PEM" },
  "tls-client-ca": {
    kind: "text",
    value: "FILE",
    about: "let in who has a certificate of these authorities (PEM), and nobody else",
  },
  "allow-origin": {
    kind: "texts",
    value: "ORIGIN",
    about: "let web pages of this origin connect, if they bring the token; may be repeated",
  },
};
