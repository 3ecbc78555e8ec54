/** How a message begins that says that a turn was interrupted. */
export const ABORTED = "<turn_aborted>";

/** How a message begins that tells of a command of the user. */
export const SHELL_COMMAND = "<user_shell_command>";

/** What a model is told of an interruption. */
export const ABORTED_TEXT = `${ABORTED}\nThe user stopped this turn. What was running may have been done in part, or go on in the background: look before you rely on it.\n</turn_aborted>`;
