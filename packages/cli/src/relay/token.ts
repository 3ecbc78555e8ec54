import { addToken, isEnvironmentPattern, isTokenName, TOKEN_ROLES } from "@holdfast/relay/tokens";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK, UsageError } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { expiryOf } from "./expiry.ts";
import { withTokensFile } from "./tokens-file.ts";

/** `holdfast relay token` */
export async function token({ stdout }: Pick<Context, "stdout">, args: Arguments, path: string): Promise<number> {
  const role = args.choice("role", TOKEN_ROLES);
  if (role === undefined) throw new UsageError(`missing --role ${TOKEN_ROLES.join("|")}`);
  const name = args.text("name");
  if (name !== undefined && !isTokenName(name)) {
    throw new UsageError("--name has up to 64 letters, digits, _ . @ + -, and blanks inside");
  }
  const expires = args.text("expires");
  const expiresAt = expires === undefined ? undefined : expiryOf(expires, Date.now());
  const environment = environmentOf(role, args.text("environment"));
  const { token: made } = await withTokensFile(() => addToken(path, { role, environment, name, expiresAt }));
  stdout.write(printableLines(`${made}\n`));
  return EXIT_OK;
}

function environmentOf(role: (typeof TOKEN_ROLES)[number], text: string | undefined): string {
  if (role === "monitor") {
    if (text !== undefined) throw new UsageError("--environment is not for --role monitor, which reads numbers of all");
    return "*";
  }
  if (text === undefined)
    throw new UsageError("missing --environment PATTERN: which ones the token is for, '*' for all");
  if (isEnvironmentPattern(text)) return text;
  throw new UsageError(
    `--environment must be an id of letters, digits, _ - . ~, in which * is anything, of up to 128 characters, not '${text}'`,
  );
}
