import { LOCAL_ENVIRONMENT_ID } from "../environments/environment-definition.ts";
import type { EnvironmentRegistry } from "../environments/environment-registry.ts";
import type { ProfilePlace } from "./named-profile.ts";

const HERE: ProfilePlace = {
  pathConvention: process.platform === "win32" ? "windows" : "posix",
  userHomeDir: undefined,
};

/** Where a profile is tried before it is used anywhere: this machine. Without an environment for that, one where nobody has a home. */
export async function profilePlace(environments: EnvironmentRegistry): Promise<ProfilePlace> {
  const local = environments.get(LOCAL_ENVIRONMENT_ID);
  return local === undefined ? HERE : (await local.executor()).environment;
}
