import type { SshDestination } from "./ssh-url.ts";

/** A program that the terminal does not end by its keys, as long as it does not ask for something. */
const SPARED_BY_KEYS = ["sh", "-c", 'trap "" INT QUIT; exec "$@"', "sh"];

export interface SshCommandOptions {
  readonly command: readonly string[];
  readonly destination: SshDestination;
  /** May ask on the terminal. */
  readonly interactive: boolean;
  readonly script: string;
}

/** What is started here to run a script there: no terminal there, nothing that is forwarded, nobody asked who is not there. */
export function sshCommand({ command, destination, interactive, script }: SshCommandOptions): readonly string[] {
  const { host, user, port } = destination;
  return [
    ...(interactive ? SPARED_BY_KEYS : []),
    ...command,
    "-T",
    ...["-e", "none"],
    // What the user's configuration forwards is in use by the connection of his own.
    ...["-o", "ClearAllForwardings=yes"],
    ...["-o", "RemoteCommand=none"],
    ...(interactive ? [] : ["-o", "BatchMode=yes"]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", port]),
    host,
    script,
  ];
}
