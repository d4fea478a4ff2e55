// A profile is a protocol's normal behaviour: how long an honest client may be silent. Sources of the numbers: sip RFC
// 5626 section 4.4.1 (pings 95-120 s apart on TCP); mqtt 3.1.1 section 3.1.2.10 (1.5 x the keep-alive, commonly 60 s);
// xmpp XEP-0198 and common whitespace pings; imap RFC 2177 (29 min); websocket ping frames behind common proxies' idle
// limits.
//
// holdFor says how long one exchange alone may be held. It is 1.5 times that silence, with two exceptions. mqtt: the
// client chooses its keep-alive. Devices on batteries take up to 20 minutes (the longest that large brokers allow), and
// say nothing else between CONNECT and their first PUBLISH. imap: RFC 3501 section 5.4 lets a server wait 30 minutes at
// least.

export const PROFILE_NAMES = ["sip", "mqtt", "xmpp", "imap", "websocket", "generic"] as const;

export type ProfileName = (typeof PROFILE_NAMES)[number];

export interface Profile {
  readonly name: ProfileName;
  /** Silence after which a connection that has spoken is idle; null if the protocol sets no such time. */
  readonly normalSilenceMs: number | null;
  /** Age by which an honest client has said something; null if the server speaks first, or if nobody knows. */
  readonly speakWithinMs: number | null;
  /** A message of this size or less only keeps a connection alive. */
  readonly keepAliveBytes: number;
  /** Age at which a connection that never sent a byte turns from fresh to silent. */
  readonly silentForMs: number;
  /** How long a connection must be stuck to be stalled. */
  readonly stalledForMs: number;
  /** Silence that a punctual honest client never reaches; null if the protocol sets no such time. */
  readonly holdForMs: number | null;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const STALLED_FOR_MS = 30 * SECOND;
const SPEAK_WITHIN_MS = 5 * SECOND;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  sip: profile("sip", 120 * SECOND, 30 * SECOND, { keepAliveBytes: 4 }),
  mqtt: profile("mqtt", 90 * SECOND, 15 * SECOND, { keepAliveBytes: 2, holdForMs: 30 * MINUTE }),
  xmpp: profile("xmpp", 300 * SECOND, 30 * SECOND, { keepAliveBytes: 1 }),
  imap: profile("imap", 29 * MINUTE, 60 * SECOND, { speakWithinMs: null, holdForMs: 45 * MINUTE }),
  websocket: profile("websocket", 60 * SECOND, 15 * SECOND, { keepAliveBytes: 6 }),
  generic: profile("generic", null, 60 * SECOND, { speakWithinMs: null }),
};

/** Ports whose connections begin with a TLS handshake, by IANA or by habit. */
const TLS_PORTS: ReadonlySet<number> = new Set([443, 993, 5061, 5223, 5270, 8089, 8443, 8883]);

export function isTlsPort(port: number): boolean {
  return TLS_PORTS.has(port);
}

/**
 * The profile of a port that IANA gives to one of the protocols, else generic. WebSocket is never guessed, because it
 * shares HTTP's ports.
 */
export function profileOfPort(port: number): Profile {
  return PROFILES[WELL_KNOWN_PORTS.get(port) ?? "generic"];
}

const WELL_KNOWN_PORTS: ReadonlyMap<number, ProfileName> = new Map<number, ProfileName>([
  [5060, "sip"],
  [5061, "sip"],
  [1883, "mqtt"],
  [8883, "mqtt"],
  [5222, "xmpp"],
  [5223, "xmpp"],
  [5269, "xmpp"],
  [5270, "xmpp"],
  [143, "imap"],
  [993, "imap"],
]);

function profile(
  name: ProfileName,
  normalSilenceMs: number | null,
  silentForMs: number,
  different: Partial<Profile>,
): Profile {
  return {
    name,
    normalSilenceMs,
    speakWithinMs: SPEAK_WITHIN_MS,
    keepAliveBytes: 0,
    silentForMs,
    stalledForMs: STALLED_FOR_MS,
    // The factor 1.5 keeps a client that pings exactly on time away from the limit.
    holdForMs: normalSilenceMs === null ? null : 1.5 * normalSilenceMs,
    ...different,
  };
}
