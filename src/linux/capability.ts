// Tells whether this kernel can do what Sockwarden asks of it. Its requests change nothing.

import { AF_INET, INET_DIAG_REQUEST_BYTES, IPPROTO_TCP, SOCK_DESTROY } from "./inet-diag-layout.ts";
import { Errno, errorText } from "./libc.ts";
import { decodeAcknowledgement } from "./netlink-ack.ts";
import { encodeAttribute, encodeMessage, MessageFlag } from "./netlink-message.ts";
import { NetlinkError, NetlinkProtocol, type NetlinkTransport, openNetlinkSocket } from "./netlink-socket.ts";

export type Capability =
  | { readonly kind: "works" }
  | { readonly kind: "missing"; readonly reason: string }
  /** The kernel does not tell without more rights. */
  | { readonly kind: "unknown"; readonly reason: string };

type Open = () => NetlinkTransport & Disposable;

/**
 * Asks for SOCK_DESTROY of a socket that cannot exist (port 0). A kernel that can do it says that there is none, even
 * to an ordinary user. A kernel built without CONFIG_INET_DIAG_DESTROY says that it does not support the operation.
 */
export function probeDestroy(open: Open = openDiag): Capability {
  const body = new Uint8Array(INET_DIAG_REQUEST_BYTES);
  body[0] = AF_INET;
  body[1] = IPPROTO_TCP;
  return capabilityOf(open, SOCK_DESTROY, body, {
    [Errno.ENOENT]: "works",
    [Errno.EOPNOTSUPP]: "this kernel is built without CONFIG_INET_DIAG_DESTROY",
  });
}

/** For each subsystem a message that only reads, of include/uapi/linux/netfilter/{nf_tables,ipset/ip_set}.h. */
const NETFILTER: Readonly<
  Record<"nftables" | "ipset", { readonly type: number; readonly attributes: Uint8Array }>
> = {
  /** NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN */
  nftables: { type: (10 << 8) | 16, attributes: new Uint8Array(0) },
  /** NFNL_SUBSYS_IPSET, IPSET_CMD_PROTOCOL with IPSET_ATTR_PROTOCOL 6 */
  ipset: { type: (6 << 8) | 1, attributes: encodeAttribute(1, Uint8Array.of(6)) },
};

/** Asks nftables or ipset for its generation or its protocol's version. Needs CAP_NET_ADMIN. */
export function probeNetfilter(what: "nftables" | "ipset", open: Open = openNetfilter): Capability {
  const { type, attributes } = NETFILTER[what];
  const nfgenmsg = Uint8Array.of(AF_INET, 0, 0, 0);
  const body = new Uint8Array([...nfgenmsg, ...attributes]);
  return capabilityOf(open, type, body, {
    0: "works",
    [Errno.EINVAL]: `this kernel has no ${what}, and no module for it`,
  });
}

const openDiag: Open = () => openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
const openNetfilter: Open = () => openNetlinkSocket(NetlinkProtocol.NETFILTER);
const SEQUENCE = 1;
const ANSWERS_MAX = 8;

/** Sends a request that changes nothing. `meanings` says which errnos mean that it works, or why it cannot. */
function capabilityOf(
  open: Open,
  type: number,
  body: Uint8Array,
  meanings: Readonly<Record<number, string>>,
): Capability {
  try {
    using transport = open();
    const flags = MessageFlag.REQUEST | MessageFlag.ACK;
    transport.send(encodeMessage({ type, flags, sequence: SEQUENCE }, body));
    const errno = awaitErrno(transport);
    const meaning = meanings[errno];
    if (meaning === "works") return { kind: "works" };
    if (meaning !== undefined) return { kind: "missing", reason: meaning };
    return errno === Errno.EPERM
      ? { kind: "unknown", reason: "only root may ask" }
      : { kind: "missing", reason: errorText(errno) };
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    return { kind: "missing", reason: error.message };
  }
}

function awaitErrno(transport: NetlinkTransport): number {
  const expected = { sequence: SEQUENCE, portId: transport.portId };
  for (let answers = 0; answers < ANSWERS_MAX; answers++) {
    // The answer comes before the acknowledgement.
    const answer = decodeAcknowledgement(transport.buffer, transport.receive(), expected);
    if (answer !== null) return answer.errno;
  }
  throw new NetlinkError("refused", "probe the kernel", "no acknowledgement");
}
