// The judge's rule that takes from banned sources what they hold, by the name that its evictions carry.

export const BANNED = "banned";
