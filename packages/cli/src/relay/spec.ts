import type { CommandSpec } from "../command-line/command-spec.ts";
import { JSON_OPTION } from "../command-line/json-option.ts";

/** `holdfast relay` */
export const RELAY_COMMAND: CommandSpec = {
  summary: "be the place where executors without an open port and their clients meet",
  synopsis: "serve|token|tokens|revoke [NAME] --tokens FILE [OPTION]…",
  options: {
    tokens: { kind: "text", value: "FILE", about: "who may use the relay; has hashes of tokens, and no token" },
    listen: {
      kind: "text",
      value: "URL",
      about: "serve: http://IP:PORT, or https://IP:PORT with a certificate; default http://127.0.0.1:0 (any free port)",
    },
    "public-url": {
      kind: "text",
      value: "URL",
      about:
        "serve: where executors and clients find it, if that is not where it listens, e.g. https://relay.example/holdfast",
    },
    "tls-cert": { kind: "text", value: "FILE", about: "serve: certificate in PEM, with those up to its authority" },
    "tls-key": { kind: "text", value: "FILE", about: "serve: its private key in PEM" },
    state: {
      kind: "text",
      value: "DIR",
      about:
        "serve: a folder of yours alone for what has to be there after a restart; default $XDG_STATE_HOME/holdfast/relay",
    },
    nats: {
      kind: "text",
      value: "URL",
      about:
        "serve: be one of several relays, which meet at this NATS server with JetStream, e.g. nats://127.0.0.1:4222",
    },
    "nats-credentials": {
      kind: "text",
      value: "FILE",
      about: "serve: the credentials file (.creds) to sign in there with",
    },
    "allow-plaintext-relay": {
      kind: "switch",
      about: "serve: listen beyond this machine without TLS: tokens, and who talks to whom, can be read on the way",
    },
    "log-level": {
      kind: "text",
      value: "LEVEL",
      about: "serve: off, error, warn, info or debug, on stderr; default info",
    },
    "log-format": { kind: "text", value: "FORMAT", about: "serve: text, or json for one object a line; default json" },
    role: {
      kind: "text",
      value: "ROLE",
      choices: ["executor", "client", "monitor"],
      about: "token: executor registers environments, client connects to them, monitor reads /metrics",
    },
    environment: {
      kind: "text",
      value: "PATTERN",
      about: "token: for which environments, by their ids, in which * is anything: build-*",
    },
    name: { kind: "text", value: "NAME", about: "token: how lists and the log call it; default its role and a number" },
    expires: {
      kind: "text",
      value: "WHEN",
      about: "token: after 30m, 12h or 90d, or at 2030-01-31T12:00:00Z; default never",
    },
    json: { ...JSON_OPTION, about: "tokens: print JSON" },
  },
  positionals: ["ACTION", "[NAME]"],
  details: `
An executor behind NAT dials out to the relay and stays connected; a client asks for it by the name of its environment. What they say to each other is
encrypted between the two of them: the relay sees who talks to whom, and how much.

token makes a token and prints it, once; the file keeps its hash. Executors and clients take it from HOLDFAST_RELAY_TOKEN, those of Codex from CODEX_API_KEY
and CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN. tokens lists them, revoke NAME takes one away, by its name or id. A relay that runs follows the file within
seconds, and ends the connections of a token that was revoked or has expired. What it can't use changes nothing, and is said in the log.

  holdfast relay token --tokens relay.tokens --role executor --environment 'build-*'
  holdfast relay token --tokens relay.tokens --role client --environment build-1
  holdfast relay serve --tokens relay.tokens --listen http://127.0.0.1:8080

The first line on stdout is the base URL that executors and clients are given. SIGTERM ends it with exit code 0; SIGHUP reads the certificate anew. Beyond this machine it needs
--tls-cert and --tls-key, or a proxy in front that speaks TLS and is named with --public-url https://…

With --nats, registrations, authorizations and streams are on NATS servers, and any relay there reaches any executor. A URL with a password belongs into
HOLDFAST_RELAY_NATS_URL instead, because others see the words of a command.

GET /healthz and /readyz answer for a load balancer; /metrics has numbers for Prometheus: from this machine where there is no --public-url, else with a token for monitor.
At level info the log says who registered, who asked for whom, and what was let in; never tokens, keys or the query of a URL.`,
  load: () => import("./command.ts"),
};
