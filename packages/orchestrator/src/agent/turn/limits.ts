/** Milliseconds that an approval is waited for: people go home. Then it is declined. */
export const APPROVAL_WAIT_MAX_MS = 86_400_000;

/** Calls of tools in one response; what is above is answered unheard. */
export const CALLS_PER_RESPONSE_MAX = 256;

/** Responses of a model in one turn. */
export const RESPONSES_PER_TURN_MAX = 10_000;

/** Entries that one response adds to a conversation. */
export const ITEMS_PER_RESPONSE_MAX = 4_096;

/** Most UTF-16 code units of the arguments of one call. */
export const ARGUMENTS_MAX_LENGTH = 8_388_608;

/** Most UTF-16 code units of what a call gives back as text. */
export const OUTPUT_MAX_LENGTH = 1_048_576;

/** Milliseconds that the end of a command is told after its exit, before its call is answered. */
export const COMMAND_END_MS = 250;

/** Tokens that a model takes, where the configuration does not say. */
export const CONTEXT_WINDOW_TOKENS = 272_000;

/** Part of it that a conversation may fill. */
export const USABLE_WINDOW = 0.95;

/** Part of it at which a conversation is made shorter. */
export const COMPACTION_WINDOW = 0.9;

/** Milliseconds that a command of the user may take. */
export const SHELL_COMMAND_MAX_MS = 3_600_000;

/** UTF-16 code units of its output that a model is told: the beginning and the end. */
export const SHELL_OUTPUT_MAX_LENGTH = 40_000;

/** UTF-16 code units of what was said, as JSON, that a conversation keeps when it is made shorter; some 20,000 tokens. */
export const KEPT_WORDS_MAX_LENGTH = 80_000;

/** Milliseconds that a turn waits until its first environment is connected. */
export const FIRST_ENVIRONMENT_MAX_MS = 30_000;
