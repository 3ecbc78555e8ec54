import type { ProgramEnded } from "@holdfast/rpc/stdio";

interface Meaning {
  readonly said: RegExp;
  /** To try again is of no use. */
  readonly isFinal?: true;
  readonly means: (destination: string) => string;
}

/** What ssh says when it can not, and what helps. The first that fits counts. */
const MEANINGS: readonly Meaning[] = [
  {
    said: /Could not resolve hostname|Name or service not known|nodename nor servname/i,
    means: () => "there is no host of that name; check it, or name it in the configuration of ssh",
  },
  {
    said: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    isFinal: true,
    means: (host) =>
      `its host key is not the one that is known: another machine may have taken its place; if it was set up anew, \`ssh-keygen -R ${host}\` forgets the old one`,
  },
  {
    said: /Host key verification failed|No .* host key is known/i,
    isFinal: true,
    means: (host) => `its host key is not known here; run \`ssh ${host}\` once, and compare the key that it shows`,
  },
  {
    said: /Permission denied \(|Too many authentication failures|No more authentication methods/i,
    isFinal: true,
    means: (host) =>
      `it refuses the keys of this user; try \`ssh ${host}\`, and \`ssh-add\` for a key with a passphrase`,
  },
  {
    said: /Connection refused/i,
    means: () => "nobody listens there; is sshd running, and the port right?",
  },
  {
    said: /timed out|No route to host|Network is unreachable|Host is down/i,
    means: () => "it can not be reached; is it up, and the network?",
  },
  {
    said: /Bad owner or permissions on|Bad configuration option|terminating, \d+ bad configuration|Can't open user config/i,
    isFinal: true,
    means: () => "ssh does not accept its configuration; mend that",
  },
  {
    said: /is not recognized as|CommandNotFoundException/i,
    isFinal: true,
    means: () => "its shell is none that Holdfast knows; Linux and macOS can be executors",
  },
  {
    said: /account is currently not available|nologin/i,
    isFinal: true,
    means: () => "that user may not run commands there",
  },
  {
    said: /Connection (closed|reset) by|kex_exchange_identification|banner exchange/i,
    means: () => "it ended the connection before anybody was asked; is that port one of sshd?",
  },
];

/** Exit code of ssh for its own failures. */
const SSH_FAILED = 255;
const NOT_FOUND = 127;

/** Why there is no connection, what to do, and whether to try again is of any use. */
export interface SshFailure {
  /** One line. */
  readonly text: string;
  readonly isFinal: boolean;
}

/** What it means that ssh ended before the far end spoke. */
export function sshFailure({ status, stderr }: ProgramEnded, host: string): SshFailure {
  const said = stderr === "" ? "" : ` (it said: ${stderr})`;
  const meaning = MEANINGS.find((each) => each.said.test(stderr));
  if (meaning !== undefined) return { text: `${meaning.means(host)}${said}`, isFinal: meaning.isFinal === true };
  if (status.code === NOT_FOUND) return { text: `there is no ssh here, or no sh there${said}`, isFinal: true };
  if (status.code === SSH_FAILED) return { text: `ssh failed; try \`ssh ${host} true\`${said}`, isFinal: false };
  const how = status.signal === null ? `exited with code ${status.code}` : `was ended by ${status.signal}`;
  const text = `the command there ${how} before it said anything; does \`ssh ${host} true\` work?${said}`;
  return { text, isFinal: false };
}
