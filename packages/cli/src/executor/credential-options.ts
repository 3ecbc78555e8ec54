import type { Arguments } from "../command-line/arguments.ts";
import type { OptionSpec } from "../command-line/command-spec.ts";

/** The variable with the token, for programs that have no file for it. */
export const TOKEN_VARIABLE = "HOLDFAST_TOKEN";
/** The variable with the token for a relay: of an executor that is offered there, or of a client that looks for one. */
export const RELAY_TOKEN_VARIABLE = "HOLDFAST_RELAY_TOKEN";

/** How a command is told them. A token never stands on the command line: everybody may read that of every process. */
export const CREDENTIAL_OPTIONS = {
  "token-file": {
    kind: "text",
    value: "FILE",
    about: `holds the token that the executor asks for; default: what ${TOKEN_VARIABLE} says, or none`,
  },
  ca: {
    kind: "text",
    value: "FILE",
    about: "authorities in PEM that may vouch for a wss:// executor; default: those that this machine trusts",
  },
  "tls-cert": { kind: "text", value: "FILE", about: "certificate in PEM for an executor that asks for one" },
  "tls-key": { kind: "text", value: "FILE", about: "its private key in PEM" },
} satisfies Readonly<Record<string, OptionSpec>>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the arguments or the environment name any. */
export function namesCredentials(args: Pick<Arguments, "text">, env: Environment): boolean {
  return (
    env[TOKEN_VARIABLE] !== undefined || Object.keys(CREDENTIAL_OPTIONS).some((name) => args.text(name) !== undefined)
  );
}

/** The environment without the tokens: what this program starts has no business with them. */
export function withoutToken(env: Environment): Environment {
  const { [TOKEN_VARIABLE]: _token, [RELAY_TOKEN_VARIABLE]: _relayToken, ...rest } = env;
  return rest;
}
