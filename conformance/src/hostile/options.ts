import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError, wholeNumber } from "../options.ts";
import { UNPRIVILEGED } from "../sandbox/as-user.ts";

export const HOSTILE_USAGE = `usage: node conformance/src/main.ts hostile [options]

Attacks on our own executor, sandbox and command line, then a race: confined agents move, link and exchange what they may write
while a user works in the same folders. As root everything is done twice, first as user ${UNPRIVILEGED}.

  --short        the essential attacks, and a race of 6 s
  --attack TEXT  only attacks whose id contains TEXT, and no race
  --race         only the race
  --seconds N    how long the race takes (default: 60)
  --seed N       what is tried in the race (default: another one each time; it is printed)
  --user WHO     root, ordinary, or both (the default, where this is root)
`;

export interface HostileOptions {
  readonly short: boolean;
  readonly attack: string | undefined;
  readonly race: boolean;
  readonly seconds: number;
  readonly seed: number;
  readonly user: "root" | "ordinary" | "both";
  readonly help: boolean;
}

const FLAG = { type: "boolean", default: false } as const;
const LONG_RACE_S = 60;
const SHORT_RACE_S = 6;
const USERS = ["root", "ordinary", "both"] as const;

/** @throws UsageError */
export function parseHostileOptions(argv: readonly string[]): HostileOptions {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        short: FLAG,
        attack: { type: "string" },
        race: FLAG,
        seconds: { type: "string" },
        seed: { type: "string" },
        user: { type: "string", default: "both" },
        help: FLAG,
      },
    });
    const user = USERS.find((each) => each === values.user);
    if (user === undefined) throw new UsageError(`--user is one of ${USERS.join(", ")}`);
    if (user === "root" && process.getuid?.() !== 0) throw new UsageError("--user root: this is not root");
    return {
      short: values.short,
      attack: values.attack,
      race: values.race,
      seconds: wholeNumber("seconds", values.seconds) ?? (values.short ? SHORT_RACE_S : LONG_RACE_S),
      seed: wholeNumber("seed", values.seed) ?? randomInt(2 ** 32),
      user,
      help: values.help,
    };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
