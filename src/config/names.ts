// Names that people give: they appear in metrics, in rules and on command lines.

/** Without blanks, quotes and slashes, so that a name is one word everywhere; short, since it stands in tables. */
export const NAME_PATTERN: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,31}$/;

export const NAME_WORDS = "a name of at most 32 letters, digits and _ . : -, such as sip";
