import type { Api } from "../api.ts";
import { APP_SERVER } from "./app-server.ts";
import { EXEC_SERVER } from "./exec-server.ts";
import { HOLDFAST } from "./holdfast.ts";
import { PATH_URI } from "./path-uri.ts";
import { PERMISSION_PROFILE } from "./permission-profile.ts";

/** From the one that depends on nobody to the one that depends on the others. */
export const APIS: readonly Api[] = [PATH_URI, PERMISSION_PROFILE, EXEC_SERVER, HOLDFAST, APP_SERVER];
