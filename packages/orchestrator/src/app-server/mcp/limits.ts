/** Logins that wait for their users at the same time. */
export const LOGINS_MAX = 32;

/** Sets of servers that are started for a listing or a resource alone, at the same time. */
export const SETS_ASIDE_MAX = 8;

/** Characters of what was given in the place of arguments, in an error. */
export const GIVEN_MAX_CHARACTERS = 256;
