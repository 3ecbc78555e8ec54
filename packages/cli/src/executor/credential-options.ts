import type { Arguments } from "../command-line/arguments.ts";
import type { OptionSpec } from "../command-line/command-spec.ts";

/** The variable with the token, for programs that have no file for it. */
export const TOKEN_VARIABLE = "HOLDFAST_TOKEN";
/** The same for a relay: another secret, of which no executor must hear. */
export const RELAY_TOKEN_VARIABLE = "HOLDFAST_RELAY_TOKEN";

/** How a command is told them. A token never stands on the command line: everybody may read that of every process. */
export const CREDENTIAL_OPTIONS = {
  "token-file": {
    kind: "text",
    value: "FILE",
    about: `holds the token that the executor asks for, or the relay before it; default: what ${TOKEN_VARIABLE} says, for a relay ${RELAY_TOKEN_VARIABLE}, or none`,
  },
  ca: {
    kind: "text",
    value: "FILE",
    about:
      "authorities in PEM that may vouch for a wss:// executor or a relay; default: those that this machine trusts",
  },
  "tls-cert": { kind: "text", value: "FILE", about: "certificate in PEM for an executor that asks for one" },
  "tls-key": { kind: "text", value: "FILE", about: "its private key in PEM" },
  "allow-plaintext-relay": {
    kind: "switch",
    about: "let a relay+http:// relay be on another machine: the token can be read on the way",
  },
} satisfies Readonly<Record<string, OptionSpec>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the arguments or the environment name any. */
export function namesCredentials({ names }: Pick<Arguments, "names">, env: Environment): boolean {
  const isInVariable = env[TOKEN_VARIABLE] !== undefined || env[RELAY_TOKEN_VARIABLE] !== undefined;
  return isInVariable || Object.keys(CREDENTIAL_OPTIONS).some((name) => names.includes(name));
}

/** The environment without the tokens: what this program starts has no business with them. */
export function withoutToken(env: Environment): Environment {
  const { [TOKEN_VARIABLE]: _token, [RELAY_TOKEN_VARIABLE]: _relayToken, ...rest } = env;
  return rest;
}
