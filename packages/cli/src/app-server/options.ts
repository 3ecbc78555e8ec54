import type { OptionSpec } from "../command-line/command-spec.ts";
import { SERVE_OPTIONS } from "../serve/options.ts";

/** Those that say who may connect, and what is told of it: as for an executor. */
const AS_OF_SERVE = [
  "log-level",
  "log-format",
  "allow-other-local-users",
  "ws-auth",
  "ws-token-file",
  "ws-token-sha256",
  "ws-shared-secret-file",
  "ws-issuer",
  "ws-audience",
  "ws-max-clock-skew-seconds",
  "tls-cert",
  "tls-key",
  "tls-client-ca",
];

export const APP_SERVER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  listen: {
    kind: "text",
    value: "URL",
    about: "stdio://, ws://IP:PORT, unix://, unix://PATH, or off; default stdio://",
  },
  stdio: { kind: "switch", about: "the same as --listen stdio://" },
  config: {
    kind: "texts",
    short: "c",
    value: "NAME=VALUE",
    about: "a member of the configuration, its value as TOML, in the place of that of config.toml; may be repeated",
  },
  enable: { kind: "texts", value: "FEATURE", about: "the same as -c features.FEATURE=true; may be repeated" },
  disable: { kind: "texts", value: "FEATURE", about: "the same as -c features.FEATURE=false; may be repeated" },
  cwd: {
    kind: "text",
    value: "PATH",
    about: "working folder of threads and commands that name none; default this one",
  },
  ...Object.fromEntries(Object.entries(SERVE_OPTIONS).filter(([name]) => AS_OF_SERVE.includes(name))),
  "log-level": { kind: "text", value: "LEVEL", about: "off, error, warn, info or debug, on stderr; default warn" },
};
