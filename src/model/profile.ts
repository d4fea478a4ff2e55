// A profile is a protocol's normal behaviour: how long its clients are silent, how much they say, and who answers whom.
// A protocol is a row of PROFILES here and a row of docs/configuration.md; no room names one.
//
// Sources of the numbers: sip RFC 5626 section 4.4.1 (pings 95-120 s apart on TCP); mqtt 3.1.1 section 3.1.2.10 (1.5 x the
// keep-alive, commonly 60 s); xmpp XEP-0198 and common whitespace pings; imap RFC 2177 (29 min); websocket ping frames behind
// common proxies' idle limits.
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
  /**
   * The smallest usual size of whole messages. It tells several of them in one scan from one and keep-alives. 0 if no
   * size is usual.
   */
  readonly messageBytes: number;
  /**
   * Whether a client's words count only if they are answered. Otherwise they count by themselves once one exchange is
   * known.
   */
  readonly needsAnswers: boolean;
  /** Whether clients may leave all the talking to the server, and only acknowledge it. */
  readonly listens: boolean;
  /** Whether they may do so once they have asked for something: they are subscribers, and are told what is new. */
  readonly subscribes: boolean;
  /** Age at which a connection that never sent a byte turns from fresh to silent. */
  readonly silentForMs: number;
  /** How long nothing may get through to the peer, or its window may be closed. */
  readonly stalledForMs: number;
  /** Silence that a punctual honest client never reaches; null if the protocol sets no such time. */
  readonly holdForMs: number | null;
}

/** The times that a command line may set in place of a profile's own; null if it sets none. */
export interface ProfileTimes {
  readonly silentForMs: number | null;
  readonly stalledForMs: number | null;
  readonly normalSilenceMs: number | null;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const STALLED_FOR_MS = 30 * SECOND;
const SPEAK_WITHIN_MS = 5 * SECOND;
/**
 * holdFor is this many times the normal silence, unless a row says otherwise. It keeps a client that pings exactly on
 * time away from the limit.
 */
export const HOLD_FACTOR = 1.5;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  sip: profile("sip", {
    normalSilenceMs: 120 * SECOND,
    silentForMs: 30 * SECOND,
    keepAliveBytes: 4,
    // Phones' requests have 400 to 900 bytes. One of 600 and a CRLFCRLF are 302 a segment.
    messageBytes: 320,
  }),
  mqtt: profile("mqtt", {
    normalSilenceMs: 90 * SECOND,
    silentForMs: 15 * SECOND,
    keepAliveBytes: 2,
    // The size of CONNECT and SUBSCRIBE with the shortest names. A CONNECT and a PINGREQ are 8 a segment.
    messageBytes: 12,
    // At QoS 0 nobody acknowledges a PUBLISH (MQTT 3.1.1, section 4.3.1).
    needsAnswers: false,
    holdForMs: 30 * MINUTE,
  }),
  xmpp: profile("xmpp", {
    normalSilenceMs: 300 * SECOND,
    silentForMs: 30 * SECOND,
    keepAliveBytes: 1,
    // The smallest messages are such as <auth/> and <iq/>.
    messageBytes: 64,
  }),
  imap: profile("imap", {
    normalSilenceMs: 29 * MINUTE,
    silentForMs: 60 * SECOND,
    speakWithinMs: null,
    listens: true,
    holdForMs: 45 * MINUTE,
  }),
  websocket: profile("websocket", {
    normalSilenceMs: 60 * SECOND,
    silentForMs: 15 * SECOND,
    keepAliveBytes: 6,
    // The size of the HTTP request. Frames are too small to tell from pings.
    messageBytes: 200,
    subscribes: true,
  }),
  generic: profile("generic", {
    normalSilenceMs: null,
    silentForMs: 60 * SECOND,
    speakWithinMs: null,
    listens: true,
  }),
};

/** The profile with some of its times set by hand. A normal silence set by hand sets holdFor as well. */
export function withTimes(
  profile: Profile,
  { silentForMs, stalledForMs, normalSilenceMs }: ProfileTimes,
): Profile {
  return {
    ...profile,
    silentForMs: silentForMs ?? profile.silentForMs,
    stalledForMs: stalledForMs ?? profile.stalledForMs,
    ...(normalSilenceMs === null ? {} : { normalSilenceMs, holdForMs: HOLD_FACTOR * normalSilenceMs }),
  };
}

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

type Usual = Pick<Profile, "normalSilenceMs" | "silentForMs">;

/** A profile from its row. Fields that the row leaves out are as in most protocols. */
function profile(name: ProfileName, row: Usual & Partial<Profile>): Profile {
  const { normalSilenceMs } = row;
  return {
    name,
    speakWithinMs: SPEAK_WITHIN_MS,
    keepAliveBytes: 0,
    messageBytes: 0,
    needsAnswers: true,
    listens: false,
    subscribes: false,
    stalledForMs: STALLED_FOR_MS,
    holdForMs: normalSilenceMs === null ? null : HOLD_FACTOR * normalSilenceMs,
    ...row,
  };
}
