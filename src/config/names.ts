// Names that people give: they appear in metrics, in rules and on command lines.

/** Without blanks, quotes and slashes; an ipset's name has at most 31 characters, so no room for long ones. */
export const NAME: RegExp = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,31}$/;

export const NAME_WORDS = "a name of at most 32 letters, digits and _ . : -, such as sip";
