// How much of a message is read before it counts as endless. Real messages stay far below: a Kamailio response is under
// 1 kB, and the longest of RFC 4475 has 3.5 kB.

export const HEADERS_BYTES_MAX: number = 64 * 1024;
export const HEADERS_MAX = 1000;
export const MESSAGE_BODY_BYTES_MAX: number = 1024 * 1024;
