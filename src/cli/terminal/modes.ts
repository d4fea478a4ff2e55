// The control sequences that take the terminal over and give it back. They are xterm's; a terminal ignores those that
// it does not know.

/** The alternate screen, no cursor, no wrapping at the right edge. */
export const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";

/** Undoes ENTER, whatever was being written: CAN ends a half-written sequence. Safe to send twice. */
export const LEAVE = "\x18\x1b[?2026l\x1b[0m\x1b[?1049l\x1b[?7h\x1b[?25h\x1b[0m";

/** Between these the terminal shows nothing, so that a frame appears at once (synchronized output). */
export const BEGIN_FRAME = "\x1b[?2026h";
export const END_FRAME = "\x1b[?2026l";
