// The layout of sock_diag's messages. Sources: include/uapi/linux/{sock_diag,inet_diag,tcp}.h, Linux 6.18. The version
// behind a tcp_info field is the first that sends it. The kernel may send fewer bytes of tcp_info than these headers
// know, or more: only the attribute's own length tells.

export const SOCK_DIAG_BY_FAMILY = 20;
export const SOCK_DESTROY = 21;

export const AF_INET = 2;
export const AF_INET6 = 10;
export const IPPROTO_TCP = 6;

/** struct inet_diag_req_v2, bytes. */
export const INET_DIAG_REQUEST_BYTES = 56;
/** struct inet_diag_msg, bytes; attributes follow. */
export const INET_DIAG_MESSAGE_BYTES = 72;

//   inet_diag_req_v2                      inet_diag_msg
//    0 family, protocol, ext, pad          0 family, state, timer, retrans
//    4 states u32                          4 id (48 bytes)
//    8 id (48 bytes)                      52 expires u32, 56 rqueue, 60 wqueue, 64 uid, 68 inode
//
//   id: sport be16, dport be16, src 16 bytes, dst 16 bytes, interface u32, cookie 2 x u32

export const DiagAttribute = {
  REQ_BYTECODE: 1,
  INFO: 2,
  SKV6ONLY: 11,
  CGROUP_ID: 21,
} as const;

/** The bit that asks for an attribute in inet_diag_req_v2.ext. */
export function extensionBit(attribute: number): number {
  return 1 << (attribute - 1);
}

/** Offsets in struct tcp_info, bytes. */
export const TcpInfo = {
  /** u8 each: retransmits at 2, probes at 3. */
  STATE: 0,
  BACKOFF: 4,
  UNACKED: 24,
  LAST_DATA_SENT: 44,
  LAST_DATA_RECV: 52,
  LAST_ACK_RECV: 56,
  /** The fields up to total_retrans: all since 2.6. */
  BASE_BYTES: 104,
  /** u64, 4.1 */
  BYTES_ACKED: 120,
  BYTES_RECEIVED: 128,
  BYTES_RECEIVED_END: 136,
  /** u32, 4.6 */
  NOTSENT_BYTES: 144,
  NOTSENT_BYTES_END: 148,
  /** u32 each, 4.6 */
  DATA_SEGS_IN: 152,
  DATA_SEGS_OUT: 156,
  DATA_SEGS_END: 160,
  /** u64, 4.19 */
  BYTES_SENT: 200,
  BYTES_RETRANS: 208,
  BYTES_RETRANS_END: 216,
} as const;
