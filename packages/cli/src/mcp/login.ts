import { createInterface } from "node:readline";
import { McpOAuthError } from "@holdfast/mcp";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, EXIT_OK, reasonOf } from "../command-line/failure.ts";
import { onOneLine, printableLines } from "../command-line/printable.ts";
import { Interruption } from "../signals/interruption.ts";
import { namedServer } from "./named-server.ts";
import { openPlaces } from "./open-servers.ts";
import { serverConfigs } from "./server-configs.ts";

/** `holdfast mcp login` */
export async function login(context: Context, args: Arguments): Promise<number> {
  const { stdin, stdout, stderr } = context;
  const configs = await serverConfigs(context, args);
  const server = namedServer(args, configs);
  if (configs.logins.store === "keyring") {
    const advice = "logins are kept in a file; set it to file, or sign in by a program that has one";
    throw new CommandFailure(
      `mcp_oauth_credentials_store in ${configs.file} is keyring, which is not supported: ${advice}`,
    );
  }
  const tell = (text: string): void => {
    stderr.write(printableLines(`holdfast mcp: ${onOneLine(text)}\n`));
  };
  using interruption = new Interruption("nobody is signed in");
  const { signal } = interruption;
  await using places = await openPlaces(context, configs.logins.redirect);
  try {
    const begun = await places.auth.login(server, { signal });
    tell(`open this in a browser, on any machine, to sign in to ${server.name}:`);
    stdout.write(printableLines(`${begun.authorizationUrl}\n`));
    tell("where the browser can't come back to this machine, paste the address here that it was sent to");
    const lines = createInterface({ input: stdin });
    lines.on("line", (line) => {
      if (line.trim() !== "") void begun.finish(line).catch((error: unknown) => tell(reasonOf(error)));
    });
    try {
      await begun.completed;
    } finally {
      lines.close();
    }
  } catch (error) {
    if (!(error instanceof McpOAuthError)) throw error;
    throw new CommandFailure(`failed to login to MCP server '${server.name}': ${error.message}`, { cause: error });
  }
  tell(`signed in to ${server.name}`);
  return EXIT_OK;
}

/** `holdfast mcp logout` */
export async function logout(context: Context, args: Arguments): Promise<number> {
  const server = namedServer(args, await serverConfigs(context, args));
  await using places = await openPlaces(context);
  const wasThere = await places.auth.logout(server);
  const text = wasThere ? `signed out of ${server.name}` : `nobody was signed in to ${server.name}`;
  context.stderr.write(printableLines(`holdfast mcp: ${onOneLine(text)}\n`));
  return EXIT_OK;
}
