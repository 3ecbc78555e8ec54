type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The same variables without the folder of the login session. That folder goes with the last connection of the user, which is when an
 * executor has to stay.
 */
export function withoutLogin(env: Variables): Variables {
  return { ...env, XDG_RUNTIME_DIR: undefined };
}
