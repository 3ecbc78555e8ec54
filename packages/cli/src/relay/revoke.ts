import { revokeToken } from "@holdfast/relay/tokens";
import type { Context } from "../command-line/context.ts";
import { EXIT_OK } from "../command-line/failure.ts";
import { printableLines } from "../command-line/printable.ts";
import { withTokensFile } from "./tokens-file.ts";

/** `holdfast relay revoke` */
export async function revoke({ stdout }: Pick<Context, "stdout">, path: string, nameOrId: string): Promise<number> {
  const { name, role, environment } = await withTokensFile(() => revokeToken(path, nameOrId));
  stdout.write(printableLines(`${name} (${role} of ${environment}) is revoked\n`));
  return EXIT_OK;
}
