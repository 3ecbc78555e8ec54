/** Characters of the list of skills that a model is told. */
export const SKILLS_TEXT_MAX = 16_384;

/** Characters of what a skill says of itself there. */
export const SKILL_WORDS_MAX = 1_024;
